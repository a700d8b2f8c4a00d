import { Rejected } from './errors.ts'

/**
 * An instant as epoch milliseconds, from what the vendors send: ISO 8601 with `Z` or an offset (with or
 * without colon), up to nine digits below the second (cut to milliseconds), a space instead of the `T`,
 * ` UTC` at the end, or a number of milliseconds since 1970. A text without a zone is refused, for it may
 * be any of 24 hours; so is a day that no calendar has. Throws Rejected, beginning with `name`.
 */
export function parseInstant(value: unknown, name: string): number {
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw new Rejected(`${name}: ${shown(value)} is no instant; ${example}`)
  }
  return typeof value === 'number' ? fromNumber(value, name) : fromText(value, name)
}

/** `2026-03-02T05:00:00.000Z`. */
export function formatInstant(at: number): string {
  return new Date(at).toISOString()
}

/** What was given, short enough for one line of an error. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

const example = 'write it as 2026-03-02T10:00:00Z'

// Below this a number of milliseconds lies before March 1973, while as seconds it is a date of today.
const leastMilliseconds = 100_000_000_000

function fromNumber(value: number, name: string): number {
  if (!(value > 0 && value <= 8.64e15)) {
    throw new Rejected(`${name}: ${shown(value)} is no instant; ${example}`)
  }
  if (value < leastMilliseconds) {
    throw new Rejected(
      `${name}: ${value} looks like seconds; write milliseconds since 1970, or ${iso(value)}`,
    )
  }
  return Math.floor(value)
}

function iso(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
}

const pattern =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?([Zz]|UTC|GMT|[+-]\d\d(?::?\d\d)?))?$/

function fromText(text: string, name: string): number {
  return fromUtc(text) ?? fromAny(text, name)
}

/**
 * `2026-03-02T10:00:00Z` and `2026-03-02T10:00:00.000Z`: nearly every instant there is, and an import reads
 * millions of them, which the pattern below would take ten times as long for. Undefined for all others.
 */
function fromUtc(text: string): number | undefined {
  const { length } = text
  if ((length !== 20 && length !== 24) || text.charCodeAt(length - 1) !== 90) return undefined
  if (text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':') {
    return undefined
  }
  if (length === 24 && text[19] !== '.') return undefined
  const hour = digits(text, 11, 13)
  const minute = digits(text, 14, 16)
  const second = digits(text, 17, 19)
  const milliseconds = length === 24 ? digits(text, 20, 23) : 0
  const midnight = midnightOf(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10))
  if (midnight === undefined || !isOnClock(hour, minute, second)) return undefined
  const at = midnight + hour * 3_600_000 + minute * 60_000 + second * 1000 + milliseconds
  return Number.isNaN(at) ? undefined : at
}

/** NaN where one of the characters is no digit. */
function digits(text: string, from: number, to: number): number {
  let value = 0
  for (let index = from; index < to; index += 1) {
    const digit = text.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

function fromAny(text: string, name: string): number {
  const parts = pattern.exec(text)
  if (parts === null) throw notAnInstant(text, name)
  const [, year, month, day, hour, minute, second = '0', fraction, zone] = parts
  if (zone === undefined) {
    const written = text.replace(' ', 'T')
    throw new Rejected(`${name}: ${shown(text)} has no zone; write ${written}Z or with an offset`)
  }
  const offset = offsetMinutes(zone)
  if (!isOnClock(Number(hour), Number(minute), Number(second)) || offset === undefined) {
    throw new Rejected(`${name}: ${shown(text)} is no time of day; ${example}`)
  }
  const milliseconds = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'))
  const midnight = midnightOf(Number(year), Number(month), Number(day))
  if (midnight === undefined) throw new Rejected(`${name}: ${shown(text)} is a day that does not exist`)
  const minutes = Number(hour) * 60 + Number(minute) - offset
  return midnight + minutes * 60_000 + Number(second) * 1000 + milliseconds
}

function notAnInstant(text: string, name: string): Rejected {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    return new Rejected(`${name}: ${shown(text)} has no time of day; write ${text}T00:00:00Z`)
  }
  return new Rejected(`${name}: ${shown(text)} is no instant; ${example}`)
}

function isOnClock(hour: number, minute: number, second: number): boolean {
  return hour < 24 && minute < 60 && second < 60
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function midnightOf(year: number, month: number, day: number): number | undefined {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = month === 2 && isLeap ? 29 : (monthDays[month - 1] ?? 0)
  if (!(day >= 1 && day <= days)) return undefined
  // Date.UTC reads the years 0 to 99 as 1900 to 1999; the calendar repeats every 400 years.
  if (year < 100) return Date.UTC(year + 400, month - 1, day) - millisecondsIn400Years
  return Date.UTC(year, month - 1, day)
}

const millisecondsIn400Years = 146_097 * 86_400_000

/** Minutes east of Greenwich; undefined where the offset is none. */
function offsetMinutes(zone: string): number | undefined {
  const sign = zone[0]
  if (sign !== '+' && sign !== '-') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = zone.length > 3 ? Number(zone.slice(-2)) : 0
  if (hours > 23 || minutes > 59) return undefined
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes)
}
