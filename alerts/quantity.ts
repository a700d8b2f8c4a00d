import { formatDuration, parseDuration } from '../core/duration.ts'
import { Rejected } from '../core/errors.ts'
import type { Unit } from './metrics.ts'

const examples: Record<Unit, string> = {
  rate: '15%',
  duration: '2d or 36h',
  perDay: '0.5/day or 2/week',
  count: '3',
}

const daysOf: Readonly<Record<string, number>> = { day: 1, week: 7, month: 30 }

/**
 * A threshold as it is written, in the unit of the points: rates from 0 to 1, durations in seconds, frequencies a day.
 * Throws Rejected where it is of another unit, with what is right.
 */
export function parseQuantity(text: string | number, unit: Unit): number {
  const written = String(text).trim()
  const found = read(written, unit)
  if (found !== undefined) return found
  throw new Rejected(`${written} is no ${nameOf(unit)}; write ${examples[unit]}`)
}

function read(text: string, unit: Unit): number | undefined {
  switch (unit) {
    case 'rate': {
      const [, percent] = /^(\d+(?:\.\d+)?)\s*%$/.exec(text) ?? []
      return percent === undefined || Number(percent) > 100 ? undefined : Number(percent) / 100
    }
    case 'duration':
      return /^(?:\d+(?:\.\d+)?[wdhms])+$/.test(text) ? parseDuration(text) / 1000 : undefined
    case 'perDay': {
      const [, count, span] = /^(\d+(?:\.\d+)?)\s*\/\s*(day|week|month)$/.exec(text) ?? []
      return count === undefined ? undefined : Number(count) / daysOf[span!]!
    }
    case 'count':
      return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined
  }
}

function nameOf(unit: Unit): string {
  return { rate: 'rate', duration: 'duration', perDay: 'frequency', count: 'number' }[unit]
}

/** As people read it: `31.2 %`, `1d4h`, `0.43 a day`, `3`. */
export function formatQuantity(value: number, unit: Unit): string {
  switch (unit) {
    case 'rate':
      return `${short(100 * value)} %`
    case 'duration':
      return value >= 3600 ? formatDuration(Math.round(value / 60) * 60_000) : formatDuration(value * 1000)
    case 'perDay':
      return `${short(value)} a day`
    case 'count':
      return short(value)
  }
}

/** Three digits that say something. */
function short(value: number): string {
  return String(Number(value.toPrecision(3)))
}
