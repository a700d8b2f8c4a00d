import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { binomialDrop, binomialRise, wilsonBound } from '../../alerts/significance.ts'
import { wilson } from '../../core/statistics.ts'

describe('the bound of a rate', () => {
  test('is that of the two-sided interval of twice the risk', () => {
    for (const [successes, n] of [
      [1, 3],
      [3, 5],
      [7, 90],
      [999, 1000],
    ] as const) {
      expect(wilsonBound(successes, n, 'lower', 0.975)).toBeCloseTo(wilson(successes, n)!.low, 12)
      expect(wilsonBound(successes, n, 'upper', 0.975)).toBeCloseTo(wilson(successes, n)!.high, 12)
    }
  })

  test('is exactly 0 and 1 at the ends, and null of nothing', () => {
    for (let n = 1; n < 200; n += 1) {
      expect(wilsonBound(0, n, 'lower')).toBe(0)
      expect(wilsonBound(n, n, 'upper')).toBe(1)
    }
    expect(wilsonBound(0, 0, 'lower')).toBeNull()
  })

  test('mirrors itself, lies on its side of the rate, and nears it as n grows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, share) => {
          const successes = Math.round(share * n)
          const lower = wilsonBound(successes, n, 'lower')!
          expect(1 - wilsonBound(n - successes, n, 'upper')!).toBeCloseTo(lower, 12)
          expect(lower).toBeLessThanOrEqual(successes / n)
          expect(wilsonBound(10 * successes, 10 * n, 'lower')!).toBeGreaterThanOrEqual(lower)
        },
      ),
    )
  })

  test('of counts that cannot be is an error', () => {
    for (const [successes, n] of [
      [-1, 3],
      [4, 3],
      [NaN, 3],
      [0, NaN],
    ] as const)
      expect(() => wilsonBound(successes, n, 'lower')).toThrow(RangeError)
    for (const confidence of [0.4, 1, NaN])
      expect(() => wilsonBound(1, 3, 'lower', confidence)).toThrow(RangeError)
  })
})

describe('counts that fell or rose', () => {
  /** Every way to put the events into the two times, one by one. */
  function enumerate(total: number, share: number): number[] {
    const ofCount = Array.from({ length: total + 1 }, () => 0)
    for (let way = 0; way < 2 ** total; way += 1) {
      const now = way.toString(2).replaceAll('0', '').length
      ofCount[now]! += share ** now * (1 - share) ** (total - now)
    }
    return ofCount
  }

  test('equal what enumeration gives', () => {
    for (const [exposureNow, exposureBefore] of [
      [1, 1],
      [7, 30],
      [90, 7],
    ] as const)
      for (const total of [0, 1, 2, 5, 11]) {
        const ofCount = enumerate(total, exposureNow / (exposureNow + exposureBefore))
        for (let now = 0; now <= total; now += 1) {
          const sum = (from: number, to: number) => ofCount.slice(from, to).reduce((all, one) => all + one, 0)
          const drop = binomialDrop(now, total - now, exposureNow, exposureBefore)
          expect(drop).toBeCloseTo(sum(0, now + 1), 12)
          expect(binomialRise(now, total - now, exposureNow, exposureBefore)).toBeCloseTo(
            sum(now, total + 1),
            12,
          )
        }
      }
  })

  test('a rise is a drop seen from the other side, and both count what is equal', () => {
    const count = fc.integer({ min: 0, max: 100_000 })
    const exposure = fc.double({ min: 0.01, max: 1000, noNaN: true })
    fc.assert(
      fc.property(count, count, exposure, exposure, (now, before, exposureNow, exposureBefore) => {
        const drop = binomialDrop(now, before, exposureNow, exposureBefore)
        const rise = binomialRise(now, before, exposureNow, exposureBefore)
        expect(drop).toBeGreaterThanOrEqual(0)
        expect(drop).toBeLessThanOrEqual(1)
        expect(drop + rise).toBeGreaterThanOrEqual(1 - 1e-12)
        expect(binomialRise(before, now, exposureBefore, exposureNow)).toBeCloseTo(drop, 12)
        expect(binomialDrop(now + 1, before, exposureNow, exposureBefore)).toBeGreaterThanOrEqual(drop)
      }),
    )
  })

  test('know the extremes', () => {
    expect(binomialDrop(0, 10, 1, 1)).toBeCloseTo(2 ** -10, 15)
    expect(binomialDrop(0, 0, 7, 7)).toBe(1)
    expect(binomialRise(0, 0, 7, 7)).toBe(1)
    expect(binomialDrop(0, 100_000, 1, 1)).toBe(0)
    expect(binomialDrop(100_000, 0, 1, 1)).toBe(1)
    expect(binomialRise(100_000, 0, 1, 1)).toBe(0)
    // Of equal ones the middle is in both: 1/2 and half of it, by the central limit 1 / sqrt(π n).
    expect(binomialDrop(100_000, 100_000, 1, 1)).toBeCloseTo(0.5 + 0.5 / Math.sqrt(Math.PI * 100_000), 8)
  })

  test('of what is no count, or of no time, are an error', () => {
    for (const wrong of [-1, 1.5, NaN, Infinity]) {
      expect(() => binomialDrop(wrong, 1, 1, 1)).toThrow(RangeError)
      expect(() => binomialRise(1, wrong, 1, 1)).toThrow(RangeError)
    }
    for (const wrong of [0, -1, NaN, Infinity]) {
      expect(() => binomialDrop(1, 1, wrong, 1)).toThrow(RangeError)
      expect(() => binomialDrop(1, 1, 1, wrong)).toThrow(RangeError)
    }
  })
})
