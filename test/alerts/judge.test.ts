import { describe, expect, test } from 'vitest'
import { judge, type Before } from '../../alerts/judge.ts'
import { inEdition } from '../../alerts/limits.ts'
import type { Observation } from '../../alerts/observation.ts'
import { ruleSchema, type Rule } from '../../alerts/rule.ts'
import { spreadOf } from '../../alerts/spread.ts'

const subject = { service: 'shop', team: 'web', environment: 'production', detail: '' }
const hour = 3600
const day = 86_400

function ruleOf(rule: object): Rule {
  return ruleSchema.parse({ name: 'a', metric: 'leadTime', test: 'naive', ...rule })
}

function observed(value: number | undefined, rest: Partial<Observation> = {}): Observation {
  return { subject, value, n: undefined, count: undefined, ...rest }
}

/** What the rule says: `breach warning`, `between`, `clear`, or why nothing. */
function said(rule: Rule, now: Observation, before?: Before): string {
  const { verdict } = judge(rule, now, before)
  if (verdict.kind === 'breach') return `breach ${verdict.severity}`
  return verdict.kind === 'unknown' ? verdict.reason : verdict.kind
}

const failing = (count: number, n: number) => observed(count / n, { n, count })

describe('the edge of a band', () => {
  const rule = ruleOf({ above: { info: 'elite', warning: 'high', critical: 'medium' } })

  test('is that of the metric: what is past it is in another band', () => {
    const bands = [1, 23.9 * hour, day, 6.9 * day, 7 * day, 29.9 * day, 30 * day]
    expect(bands.map((value) => said(rule, observed(value, { n: 20 })))).toEqual([
      'clear',
      'between',
      'breach info',
      'breach info',
      'breach warning',
      'breach warning',
      'breach critical',
    ])
  })

  test('includes what the band includes, and lies below where more is better', () => {
    const rate = ruleOf({ metric: 'changeFailRate', above: 'elite' })
    expect(said(rate, failing(5, 100))).toBe('between')
    expect(said(rate, failing(6, 100))).toBe('breach warning')
    const often = ruleOf({ metric: 'deploymentFrequency', below: 'elite' })
    expect([0.9, 1, 1.05, 1.2].map((value) => said(often, observed(value)))).toEqual([
      'breach warning',
      'between',
      'between',
      'clear',
    ])
  })

  test('is that of the edition', () => {
    const older = inEdition(rule, '2021')
    expect(said(older, observed(2 * hour, { n: 20 }))).toBe('breach info')
    expect(said(older, observed(100 * day, { n: 20 }))).toBe('breach warning')
    expect(said(older, observed(3400, { n: 20 }))).toBe('between')
    expect(said(older, observed(3000, { n: 20 }))).toBe('clear')
    // The rest is as it was.
    const plain = ruleOf({ above: '3d' })
    expect(inEdition(plain, '2021')).toBe(plain)
  })

  test('counts as left where one window before it was not past it, and for no longer', () => {
    const dropped = ruleOf({ comparedWith: 'previous', above: { warning: 'elite', critical: 'high' } })
    const at = (now: number, before: number) =>
      said(dropped, observed(now, { n: 20 }), { observation: observed(before, { n: 20 }) })
    expect(at(2 * day, 20 * hour)).toBe('breach warning')
    expect(at(2 * day, 3 * day)).toBe('clear')
    expect(at(8 * day, 3 * day)).toBe('breach critical')
    expect(at(8 * day, 9 * day)).toBe('clear')
    expect(at(23 * hour, 20 * hour)).toBe('between')
    expect(said(dropped, observed(2 * day, { n: 20 }), { observation: undefined })).toBe(
      'nothing to compare with',
    )
    // R: the Wilson bound of 6 of 100 is 0.031, that of 10 is 0.061; elite ends at 0.05.
    const rate = ruleSchema.parse({
      name: 'a',
      metric: 'changeFailRate',
      comparedWith: 'previous',
      above: 'elite',
    })
    const before = { observation: failing(1, 100) }
    expect(said(rate, failing(6, 100), before)).toBe('between')
    expect(said(rate, failing(10, 100), before)).toBe('breach warning')
  })
})

describe('a share of what was before', () => {
  const rule = ruleOf({ comparedWith: 'previous', above: '150%', atLeast: '4h' })
  const at = (now: number, before: number | undefined) =>
    said(rule, observed(now, { n: 20 }), { observation: observed(before, { n: 20 }) })

  test('needs a number that is large by itself, too, and trembles about neither', () => {
    expect(at(3 * hour, hour)).toBe('clear')
    expect(at(3.8 * hour, hour)).toBe('between')
    expect(at(4 * hour, hour)).toBe('breach warning')
    expect(at(5 * hour, 4 * hour)).toBe('clear')
  })

  test('of a frequency takes the covered days of both, however long the windows', () => {
    const below = ruleSchema.parse({
      name: 'a',
      metric: 'deploymentFrequency',
      window: '7d',
      comparedWith: '90d',
      below: '50%',
    })
    const of = (count: number, days: number) => observed(count / days, { count })
    const told = (count: number, before: Observation) => said(below, of(count, 7), { observation: before })
    // R: poisson.test(c(2, 90), c(7, 90), alternative = "less") has p 0.034, and c(1, 90) 0.0089.
    expect(told(2, of(90, 90))).toBe('between')
    expect(told(1, of(90, 90))).toBe('breach warning')
    // Known for 20 of the 90 days: three a day, as if they were all, and not two in three.
    expect(told(5, of(60, 20))).toBe('breach warning')
    expect(told(5, of(60, 90))).toBe('clear')
  })

  test('of a count asks whether chance would show it', () => {
    const rise = ruleSchema.parse({
      name: 'a',
      metric: 'incidents',
      comparedWith: 'previous',
      above: '200%',
    })
    const of = (count: number) => observed(count, { count })
    // R: poisson.test(c(11, 2), c(1, 1), alternative = "greater") has p 0.0112, and c(12, 2) 0.0065.
    expect(said(rise, of(11), { observation: of(2) })).toBe('between')
    expect(said(rise, of(12), { observation: of(2) })).toBe('breach warning')
  })

  test.each(['deployments', 'hotfixes', 'merged', 'incidents'])(
    'of %s is of the whole window, however many there are',
    (metric) => {
      const fall = ruleSchema.parse({ name: 'a', metric, comparedWith: 'previous', below: '50%' })
      const of = (count: number) => observed(count, { count })
      const told = (now: number, before: number) => said(fall, of(now), { observation: of(before) })
      // Of two equal windows: none beside n has the probability 1 / 2^n, and 2^-7 is the first below 1 %.
      expect([2, 3, 6].map((before) => told(0, before))).toEqual(['between', 'between', 'between'])
      expect(told(0, 7)).toBe('breach warning')
      // R: poisson.test(c(2, 11), c(1, 1), alternative = "less") has p 0.0112, and c(2, 12) 0.0065.
      expect([11, 12].map((before) => told(2, before))).toEqual(['between', 'breach warning'])
    },
  )

  test('of a frequency of nothing takes the days of the window', () => {
    const fall = ruleSchema.parse({
      name: 'a',
      metric: 'deploymentFrequency',
      comparedWith: 'previous',
      below: '50%',
    })
    const of = (count: number, days: number) => observed(count / days, { count })
    const none = (before: Observation) => said(fall, of(0, 30), { observation: before })
    expect([6, 7].map((count) => none(of(count, 30)))).toEqual(['between', 'breach warning'])
    // Six in ten days that were covered: of thirty at that pace none is 1 / 4^6.
    expect(none(of(6, 10))).toBe('breach warning')
  })

  test('of a rate takes what was before for a sample, too', () => {
    const rate = ruleSchema.parse({ name: 'a', metric: 'changeFailRate', comparedWith: '90d', above: '150%' })
    const rise = (count: number, before: Observation) =>
      said(rate, failing(count, 20), { observation: before })
    // R: fisher.test(matrix(c(9, 11, 20, 80), 2), alternative = "greater") has p 0.0215, and c(10, 10, 20, 80) 0.0074.
    expect(rise(9, failing(20, 100))).toBe('between')
    expect(rise(10, failing(20, 100))).toBe('breach warning')
    // The same rate of fewer says less: c(10, 10, 4, 16) has p 0.0479, c(12, 8, 4, 16) 0.0112, and c(13, 7, 4, 16) 0.0048.
    expect(rise(10, failing(4, 20))).toBe('between')
    expect(rise(12, failing(4, 20))).toBe('between')
    expect(rise(13, failing(4, 20))).toBe('breach warning')
  })

  test('of a rate may be a fall, too', () => {
    const rate = ruleSchema.parse({
      name: 'a',
      metric: 'changeFailRate',
      comparedWith: 'previous',
      below: '50%',
    })
    const fall = (count: number) => said(rate, failing(count, 40), { observation: failing(15, 50) })
    // R: fisher.test(matrix(c(4, 36, 15, 35), 2), alternative = "less") has p 0.0183, and c(3, 37, 15, 35) 0.0070.
    expect(fall(4)).toBe('between')
    expect(fall(3)).toBe('breach warning')
  })
})

test('a threshold is told as it is, and not where nobody knows what it is a share of', () => {
  const share = ruleOf({ comparedWith: 'previous', above: '150%' })
  const before = { observation: observed(hour, { n: 20 }) }
  expect(judge(share, observed(undefined), before).threshold).toBe(1.5 * hour)
  expect(judge(share, observed(9 * hour, { n: 20 }), undefined).threshold).toBeUndefined()
  expect(judge(ruleOf({ above: '2h' }), observed(undefined), undefined).threshold).toBe(2 * hour)
})

describe('standard deviations', () => {
  const values = [3600, 5400, 7200, 2700, 4800, 6100, 3900, 9000]
  const rule = ruleOf({ window: '7d', comparedWith: '90d', above: { warning: '2sd', critical: '3sd' } })

  test('are those of the logarithms of durations', () => {
    const spread = spreadOf(values, 'duration')
    // R: mean(log(x)), sd(log(x)), exp(mean(log(x)) + 3 * sd(log(x)))
    expect(spread.mean).toBeCloseTo(8.51647670618583, 12)
    expect(spread.deviation).toBeCloseTo(0.391866975521007, 12)
    const { verdict, threshold, base } = judge(rule, observed(16_189, { n: 20 }), { spread })
    expect(verdict).toEqual({ kind: 'breach', severity: 'critical' })
    expect(threshold).toBeCloseTo(16_188.8438498724, 6)
    expect(base).toBeCloseTo(Math.exp(8.51647670618583), 6)
    expect(said(rule, observed(16_188, { n: 20 }), { spread })).toBe('breach warning')
  })

  test('are those of the values of rates, and lie below where a fall is bad', () => {
    const spread = spreadOf([0.1, 0.05, 0.12, 0.08, 0.1, 0.15], 'rate')
    expect(spread).toMatchObject({ known: 6, isLog: false })
    expect(spread.mean).toBeCloseTo(0.1, 12)
    expect(spread.deviation).toBeCloseTo(0.0340587727318528, 12)
    const often = ruleOf({ metric: 'deploymentFrequency', window: '7d', comparedWith: '90d', below: '2sd' })
    const pace = { spread: spreadOf([1, 2, 4, 0.5, 1, 2, 0.25, 1], 'perDay') }
    // Twice the standard deviation of the logarithms, 0.858, is a factor of 5.6 to a mean of 1.09.
    expect(said(often, observed(0.21), pace)).toBe('between')
    expect(said(often, observed(0.19), pace)).toBe('breach warning')
    expect(said(often, observed(0), pace)).toBe('breach warning')
    expect(said(often, observed(9), pace)).toBe('clear')
  })

  test('of a rate are far enough only for its bound', () => {
    const rate = ruleSchema.parse({
      name: 'a',
      metric: 'changeFailRate',
      window: '7d',
      comparedWith: '90d',
      above: '3sd',
    })
    const spread = spreadOf([0, 0, 0.1, 0, 0, 0, 0, 0], 'rate')
    // One of ten is past mean + 3 sd = 0.119 as little as its bound; two of ten are, and their bound is not.
    expect(said(rate, failing(1, 10), { spread })).toBe('clear')
    expect(said(rate, failing(2, 10), { spread })).toBe('between')
    expect(said(rate, failing(4, 10), { spread })).toBe('breach warning')
  })

  test('are unknown of fewer than six windows, and of windows that are all the same', () => {
    const tell = (known: number[]) =>
      said(rule, observed(99_999, { n: 20 }), { spread: spreadOf(known, 'duration') })
    expect(tell(values.slice(0, 5))).toBe('5 of 6 windows to compare with')
    expect(tell(values.slice(0, 6))).toBe('breach critical')
    expect(tell([5, 5, 5, 5, 5, 5])).toBe('it never was another number before')
    expect(said(rule, observed(99_999, { n: 20 }))).toBe('0 of 6 windows to compare with')
    // A frequency of nothing has no logarithm.
    expect(spreadOf([0, 1, 2, 0], 'perDay').known).toBe(2)
  })
})

describe('a budget', () => {
  const rule = ruleSchema.parse({
    name: 'a',
    metric: 'changeFailRate',
    window: '7d',
    budget: '15%',
    above: { warning: '2x', critical: '3x' },
    alsoIn: '1d',
  })
  const recent = (count: number, n: number): Before => ({ recent: { count, n } })

  test('burns where a multiple of it is passed for certain, in the last part of the window, too', () => {
    // R: the Wilson bounds of 9 and 10 of 20 are 0.284 and 0.327; the limit is 0.3.
    expect(said(rule, failing(9, 20), recent(3, 3))).toBe('between')
    expect(said(rule, failing(10, 20), recent(3, 3))).toBe('breach warning')
    expect(judge(rule, failing(10, 20), recent(3, 3)).threshold).toBeCloseTo(0.3, 12)
    expect(said(rule, failing(14, 20), recent(3, 3))).toBe('breach critical')
    expect(said(rule, failing(14, 20), recent(2, 5))).toBe('breach warning')
    expect(said(rule, failing(4, 20), recent(3, 3))).toBe('clear')
  })

  test('burns no more where the last ones went well, and may still where there were none', () => {
    expect(said(rule, failing(14, 20), recent(0, 5))).toBe('clear')
    expect(said(rule, failing(14, 20), recent(3, 10))).toBe('between')
    expect(said(rule, failing(14, 20), recent(0, 0))).toBe('between')
    expect(said(rule, failing(14, 20))).toBe('between')
  })

  test('without a part of the window is a limit like any other', () => {
    const slow = ruleSchema.parse({ name: 'a', metric: 'reworkRate', budget: '15%', above: '1x' })
    expect(slow.isRelative).toBe(false)
    // R: the Wilson bounds of 5 and 6 of 20 are 0.127 and 0.164.
    expect(said(slow, failing(5, 20))).toBe('between')
    expect(said(slow, failing(6, 20))).toBe('breach warning')
  })
})

describe('what it was some hours ago', () => {
  const rule = ruleOf({ metric: 'sinkBacklog', comparedWith: '6h', above: '200%', atLeast: 100 })
  const at = (now: number, before: number | undefined) =>
    said(rule, observed(now), { observation: observed(before) })

  test('rises by a share from a size on, and from nothing', () => {
    expect(at(201, 100)).toBe('breach warning')
    expect(at(190, 100)).toBe('between')
    expect(at(99, 10)).toBe('between')
    expect(at(60, 10)).toBe('clear')
    expect(at(100, 0)).toBe('breach warning')
    expect(at(60, 0)).toBe('clear')
    expect(at(0, 0)).toBe('clear')
    expect(at(200, undefined)).toBe('nothing to compare with')
  })
})
