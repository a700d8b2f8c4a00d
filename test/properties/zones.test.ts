import { describe, expect, test } from 'vitest'
import { calendarOf } from '../../core/calendar.ts'
import {
  clockChanges,
  dayStart,
  instantOfWall,
  isDayStart,
  localMidnight,
  wallOf,
  windowStart,
} from './wall-clock.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const isLong = process.env['HISTORIES'] !== undefined

/** Zones with the same clock changes have the same rules for these years. */
function zonesByRules(from: number, to: number): { zone: string; changes: number[] }[] {
  const byRules = new Map<string, { zone: string; changes: number[] }>()
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    const changes = clockChanges(zone, from, to)
    if (changes.length === 0) continue
    const offsets = [from, ...changes].map((at) => wallOf(at, zone) - at)
    const key = isLong ? zone : JSON.stringify([changes, offsets])
    if (!byRules.has(key)) byRules.set(key, { zone, changes })
  }
  return [...byRules.values()]
}

/** Clock changes that are odd: half hours, quarters, a day that is not there, days that begin at one o'clock. */
const odd = [
  { zone: 'Australia/Lord_Howe', from: '2025-01-01', to: '2027-01-01', what: 'half an hour' },
  { zone: 'Asia/Kathmandu', from: '1985-06-01', to: '1986-06-01', what: 'a quarter of an hour, once' },
  { zone: 'Pacific/Chatham', from: '2025-01-01', to: '2027-01-01', what: 'at a quarter to' },
  { zone: 'Pacific/Apia', from: '2011-06-01', to: '2012-06-01', what: 'a day that was skipped' },
  { zone: 'Pacific/Kwajalein', from: '1993-06-01', to: '1994-01-01', what: 'a day that was skipped' },
  { zone: 'Antarctica/Troll', from: '2025-01-01', to: '2027-01-01', what: 'two hours' },
  { zone: 'Africa/Casablanca', from: '2025-01-01', to: '2027-06-01', what: 'around Ramadan' },
  { zone: 'America/Caracas', from: '2007-06-01', to: '2016-12-01', what: 'half an hour, twice' },
  { zone: 'America/Santiago', from: '2024-01-01', to: '2027-01-01', what: 'at midnight' },
  { zone: 'America/St_Johns', from: '2006-01-01', to: '2012-01-01', what: 'a minute after midnight' },
  { zone: 'Asia/Pyongyang', from: '2015-01-01', to: '2019-01-01', what: 'half an hour, there and back' },
]

/** Instants around a clock change, and some that lie weeks behind it, at the edges and in the middle of hours. */
function instantsAround(change: number, zone: string): number[] {
  const near = [-day, -hour, -30 * minute, -1, 0, 1, 15 * minute, 30 * minute, hour, 2 * hour, day]
  const later = [7, 90].flatMap((days) => [-1, 0, 30 * minute].map((by) => days * day + by))
  const midnight = localMidnight(wallOf(change, zone))
  // The starts of days, and the times that did not exist or came twice, so many days later.
  const walls = [0, 1, 7, 30].flatMap((days) =>
    [midnight, midnight + 30 * minute, midnight + 90 * minute, wallOf(change, zone) - 1].map((wall) =>
      instantOfWall(wall + days * day, zone),
    ),
  )
  return [...near, ...later].map((by) => change + by).concat(walls)
}

/** Everything in which the calendar differs from what Intl says of the days around a zone's clock changes. */
function differencesIn(zone: string, changes: readonly number[]): unknown[] {
  const calendar = calendarOf(zone)
  const found: unknown[] = []
  const compare = (what: string, at: number, actual: number, expected: number) => {
    if (actual === expected) return
    found.push({ zone, what, at: iso(at), actual: iso(actual), expected: iso(expected) })
  }
  for (const change of changes) {
    for (const at of instantsAround(change, zone)) {
      for (const days of [1, 7, 30, 90]) {
        compare(`${days} d before`, at, calendar.daysBefore(at, days), windowStart(at, days, zone))
      }
    }
    const first = localMidnight(wallOf(change, zone)) - 3 * day
    const starts = Array.from({ length: 7 }, (_, days) => dayStart(first + days * day, zone)).filter(
      (start) => start !== undefined,
    )
    const listed = calendar.midnights(starts[0]!, starts.at(-1)!)
    if (JSON.stringify(listed) !== JSON.stringify(starts))
      found.push({ zone, listed: listed.map(iso), starts: starts.map(iso) })
    for (const [position, start] of starts.entries()) {
      const next = starts[position + 1]
      if (next === undefined) break
      compare('the day of its start', start, calendar.dayOf(start), start)
      compare('the day of its last millisecond', next - 1, calendar.dayOf(next - 1), start)
      compare('the day before', next, calendar.daysBefore(next, 1), start)
    }
  }
  return found
}

const iso = (at: number) => new Date(at).toISOString()

describe('windows begin where Intl says, searched by bisection', () => {
  test('in every time zone, around every clock change of 2020 to 2030', { timeout: 600_000 }, () => {
    const zones = zonesByRules(Date.UTC(2020, 0, 1), Date.UTC(2031, 0, 1))
    expect(zones.length).toBeGreaterThan(30)
    expect(zones.flatMap(({ zone, changes }) => differencesIn(zone, changes))).toEqual([])
  })

  test.each(odd)('in $zone ($what), $from to $to', ({ zone, from, to }) => {
    const changes = clockChanges(zone, Date.parse(from), Date.parse(to))
    expect(changes).not.toEqual([])
    expect(differencesIn(zone, changes)).toEqual([])
  })

  test('days have 23, 24 or 25 hours, and the odd ones what their zone says', () => {
    const hoursOf = (zone: string, text: string) => {
      const start = dayStart(Date.parse(`${text}T00:00:00Z`), zone)!
      const next = calendarOf(zone).midnights(start + 1, start + 3 * day)[0]!
      return (next - start) / hour
    }
    expect(hoursOf('America/New_York', '2026-03-08')).toBe(23)
    expect(hoursOf('America/New_York', '2026-11-01')).toBe(25)
    expect(hoursOf('Australia/Lord_Howe', '2026-10-04')).toBe(23.5)
    expect(hoursOf('Antarctica/Troll', '2026-03-29')).toBe(22)
    expect(hoursOf('America/Santiago', '2026-09-06')).toBe(23)
    expect(hoursOf('Pacific/Apia', '2011-12-29')).toBe(24)
    expect(isDayStart(Date.parse('2026-09-06T04:00:00Z'), 'America/Santiago')).toBe(true)
  })
})
