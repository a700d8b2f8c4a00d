import { Temporal } from 'temporal-polyfill'
import { lowerBound } from './statistics.ts'

export const hourMs = 3_600_000
export const dayMs = 86_400_000

/** Local-day arithmetic of one time zone. Instants are epoch ms. */
export interface Calendar {
  timezone: string
  /**
   * The instant `days` calendar days before, at the same wall-clock time. The start of a day goes back to the start
   * of a day, whatever its time: where clocks skip midnight it is one o'clock, and the days would not join.
   */
  daysBefore(at: number, days: number): number
  /** The local midnights (starts of days) in [from, to], ascending. */
  midnights(from: number, to: number): number[]
  /** A number that is the same for two instants exactly when they lie in the same local day. */
  dayOf(at: number): number
  /** The day of the week there: 1 for Monday to 7 for Sunday. */
  weekday(at: number): number
  /** The minutes since midnight that a clock there shows: of an hour that comes twice the same again. */
  minuteOf(at: number): number
}

const calendars = new Map<string, Calendar>()

/** The calendar of an IANA zone; results are remembered, for zone rules are slow to ask. */
export function calendarOf(timezone: string): Calendar {
  let calendar = calendars.get(timezone)
  if (!calendar) {
    calendar = createCalendar(timezone)
    calendars.set(timezone, calendar)
  }
  return calendar
}

function createCalendar(timezone: string): Calendar {
  const remembered = new Map<number, Map<number, number>>()
  const weekdays = new Map<number, number>()
  /** Starts of consecutive local days; grown at both ends as instants are asked for. */
  let starts: number[] = []

  const zoned = (at: number) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone)

  function cover(from: number, to: number): void {
    if (starts.length === 0) starts = [zoned(from).startOfDay().epochMilliseconds]
    if (from < starts[0]!) {
      const earlier: number[] = []
      let first = starts[0]!
      // By the date, not by the instant: of a day that a zone skipped the start is that of the next.
      let date = zoned(first).toPlainDate()
      while (first > from) {
        date = date.subtract({ days: 1 })
        const start = date.toZonedDateTime(timezone).epochMilliseconds
        if (start < first) earlier.push((first = start))
      }
      starts = [...earlier.toReversed(), ...starts]
    }
    let last = starts.at(-1)!
    while (last <= to) {
      last = zoned(last).toPlainDate().add({ days: 1 }).toZonedDateTime(timezone).epochMilliseconds
      starts.push(last)
    }
  }

  /** Of the start of a day, the start of the day that many before. A day that a zone skipped is none. */
  function startBefore(at: number, days: number): number | undefined {
    cover(at - (days + 3) * dayMs, at)
    const position = lowerBound(starts, at)
    return starts[position] === at ? starts[position - days] : undefined
  }

  function dayOf(at: number): number {
    cover(at, at)
    return starts[lowerBound(starts, at + 1) - 1]!
  }

  return {
    timezone,
    daysBefore(at, days) {
      let ofDays = remembered.get(days)
      if (!ofDays) remembered.set(days, (ofDays = new Map()))
      let before = ofDays.get(at)
      if (before === undefined) {
        before = startBefore(at, days) ?? zoned(at).subtract({ days }).epochMilliseconds
        if (ofDays.size > 100_000) ofDays.clear()
        ofDays.set(at, before)
      }
      return before
    },
    midnights(from, to) {
      if (to < from) return []
      cover(from, to)
      return starts.slice(lowerBound(starts, from), lowerBound(starts, to + 1))
    },
    dayOf,
    weekday(at) {
      const day = dayOf(at)
      let weekday = weekdays.get(day)
      if (weekday === undefined) weekdays.set(day, (weekday = zoned(day).dayOfWeek))
      return weekday
    },
    minuteOf(at) {
      const { hour, minute } = zoned(at)
      return hour * 60 + minute
    },
  }
}

/** ISO 8601 in UTC with milliseconds, as every output writes instants. */
export function isoOf(at: number): string {
  return new Date(at).toISOString()
}
