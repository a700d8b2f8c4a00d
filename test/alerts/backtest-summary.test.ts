import { expect, test } from 'vitest'
import type { Firing } from '../../alerts/backtest.ts'
import { shareOf, summarize } from '../../alerts/backtest-summary.ts'
import { calendarOf, dayMs } from '../../core/calendar.ts'
import { randomFrom } from '../../bench/random.ts'

const start = Date.UTC(2026, 0, 30)
const span = { from: start, to: start + 40 * dayMs }

function firing(service: string, fromDay: number, toDay: number | undefined): Firing {
  return {
    subject: { service, team: 'web', environment: 'production', detail: '' },
    labels: { service },
    from: start + fromDay * dayMs,
    to: toDay === undefined ? undefined : start + toDay * dayMs,
    severity: 'warning',
    worst: 1,
    reason: undefined,
    held: undefined,
  }
}

test('the share of the time counts a day once, however many fire', () => {
  expect(shareOf([firing('a', 0, 10), firing('b', 5, 15), firing('c', 30, undefined)], span)).toBe(25 / 40)
  expect(shareOf([], span)).toBe(0)
  const random = randomFrom(5)
  for (let round = 0; round < 200; round += 1) {
    const firings = Array.from({ length: random.between(1, 8) }, () => {
      const from = random.between(0, 39)
      return firing('a', from, random.chance(0.2) ? undefined : random.between(from, 40))
    })
    const days = Array.from({ length: 40 }, (_, day) =>
      firings.some(({ from, to = span.to }) => from <= start + day * dayMs && start + day * dayMs < to),
    )
    expect(shareOf(firings, span)).toBeCloseTo(days.filter(Boolean).length / 40, 9)
  }
})

test('months, subjects and days are counted, those without any, too', () => {
  const firings = [firing('a', 0, 3), firing('b', 1, 2), firing('b', 5, undefined)]
  const summary = summarize(firings, span, calendarOf('UTC'))
  expect(summary).toMatchObject({
    fired: 3,
    share: 38 / 40,
    months: [
      { month: '2026-01', fired: 2 },
      { month: '2026-02', fired: 1 },
      { month: '2026-03', fired: 0 },
    ],
    subjects: [
      { labels: { service: 'b' }, fired: 2, share: 36 / 40 },
      { labels: { service: 'a' }, fired: 1, share: 3 / 40 },
    ],
  })
  // An end is no longer firing.
  expect(summary.days.slice(0, 7).map((day) => day.firing)).toEqual([1, 2, 1, 0, 0, 1, 1])
  expect(summary.days.at(-1)).toEqual({ at: span.to, firing: 1 })
})

test('months are those of the time zone', () => {
  const at = Date.UTC(2026, 0, 31, 23)
  const one = { ...firing('a', 0, undefined), from: at }
  const { months } = summarize([one], { from: at, to: at + dayMs }, calendarOf('Europe/Berlin'))
  expect(months).toEqual([{ month: '2026-02', fired: 1 }])
})
