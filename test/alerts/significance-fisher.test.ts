import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fisherDrop, fisherRise } from '../../alerts/significance-fisher.ts'

const of = (count: number, n: number) => ({ count, n })

describe('rates that fell or rose', () => {
  test('equal what counting all ways gives', () => {
    for (const [n, nBefore] of [
      [1, 1],
      [3, 5],
      [6, 4],
    ] as const) {
      // Every choice of those that were counted, of now the first n.
      const ways = Array.from({ length: n + 1 }, () => Array.from({ length: nBefore + 1 }, () => 0))
      for (let way = 0; way < 2 ** (n + nBefore); way += 1) {
        const bits = way.toString(2).padStart(n + nBefore, '0')
        const counted = (text: string) => text.replaceAll('0', '').length
        ways[counted(bits.slice(0, n))]![counted(bits.slice(n))]! += 1
      }
      for (let now = 0; now <= n; now += 1)
        for (let before = 0; before <= nBefore; before += 1) {
          const total = now + before
          const atSame = ways.map((row, count) => row[total - count] ?? 0)
          const sum = (from: number, to: number) => atSame.slice(from, to).reduce((all, one) => all + one, 0)
          const all = sum(0, n + 1)
          expect(fisherDrop(of(now, n), of(before, nBefore))).toBeCloseTo(sum(0, now + 1) / all, 12)
          expect(fisherRise(of(now, n), of(before, nBefore))).toBeCloseTo(sum(now, n + 1) / all, 12)
        }
    }
  })

  test('a rise is a drop seen from the other side, or of what went well, and both count what is equal', () => {
    const rate = fc
      .integer({ min: 1, max: 50_000 })
      .chain((n) => fc.integer({ min: 0, max: n }).map((count) => of(count, n)))
    const rest = ({ count, n }: { count: number; n: number }) => of(n - count, n)
    fc.assert(
      fc.property(rate, rate, (now, before) => {
        const drop = fisherDrop(now, before)
        const rise = fisherRise(now, before)
        expect(drop).toBeGreaterThanOrEqual(0)
        expect(drop).toBeLessThanOrEqual(1)
        expect(drop + rise).toBeGreaterThanOrEqual(1 - 1e-12)
        expect(fisherRise(before, now)).toBeCloseTo(drop, 12)
        expect(fisherRise(rest(now), rest(before))).toBeCloseTo(drop, 9)
      }),
    )
  })

  test('know the extremes', () => {
    expect(fisherRise(of(0, 20), of(0, 20))).toBe(1)
    expect(fisherRise(of(20, 20), of(20, 20))).toBe(1)
    expect(fisherDrop(of(20, 20), of(20, 20))).toBe(1)
    // One way of 20 choose 10.
    expect(fisherRise(of(10, 10), of(0, 10))).toBeCloseTo(1 / 184_756, 15)
    expect(fisherRise(of(100_000, 100_000), of(0, 100_000))).toBe(0)
    expect(fisherDrop(of(100_000, 100_000), of(0, 100_000))).toBe(1)
  })

  test('of what is no rate are an error', () => {
    for (const wrong of [of(-1, 3), of(4, 3), of(1.5, 3), of(NaN, 3), of(0, NaN)]) {
      expect(() => fisherRise(wrong, of(1, 2))).toThrow(RangeError)
      expect(() => fisherDrop(of(1, 2), wrong)).toThrow(RangeError)
    }
  })
})
