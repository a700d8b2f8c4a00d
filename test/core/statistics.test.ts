import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  fixedPercentiles,
  lowerBound,
  slidingPercentiles,
  sortedPercentiles,
  unorderedPercentiles,
  wilson,
} from '../../core/statistics.ts'

/** PERCENTILE_CONT, from its definition. */
function percentileCont(values: readonly number[], p: number): number | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const row = 1 + p * (values.length - 1)
  const [below, above] = [Math.floor(row), Math.ceil(row)]
  const [low, high] = [sorted[below - 1]!, sorted[above - 1]!]
  return below === above ? low : (above - row) * low + (row - below) * high
}

const values = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 30 })
const shares = [0, 0.5, 0.9, 0.95, 1]

test('the median of 1 h and 3 h is 2 h', () => {
  const percentiles = fixedPercentiles(Float64Array.of(1, 3))
  percentiles.add(0)
  percentiles.add(1)
  expect(percentiles.percentile(0.5)).toBe(2)
})

test.each([
  ['in a tree', slidingPercentiles],
  ['in order', sortedPercentiles],
  ['in no order', unorderedPercentiles],
])('percentiles are those of the values that are in, whatever came and went before: %s', (_, make) => {
  fc.assert(
    fc.property(values, fc.array(fc.nat()), (all, choices) => {
      const sliding = make(Float64Array.from(all))
      const present = new Set<number>()
      for (const choice of all.length === 0 ? [] : choices) {
        const index = choice % all.length
        if (present.delete(index)) sliding.remove(index)
        else {
          present.add(index)
          sliding.add(index)
        }
        const inside = [...present].map((each) => all[each]!)
        expect(sliding.size).toBe(inside.length)
        for (const p of shares) {
          const expected = percentileCont(inside, p)
          if (expected === null) expect(sliding.percentile(p)).toBeNull()
          else expect(sliding.percentile(p)).toBeCloseTo(expected, 9)
        }
      }
    }),
  )
})

test('values that only enter give the same percentiles', () => {
  fc.assert(
    fc.property(values, (all) => {
      const [fixed, sliding] = [
        fixedPercentiles(Float64Array.from(all)),
        slidingPercentiles(Float64Array.from(all)),
      ]
      for (const index of all.keys()) {
        fixed.add(index)
        sliding.add(index)
      }
      for (const p of shares) expect(fixed.percentile(p)).toBe(sliding.percentile(p))
    }),
  )
})

// Computed by hand from the formula with z = 1.959963984540054.
test.each([
  [1, 5, 0.0362241, 0.6244654],
  [0, 10, 0, 0.2775328],
  [10, 10, 0.7224672, 1],
  [15, 100, 0.0930599, 0.2328355],
])('Wilson: %i of %i is %f to %f', (successes, n, low, high) => {
  const interval = wilson(successes, n)!
  expect(interval.low).toBeCloseTo(low, 6)
  expect(interval.high).toBeCloseTo(high, 6)
})

test('a rate of nothing has no interval, and every other holds its rate', () => {
  expect(wilson(0, 0)).toBeNull()
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(), (n, some) => {
      const successes = some % (n + 1)
      const { low, high } = wilson(successes, n)!
      expect(low).toBeGreaterThanOrEqual(0)
      expect(high).toBeLessThanOrEqual(1)
      expect(low).toBeLessThanOrEqual(successes / n)
      expect(high).toBeGreaterThanOrEqual(successes / n)
    }),
  )
})

test('the first position of at least a value', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: -1, max: 41 }), (all, value) => {
      const sorted = all.toSorted((a, b) => a - b)
      const position = lowerBound(sorted, value)
      expect(sorted.slice(0, position).every((each) => each < value)).toBe(true)
      expect(sorted.slice(position).every((each) => each >= value)).toBe(true)
    }),
  )
})
