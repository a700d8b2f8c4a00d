import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { alike, baseline, budget, burns, deviations, ruleOf } from './comparison-simulation.ts'
import { seeded } from './seeded.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/alert-statistics.md'), 'utf8')
const percent = (rate: number) => `${(100 * rate).toFixed(rate < 0.0995 ? 1 : 0)} %`

/** Four standard errors of so many runs. */
const error = (rate: number, runs: number) => 4 * Math.sqrt((rate * (1 - rate)) / runs) + 2 / runs

function expectOnPage(n: number, rates: readonly number[]): void {
  expect(page).toContain(`| ${n} | ${rates.map(percent).join(' | ')} |`)
}

test('a lead time beside that of twelve windows pages no more by chance, and sees more', () => {
  const random = seeded(11)
  const runs = 2000
  for (const n of [5, 10, 20, 50]) {
    const rates = [1, 3].flatMap((factor) => [1, 12].map((of) => baseline(n, factor, of, runs, random)))
    expectOnPage(n, rates)
    const [one, twelve, oneWrong, twelveWrong] = rates as [number, number, number, number]
    expect(Math.max(one, twelve)).toBeLessThan(0.01)
    expect(twelveWrong).toBeGreaterThan(oneWrong)
  }
})

describe('standard deviations', () => {
  const two = ruleOf({ metric: 'leadTime', comparedWith: '90d', above: '2sd' })
  const three = ruleOf({ metric: 'leadTime', comparedWith: '90d', above: '3sd' })

  test('are wrong as often as Student’s t has it: the mean and the deviation are of few windows, too', () => {
    // R: pt(k / sqrt(1 + 1 / windows), windows - 1, lower.tail = FALSE)
    const exact = [
      [two, 6, 0.0616442414527441],
      [three, 6, 0.0195095791424704],
      [two, 8, 0.0506629381842618],
      [three, 8, 0.0127317808416196],
      [two, 12, 0.0404706279602871],
      [three, 12, 0.00745481580212855],
    ] as const
    const random = seeded(12)
    const runs = 40_000
    for (const [rule, known, rate] of exact) {
      const found = alike(rule, known, runs, random)
      expect(Math.abs(found - rate), `${known} windows: ${found}, not ${rate}`).toBeLessThan(
        error(rate, runs),
      )
      expect(page).toContain(percent(rate))
    }
  })

  test('see less of a number that trembles by itself', () => {
    const random = seeded(13)
    const runs = 2000
    for (const n of [5, 10, 20, 50]) {
      const rates = [1, 3].flatMap((factor) =>
        [two, three].map((rule) => deviations(rule, n, factor, runs, random)),
      )
      expectOnPage(n, rates)
      expect(rates[1]).toBeLessThan(0.012)
    }
  })
})

describe('a budget of 15 % that burns twice as fast', () => {
  const rule = ruleOf({ metric: 'changeFailRate', budget: '15%', above: '2x', alsoIn: '1d' })
  const bare = ruleOf({ metric: 'changeFailRate', budget: '15%', above: '2x', test: 'naive' })

  /** The binomial probabilities of 0 to n. */
  function binomial(n: number, rate: number): number[] {
    let of = [1]
    for (let trial = 0; trial < n; trial += 1)
      of = [...of, 0].map((one, count) => one * (1 - rate) + (of[count - 1] ?? 0) * rate)
    return of
  }

  /** All cases counted out: so many of the last day, and so many of those before. */
  function exactly(of: typeof rule, n: number, rate: number): number {
    const last = Math.max(1, Math.round(n / 7))
    let sum = 0
    for (const [lately, probability] of binomial(last, rate).entries())
      for (const [earlier, other] of binomial(n - last, rate).entries())
        if (burns(of, lately + earlier, n, lately, last)) sum += probability * other
    return sum
  }

  test('is said of hardly anyone by chance', () => {
    const random = seeded(14)
    const runs = 20_000
    for (const n of [7, 14, 28, 70]) {
      const rates = [0.15, 0.6].flatMap((rate) =>
        [bare, rule].map((each) => ({ each, rate, found: budget(each, n, rate, runs, random) })),
      )
      for (const { each, rate, found } of rates) {
        const exact = exactly(each, n, rate)
        expect(Math.abs(found - exact)).toBeLessThan(error(exact, runs))
      }
      expectOnPage(
        n,
        rates.map(({ found }) => found),
      )
      expect(rates[1]!.found).toBeLessThan(0.01)
    }
  })
})

test('failures in a row begin as rarely as the page says', () => {
  // A run of k begins after one that did not fail: (1 - p) p^k for each deployment.
  const every = (rate: number, failures: number) => Math.round(1 / ((1 - rate) * rate ** failures))
  for (const [rate, failures, deployments] of [
    [0.15, 2, 52],
    [0.15, 4, 2324],
    [0.3, 4, 176],
  ] as const) {
    expect(every(rate, failures)).toBe(deployments)
    expect(page).toContain(` ${deployments} deployments`)
  }
  const random = seeded(15)
  const trials = 400_000
  let [streak, runs] = [0, 0]
  for (let one = 0; one < trials; one += 1) {
    streak = random() < 0.3 ? streak + 1 : 0
    if (streak === 4) runs += 1
  }
  expect(Math.abs(runs / trials - 1 / 176)).toBeLessThan(error(1 / 176, trials))
})
