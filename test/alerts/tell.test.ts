import { expect, test } from 'vitest'
import type { Instance } from '../../alerts/evaluate.ts'
import { ruleSchema } from '../../alerts/rule.ts'
import { alertOf } from '../../alerts/tell.ts'

function told(written: object, instance: Partial<Instance> = {}) {
  const rule = ruleSchema.parse({ name: 'a', above: '15%', metric: 'changeFailRate', ...written })
  const whole: Instance = {
    key: 'k',
    rule: 'a',
    subject: { service: 'shop & co', team: 'web', environment: 'production', detail: '' },
    labels: { rule: 'a' },
    state: { state: 'firing', episode: 1, at: 0, firedAt: 0, activeSince: 0, severity: 'warning' },
    value: 15 / 41,
    n: 41,
    threshold: 0.15,
    before: undefined,
    ...instance,
  }
  const { values, ...alert } = alertOf(rule, whole, { labels: { tier: 'gold' }, fingerprint: 'f' })
  return { ...alert, values: Object.fromEntries(values.map(({ name, text }) => [name, text])) }
}

test('a rate tells how many of how many, what it is for certain, and the rule', () => {
  // Wilson's lower bound of 15 of 41, one-sided at 95 %, by its formula: 0.2540.
  expect(told({}).values).toEqual({
    'changeFailRate, 30d': '36.6 %',
    Threshold: 'at most 15 %',
    'Made of': '15 of 41',
    'With 95 % certainty': 'at least 25.4 %',
    Rule: 'a: changeFailRate, 30d, above 15 %',
  })
  expect(told({ test: 'naive' }).values).not.toHaveProperty('With 95 % certainty')
  expect(told({}).labels).toMatchObject({ tier: 'gold', severity: 'warning' })
  expect(told({}).numbers).toEqual({
    unit: 'rate',
    value: 15 / 41,
    threshold: 0.15,
    n: 41,
    before: undefined,
  })
})

test('the summary names the percentile, and no count where there is none', () => {
  const p90 = { metric: 'leadTime', aggregate: 'p90', above: '1d' }
  expect(told(p90, { value: 90_000, threshold: 86_400 }).summary).toBe(
    'leadTime p90 of shop & co is 1d1h (threshold 1d, n 41)',
  )
  const streak = { metric: 'failureStreak', above: 3 }
  expect(told(streak, { value: 4, n: undefined, threshold: 3 }).summary).toBe(
    'failureStreak of shop & co is 4 (threshold 3)',
  )
})

test('a runbook is of the service that the alert is of', () => {
  const address = 'https://wiki.example.com/?service={{service}}&rule={{rule}}'
  expect(told({ runbook: address }).runbook).toBe('https://wiki.example.com/?service=shop%20%26%20co&rule=a')
  expect(told({ runbook: 'roll {{service}} back' }).runbook).toBe('roll shop & co back')
  expect(
    ruleSchema.safeParse({ name: 'a', metric: 'leadTime', above: '1d', runbook: '{{servce}}' }).success,
  ).toBe(false)
})
