import { expect, test } from 'vitest'
import { nanosOf } from '../../core/event-nanos.ts'

test('an id has the same nanoseconds for ever: stored points are found by them', () => {
  const ids = ['acme/checkout#981', 'acme/checkout!42', 'Q1', '', 'Ünïcode ✓']
  expect(ids.map(nanosOf)).toEqual([690_678, 731_491, 6311, 998_923, 488_944])
})

test('ids that follow each other spread over the whole millisecond', () => {
  const nanos = Array.from({ length: 10_000 }, (_, index) => nanosOf(`acme/checkout#${index}`))
  for (const one of nanos) expect(Number.isInteger(one) && one >= 0 && one < 1_000_000).toBe(true)
  // 10,000 of 1,000,000 at random leave 9,950 distinct ones; 5 standard deviations are 35.
  expect(new Set(nanos).size).toBeGreaterThan(9915)
  const tenths = Map.groupBy(nanos, (one) => Math.floor(one / 100_000))
  expect(tenths.size).toBe(10)
  for (const tenth of tenths.values()) expect(Math.abs(tenth.length - 1000)).toBeLessThan(150)
})
