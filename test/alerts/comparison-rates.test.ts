import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { judge } from '../../alerts/judge.ts'
import type { Rule } from '../../alerts/rule.ts'
import { binomialRise, wilsonBound } from '../../alerts/significance.ts'
import { ruleOf } from './comparison-simulation.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/alert-statistics.md'), 'utf8')
const percent = (rate: number) => `${(100 * rate).toFixed(rate < 0.0995 ? 1 : 0)} %`
const subject = { service: 'shop', team: 'web', environment: 'production', detail: '' }
const observed = (count: number, n: number) => ({ subject, value: count / n, n, count })

/** Whether `count` of `n` is told, beside `before` of `nBefore`. */
type Says = (count: number, n: number, before: number, nBefore: number) => boolean

const saidBy =
  (rule: Rule): Says =>
  (count, n, before, nBefore) =>
    judge(rule, observed(count, n), { observation: observed(before, nBefore) }).verdict.kind === 'breach'

/** The binomial probabilities of 0 to n, one trial after the other. */
function binomial(n: number, rate: number): number[] {
  let of = [1]
  for (let trial = 0; trial < n; trial += 1)
    of = [...of, 0].map((one, count) => one * (1 - rate) + (of[count - 1] ?? 0) * rate)
  return of
}

/** All cases in which it is told of so many deployments, as a function of the true rates: nothing is drawn by chance. */
function casesOf(says: Says, n: number, nBefore: number): (rate: number, rateBefore: number) => number {
  const cases: [count: number, before: number][] = []
  for (let count = 0; count <= n; count += 1)
    for (let before = 0; before <= nBefore; before += 1)
      if (says(count, n, before, nBefore)) cases.push([count, before])
  return (rate, rateBefore) => {
    const [now, then] = [binomial(n, rate), binomial(nBefore, rateBefore)]
    return cases.reduce((sum, [count, before]) => sum + now[count]! * then[before]!, 0)
  }
}

const rates = [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 0.9]
const sizes = [10, 20, 35, 50, 100, 200]

/** How often it is told that something changed where nothing did: the worst of all sizes and rates. */
function worstOf(says: Says): number {
  const each = sizes.flatMap((n) =>
    sizes.flatMap((nBefore) => {
      const of = casesOf(says, n, nBefore)
      return rates.map((rate) => of(rate, rate))
    }),
  )
  return Math.max(...each)
}

describe('a change fail rate beside that of before', () => {
  const rate = { metric: 'changeFailRate', comparedWith: 'previous', minSamples: 10 }
  // Without a share that it has to reach, so that the test alone decides.
  const risen = ruleOf({ ...rate, above: '100%' })
  const fallen = ruleOf({ ...rate, below: '100%' })

  test('that did not change is told of in at most one window of a hundred, whatever the numbers', () => {
    const worst = worstOf(saidBy(risen))
    expect(worst).toBeGreaterThan(0.005)
    expect(worst).toBeLessThanOrEqual(0.01)
    expect(worstOf(saidBy(fallen))).toBeLessThanOrEqual(0.01)
  })

  test('is told of as often as the page says', () => {
    const judging = ruleOf({ ...rate, above: '150%' })
    const plain = ruleOf({ ...rate, above: '150%', test: 'naive' })
    for (const [n, before] of [
      [10, 10],
      [20, 20],
      [20, 60],
      [50, 50],
      [50, 150],
      [100, 100],
    ] as const) {
      const [bare, tested] = [plain, judging].map((rule) => casesOf(saidBy(rule), n, before))
      const cells = [bare!(0.1, 0.1), tested!(0.1, 0.1), bare!(0.4, 0.1), tested!(0.4, 0.1)]
      expect(page).toContain(`| ${n} | ${before} | ${cells.map(percent).join(' | ')} |`)
    }
  })

  test('is judged by the test that sees most of those that are seldom wrong', () => {
    // Beside no failure at all nothing is compared, with any of them.
    const bound: Says = (count, n, before, nBefore) =>
      before > 0 && wilsonBound(count, n, 'lower')! > before / nBefore
    const ofCounts: Says = (count, n, before, nBefore) =>
      before > 0 && binomialRise(count, before, n, nBefore) < 0.01
    const found = { bound, ofCounts, exact: saidBy(risen) }
    const rows = Object.fromEntries(
      Object.entries(found).map(([name, says]) => [
        name,
        [worstOf(says), casesOf(says, 20, 60)(0.4, 0.1), casesOf(says, 50, 50)(0.3, 0.1)],
      ]),
    )
    for (const [name, title] of [
      ['bound', 'the bound of now, beside the bare number of before'],
      ['ofCounts', 'the exact test of two counts'],
      ['exact', 'Fisher’s'],
    ] as const)
      expect(page).toContain(`| ${title} | ${rows[name]!.map(percent).join(' | ')} |`)
    expect(rows['bound']![0]).toBeGreaterThan(0.3)
    expect(rows['exact']![1]).toBeGreaterThan(rows['ofCounts']![1]!)
    expect(rows['exact']![2]).toBeGreaterThan(rows['ofCounts']![2]!)
  })
})
