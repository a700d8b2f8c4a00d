import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mannWhitney } from '../../alerts/significance.ts'
import { normalTail } from '../../alerts/significance-normal.ts'

const f64 = (...values: number[]) => Float64Array.from(values)

describe('samples that are larger', () => {
  /** Pairs won, a tie counting half. */
  function winsOf(a: readonly number[], b: readonly number[]): number {
    let wins = 0
    for (const x of a) for (const y of b) wins += x > y ? 1 : x === y ? 0.5 : 0
    return wins
  }

  /** U of every way to take so many of the values: its mean and its standard deviation are those of equal distributions. */
  function overAllSplits(values: readonly number[], taken: number): { mean: number; deviation: number } {
    const all: number[] = []
    for (let way = 0; way < 2 ** values.length; way += 1) {
      const a = values.filter((_, index) => (way >> index) & 1)
      if (a.length === taken)
        all.push(
          winsOf(
            a,
            values.filter((_, index) => !((way >> index) & 1)),
          ),
        )
    }
    const mean = all.reduce((sum, one) => sum + one, 0) / all.length
    return { mean, deviation: Math.sqrt(all.reduce((sum, one) => sum + (one - mean) ** 2, 0) / all.length) }
  }

  test('are judged by U, of which mean and deviation are those over all splits, with and without ties', () => {
    const values = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(values, values, (a, b) => {
        const { z, p } = mannWhitney(f64(...a), f64(...b))
        const { mean, deviation } = overAllSplits([...a, ...b], a.length)
        if (deviation === 0) {
          expect({ z, p }).toEqual({ z: 0, p: 1 })
          return
        }
        expect(z).toBeCloseTo((winsOf(a, b) - mean - 0.5) / deviation, 10)
        expect(p).toBe(normalTail(z))
      }),
    )
  })

  test('without values, or with all the same, nothing speaks for it', () => {
    for (const [a, b] of [
      [f64(), f64()],
      [f64(1), f64()],
      [f64(), f64(1, 2)],
      [f64(NaN), f64(1)],
    ] as const)
      expect(mannWhitney(a, b)).toEqual({ z: 0, p: 1 })
    // Of the last the ties take away all but a rounding error.
    for (const n of [1, 7, 200_006])
      expect(mannWhitney(new Float64Array(n).fill(0.1), new Float64Array(2 * n).fill(0.1))).toEqual({
        z: 0,
        p: 1,
      })
  })

  test('only their order counts, also where they are infinite', () => {
    const of = (...a: number[]) => mannWhitney(f64(...a), f64(1, 2, 3))
    expect(of(4, 5, Infinity)).toEqual(of(4, 5, 6))
    expect(of(NaN, 2, 4)).toEqual(of(2, 4))
    expect(mannWhitney(f64(-Infinity, 1), f64(2, Infinity))).toEqual(mannWhitney(f64(1, 2), f64(3, 4)))
  })

  test('stay in their order, and a hundred thousand take no quadratic time', () => {
    const a = f64(3, 1, 2)
    mannWhitney(a, a)
    expect([...a]).toEqual([3, 1, 2])
    const many = Float64Array.from({ length: 100_000 }, (_, index) => index % 1000)
    expect(mannWhitney(many, many).z).toBeCloseTo(0, 6)
    expect(
      mannWhitney(
        many.map((value) => value + 10),
        many,
      ).p,
    ).toBeLessThan(1e-10)
  })
})
