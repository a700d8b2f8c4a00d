import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fisherDrop, fisherRise } from '../../alerts/significance-fisher.ts'
import { binomialDrop, binomialRise, mannWhitney, wilsonBound } from '../../alerts/significance.ts'
import { normalQuantile, normalTail } from '../../alerts/significance-normal.ts'

/** What R says: significance-from-r.R prints it. */
const r = JSON.parse(readFileSync(join(import.meta.dirname, 'significance-from-r.json'), 'utf8')) as {
  tail: [z: number, tail: number][]
  quantile: [tail: number, z: number][]
  wilson: [successes: number, n: number, confidence: number, lower: number, upper: number][]
  counts: [now: number, before: number, daysNow: number, daysBefore: number, drop: number, rise: number][]
  samples: [a: number[], b: number[], p: number][]
  rates: [now: number, nNow: number, before: number, nBefore: number, drop: number, rise: number][]
}

/** As a share of what it should be, so that small probabilities count as much as large ones. */
function expectClose(value: number | null, expected: number, within: number): void {
  expect(Math.abs(value! - expected), `${value} is not ${expected}`).toBeLessThanOrEqual(
    within * Math.abs(expected),
  )
}

test('tails and quantiles of the normal distribution', () => {
  for (const [z, tail] of r.tail) expectClose(normalTail(z), tail, 1e-12)
  for (const [tail, z] of r.quantile) expectClose(normalQuantile(tail), z, 1e-12)
  for (const wrong of [0, 1, -0.1, NaN]) expect(() => normalQuantile(wrong)).toThrow(RangeError)
})

test('bounds of Wilson intervals: prop.test', () => {
  expect(r.wilson).toHaveLength(60)
  for (const [successes, n, confidence, lower, upper] of r.wilson) {
    expectClose(wilsonBound(successes, n, 'lower', confidence), lower, 1e-10)
    expectClose(wilsonBound(successes, n, 'upper', confidence), upper, 1e-10)
  }
})

test('counts that fell or rose: poisson.test, up to 100,000', () => {
  expect(r.counts).toHaveLength(120)
  expect(Math.max(...r.counts.map(([now]) => now))).toBeGreaterThan(90_000)
  for (const [now, before, daysNow, daysBefore, drop, rise] of r.counts) {
    expectClose(binomialDrop(now, before, daysNow, daysBefore), drop, 1e-10)
    expectClose(binomialRise(now, before, daysNow, daysBefore), rise, 1e-10)
  }
})

test('rates that fell or rose: fisher.test, of up to 30,000', () => {
  expect(r.rates).toHaveLength(80)
  expect(Math.max(...r.rates.map(([, n]) => n))).toBeGreaterThan(20_000)
  for (const [now, nNow, before, nBefore, drop, rise] of r.rates) {
    const [of, ofBefore] = [
      { count: now, n: nNow },
      { count: before, n: nBefore },
    ]
    expectClose(fisherDrop(of, ofBefore), drop, 1e-10)
    expectClose(fisherRise(of, ofBefore), rise, 1e-10)
  }
})

test('samples that are larger: wilcox.test', () => {
  expect(r.samples).toHaveLength(60)
  for (const [a, b, p] of r.samples)
    expectClose(mannWhitney(Float64Array.from(a), Float64Array.from(b)).p, p, 1e-10)
})
