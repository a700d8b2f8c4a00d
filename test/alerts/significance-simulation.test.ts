import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { binomialDrop, mannWhitney, wilsonBound } from '../../alerts/significance.ts'
import { seeded } from './seeded.ts'
import { failRate, frequency, leadTime } from './significance-simulation.ts'
import type { Rates } from './significance-simulation.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/alert-statistics.md'), 'utf8')
const sizes = [5, 10, 20, 50]

/** How often each fired where nothing was wrong, and where something was. */
interface Row {
  n: number
  calm: Rates
  wrong: Rates
}

/** Four standard errors of so many runs. */
const error = (rate: number, runs: number) => 4 * Math.sqrt((rate * (1 - rate)) / runs) + 2 / runs

function expectRates(rates: Rates, expected: Rates, runs: number, rounding = 0): void {
  for (const rule of ['naive', 'tested'] as const) {
    const off = Math.abs(rates[rule] - expected[rule])
    expect(off, `${rule} ${rates[rule]}, not ${expected[rule]}`).toBeLessThan(
      rounding + error(expected[rule], runs),
    )
  }
}

function expectOnPage(rows: readonly Row[]): void {
  const percent = (rate: number) => `${(100 * rate).toFixed(rate < 0.0995 ? 1 : 0)} %`
  for (const { n, calm, wrong } of rows) {
    const cells = [calm.naive, calm.tested, wrong.naive, wrong.tested].map(percent)
    expect(page).toContain(`| ${n} | ${cells.join(' | ')} |`)
  }
}

/** The binomial probabilities of 0 to n, one trial after the other. */
function binomial(n: number, rate: number): number[] {
  let of = [1]
  for (let trial = 0; trial < n; trial += 1)
    of = [...of, 0].map((one, count) => one * (1 - rate) + (of[count - 1] ?? 0) * rate)
  return of
}

function poisson(mean: number): number[] {
  let probability = Math.exp(-mean)
  return Array.from({ length: 150 }, (_, count) => (probability *= count === 0 ? 1 : mean / count))
}

describe('a change fail rate above 15 %', () => {
  const runs = 20_000
  const random = seeded(1)
  const rows = sizes.map((n) => ({
    n,
    calm: failRate(n, 0.1, runs, random),
    wrong: failRate(n, 0.4, runs, random),
  }))

  test('is simulated as the binomial distribution has it', () => {
    for (const { n, ...row } of rows)
      for (const [rates, rate] of [
        [row.calm, 0.1],
        [row.wrong, 0.4],
      ] as const) {
        const exact: Rates = { naive: 0, tested: 0 }
        for (const [failed, probability] of binomial(n, rate).entries()) {
          if (failed / n > 0.15) exact.naive += probability
          if (wilsonBound(failed, n, 'lower')! > 0.15) exact.tested += probability
        }
        expectRates(rates, exact, runs)
      }
  })

  test('pages by chance where the rate alone decides, and hardly where its lower bound does', () => {
    expectOnPage(rows)
    for (const { calm, wrong } of rows) {
      expect(calm.naive).toBeGreaterThan(0.1)
      expect(calm.tested).toBeLessThan(0.02)
      expect(wrong.tested).toBeGreaterThan(0.3)
    }
  })
})

describe('deployments that fell', () => {
  const runs = 20_000
  const random = seeded(2)
  const rows = [5, 10, 20, 40].map((n) => ({
    n,
    calm: frequency(n, 1, runs, random),
    wrong: frequency(n, 0.3, runs, random),
  }))

  test('are simulated as the Poisson distribution has it', () => {
    for (const { n, ...row } of rows)
      for (const [rates, share] of [
        [row.calm, 1],
        [row.wrong, 0.3],
      ] as const) {
        const exact: Rates = { naive: 0, tested: 0 }
        for (const [now, probability] of poisson(n * share).entries())
          for (const [before, ofBefore] of poisson(n).entries()) {
            if (now < before / 2) exact.naive += probability * ofBefore
            if (binomialDrop(now, before, 1, 1) < 0.01) exact.tested += probability * ofBefore
          }
        expectRates(rates, exact, runs)
      }
  })

  test('page by chance where less than half decides, and hardly where the exact test does', () => {
    expectOnPage(rows)
    expect(rows[0]!.calm.naive).toBeGreaterThan(0.1)
    for (const { calm } of rows) expect(calm.tested).toBeLessThan(0.01)
  })
})

describe('a lead time of more than one and a half times', () => {
  const runs = 5000
  const random = seeded(3)
  const rows = sizes.map((n) => ({
    n,
    calm: leadTime(n, 1, runs, random),
    wrong: leadTime(n, 3, runs, random),
  }))

  test('pages by chance where the median decides, and hardly where the samples have to differ too', () => {
    expectOnPage(rows)
    for (const { calm } of rows) {
      expect(calm.naive).toBeGreaterThan(0.05)
      expect(calm.tested).toBeLessThan(0.01)
    }
  })

  test('is what was measured before, within the error of the runs', () => {
    const measured = [
      { naive: 0.33, tested: 0 },
      { naive: 0.26, tested: 0.19 },
      { naive: 0.19, tested: 0.53 },
      { naive: 0.09, tested: 0.96 },
    ]
    for (const [index, { calm, wrong }] of rows.entries())
      expectRates({ naive: calm.naive, tested: wrong.tested }, measured[index]!, runs, 0.01)
  })

  test('is never significant of five and five, however far apart they are', () => {
    const apart = (n: number) => {
      const low = Float64Array.from({ length: n }, (_, index) => index)
      return mannWhitney(
        low.map((value) => value + 100),
        low,
      ).z
    }
    expect(apart(5)).toBeCloseTo(2.507, 3)
    expect(apart(6)).toBeGreaterThan(2.58)
  })
})
