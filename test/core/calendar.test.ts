import * as fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, test } from 'vitest'
import { calendarOf, dayMs, hourMs } from '../../core/calendar.ts'

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe', // clocks move by half an hour
  'Asia/Kathmandu', // 5 h 45 min
  'Pacific/Apia', // a calendar day was skipped
  'America/Sao_Paulo', // clocks moved at midnight
  'Africa/Casablanca',
]
const instant = fc.integer({ min: Date.UTC(2010, 0, 1), max: Date.UTC(2030, 0, 1) })
const at = (text: string) => Date.parse(text)

describe.each(zones)('%s', (zone) => {
  const calendar = calendarOf(zone)
  const zoned = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone)

  test('days before is the same wall-clock time, where it exists', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 1, max: 90 }), (ms, days) => {
        const before = calendar.daysBefore(ms, days)
        expect(before).toBe(zoned(ms).subtract({ days }).epochMilliseconds)
        expect(calendar.daysBefore(ms, days)).toBe(before)
      }),
      { numRuns: 50 },
    )
  })

  test('the minute is what a clock there shows', () => {
    fc.assert(
      fc.property(instant, (ms) => {
        const { hour, minute } = zoned(ms).toPlainTime()
        expect(calendar.minuteOf(ms)).toBe(hour * 60 + minute)
      }),
      { numRuns: 50 },
    )
  })

  test('midnights are the starts of its days', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: 20 * 24 }), (from, hours) => {
        const to = from + hours * hourMs
        const midnights = calendar.midnights(from, to)
        expect(midnights).toEqual(
          midnights.filter((each) => zoned(each).startOfDay().epochMilliseconds === each),
        )
        expect(midnights.every((each) => each >= from && each <= to)).toBe(true)
        const days = new Set<string>()
        for (let ms = from; ms <= to; ms += hourMs / 4) days.add(zoned(ms).toPlainDate().toString())
        const begun = new Set(midnights.map((each) => zoned(each).toPlainDate().toString()))
        days.delete(zoned(from).toPlainDate().toString())
        for (const day of days) expect(begun).toContain(day)
      }),
      { numRuns: 30 },
    )
  })

  test('two instants are of one day when their dates are the same', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: 2 * dayMs }), (ms, later) => {
        const sameDay = zoned(ms)
          .toPlainDate()
          .equals(zoned(ms + later).toPlainDate())
        expect(calendar.dayOf(ms) === calendar.dayOf(ms + later)).toBe(sameDay)
      }),
      { numRuns: 50 },
    )
  })
})

test('a day with a clock change has 23 or 25 hours and is still one day', () => {
  const { midnights } = calendarOf('America/New_York')
  expect(midnights(at('2026-03-08T05:00:00Z'), at('2026-03-09T04:00:00Z'))).toEqual([
    at('2026-03-08T05:00:00Z'),
    at('2026-03-09T04:00:00Z'),
  ])
  expect(midnights(at('2026-11-01T04:00:00Z'), at('2026-11-02T05:00:00Z'))).toHaveLength(2)
})
