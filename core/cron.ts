import { Rejected } from './errors.ts'

interface Field {
  name: string
  from: number
  to: number
  names: readonly string[]
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const fields: readonly Field[] = [
  { name: 'minute', from: 0, to: 59, names: [] },
  { name: 'hour', from: 0, to: 23, names: [] },
  { name: 'day of the month', from: 1, to: 31, names: [] },
  { name: 'month', from: 1, to: 12, names: months },
  { name: 'day of the week', from: 0, to: 7, names: weekdays },
]

const monthLengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/**
 * Five cron fields as they are, with single spaces; numbers, names of months and weekdays, lists, ranges and
 * steps. Throws Rejected. Refuses what schedulers read differently: a day of the month and a day of the week
 * at once mean "either" to cron and "both" to node-cron.
 */
export function checkCron(text: string): string {
  const parts = text.trim().split(/\s+/)
  if (parts.length !== fields.length) {
    const count = text.trim() === '' ? 'no' : parts.length
    throw new Rejected(
      `"${text}" has ${count} fields; write five: minute, hour, day of the month, month, day of the week`,
    )
  }
  const values = fields.map((field, index) => valuesOf(parts[index]!, field))
  if (parts[2] !== '*' && parts[4] !== '*') {
    throw new Rejected(
      `"${text}" sets a day of the month and a day of the week; set one and write * for the other`,
    )
  }
  const longest = Math.max(...values[3]!.map((month) => monthLengths[month - 1]!))
  if (Math.min(...values[2]!) > longest) throw new Rejected(`"${text}" is a day that never comes`)
  return parts.join(' ')
}

/** All values that a field names, `*` included. */
function valuesOf(text: string, field: Field): number[] {
  return text.split(',').flatMap((item) => {
    const parts = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(item)
    if (!parts) throw wrong(item, field)
    const [, star, first = '', last, step] = parts
    if (step !== undefined && (Number(step) === 0 || (!star && last === undefined))) {
      throw new Rejected(
        `"${item}" is no step; write */${Number(step) || 5}, or a range such as ${field.from}-${field.to}/5`,
      )
    }
    const from = star ? field.from : valueOf(first, item, field)
    const to = star ? field.to : valueOf(last ?? first, item, field)
    if (from > to) throw new Rejected(`${field.name} "${item}" runs backwards; write two ranges with a comma`)
    const values: number[] = []
    for (let value = from; value <= to; value += Number(step ?? 1)) values.push(value)
    return values
  })
}

function valueOf(text: string, item: string, field: Field): number {
  const named = field.names.indexOf(text.toLowerCase())
  if (named >= 0) return named + field.from
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= field.from && value <= field.to)) throw wrong(item, field)
  return value
}

function wrong(item: string, field: Field): Rejected {
  return new Rejected(`"${item}" is no ${field.name}; write * or a number from ${field.from} to ${field.to}`)
}

/** Tells of an instant (epoch ms) whether its minute, in UTC, is one that the fields name. Throws Rejected. */
export function cronMatcher(text: string): (at: number) => boolean {
  const parts = checkCron(text).split(' ')
  const [minutes, hours, days, monthsOf, weekdaysOf] = fields.map(
    (field, index) => new Set(valuesOf(parts[index]!, field)),
  )
  // Sunday is 0 and 7.
  if (weekdaysOf!.has(7)) weekdaysOf!.add(0)
  return (at) => {
    const date = new Date(at)
    return (
      minutes!.has(date.getUTCMinutes()) &&
      hours!.has(date.getUTCHours()) &&
      days!.has(date.getUTCDate()) &&
      monthsOf!.has(date.getUTCMonth() + 1) &&
      weekdaysOf!.has(date.getUTCDay())
    )
  }
}
