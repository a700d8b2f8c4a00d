import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inhibitorsOf, type AlertKnowledge, type InhibitRule } from '../../alerts/inhibit.ts'
import type { Alert, Labels, Severity } from '../../alerts/message.ts'
import type { MetricName } from '../../alerts/metrics.ts'
import { factsBehind } from '../../alerts/needs.ts'

function alertOf(labels: Labels, severity: Severity = 'warning', rule = labels['rule'] ?? 'a'): Alert {
  return {
    fingerprint: JSON.stringify([rule, labels, severity]),
    episode: 1,
    rule,
    status: 'firing',
    severity,
    labels: { ...labels, severity },
    summary: '',
    values: [],
    facts: [],
    startedAt: 0,
  }
}

const nothingKnown: AlertKnowledge = { metricOf: () => undefined, needsSource: () => false }

/** Of these alerts, the indices of those that are kept quiet. */
function quietOnes(alerts: readonly Alert[], rules: readonly InhibitRule[]): number[] {
  const inhibitorOf = inhibitorsOf({ rules, isByDefault: false }, alerts, nothingKnown)
  return [...alerts.keys()].filter((index) => inhibitorOf(alerts[index]!) !== undefined)
}

describe('a rule of inhibit', () => {
  const rule = { when: { severity: ['critical'] }, quiet: { severity: ['warning'] }, equal: ['service'] }

  test('keeps quiet what agrees in the labels named, and nothing else', () => {
    const alerts = [
      alertOf({ service: 'shop' }, 'critical'),
      alertOf({ service: 'shop' }),
      alertOf({ service: 'blog' }),
      alertOf({ service: 'shop' }, 'info'),
    ]
    expect(quietOnes(alerts, [rule])).toEqual([1])
  })

  test('takes a label that neither has for the same', () => {
    expect(quietOnes([alertOf({ a: '1' }, 'critical'), alertOf({ a: '2' })], [rule])).toEqual([1])
  })

  test('never lets an alert keep itself quiet, nor two keep each other', () => {
    const both = { when: { kind: ['/a|b/'] }, quiet: { kind: ['/a|b/'] }, equal: [] }
    expect(quietOnes([alertOf({ kind: 'a' }), alertOf({ kind: 'b' })], [both])).toEqual([])
    const wider = { when: { kind: ['/a|b/'] }, quiet: { kind: ['/b|c/'] }, equal: [] }
    expect(quietOnes([alertOf({ kind: 'b' }), alertOf({ kind: 'c' })], [wider])).toEqual([1])
  })

  test('says what its definition says, whatever alerts there are', () => {
    const value = fc.constantFrom('x', 'y')
    const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, { maxKeys: 3 })
    const matcher = fc.dictionary(fc.constantFrom('a', 'b'), fc.uniqueArray(value, { minLength: 1 }), {
      minKeys: 1,
    })
    const rules = fc.array(
      fc.record({ when: matcher, quiet: matcher, equal: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')) }),
      { minLength: 1, maxLength: 3 },
    )
    const has = (matchers: InhibitRule['when'], of: Labels) =>
      Object.entries(matchers).every(([name, values]) => values.includes(of[name] ?? ''))
    fc.assert(
      fc.property(
        fc.uniqueArray(labels, { selector: (each) => JSON.stringify(each) }),
        rules,
        (all, given) => {
          const expected = [...all.keys()].filter((target) =>
            given.some(({ when, quiet, equal }) =>
              all.some((source, index) => {
                const mine = all[target]!
                const agree = equal.every((name) => (source[name] ?? '') === (mine[name] ?? ''))
                if (index === target || !agree || !has(when, source) || !has(quiet, mine)) return false
                return !(has(when, mine) && has(quiet, source))
              }),
            ),
          )
          expect(
            quietOnes(
              all.map((each) => alertOf(each)),
              given,
            ),
          ).toEqual(expected)
        },
      ),
    )
  })
})

describe('without configuration', () => {
  const metrics: Record<string, MetricName> = {
    behind: 'sourceLag',
    fails: 'changeFailRate',
    'fails much': 'changeFailRate',
    slow: 'leadTime',
  }
  const known: AlertKnowledge = {
    metricOf: ({ rule }) => metrics[rule],
    needsSource: ({ rule, labels }, source) => rule === 'slow' && labels['service'] === source,
  }
  const quietBy = (alerts: readonly Alert[], isByDefault = true) => {
    const inhibitorOf = inhibitorsOf({ rules: [], isByDefault }, alerts, known)
    return alerts.map((alert) => inhibitorOf(alert)?.rule)
  }

  test('a source that is behind keeps quiet what is made of its facts', () => {
    const alerts = [
      alertOf({ rule: 'behind', detail: 'shop' }),
      alertOf({ rule: 'slow', service: 'shop' }, 'critical'),
      alertOf({ rule: 'slow', service: 'blog' }),
      alertOf({ rule: 'fails', service: 'shop' }),
    ]
    expect(quietBy(alerts)).toEqual([undefined, 'behind', undefined, undefined])
    expect(quietBy(alerts, false)).toEqual([undefined, undefined, undefined, undefined])
  })

  test('critical keeps quiet what is less of the same metric, service and environment', () => {
    const shop = { service: 'shop', environment: 'production' }
    const alerts = [
      alertOf({ rule: 'fails much', ...shop }, 'critical'),
      alertOf({ rule: 'fails', ...shop }),
      alertOf({ rule: 'slow', ...shop }),
      alertOf({ rule: 'fails', ...shop, environment: 'prod-us' }),
      alertOf({ rule: 'fails', ...shop, service: 'blog' }),
      alertOf({ rule: 'fails', ...shop }, 'critical'),
    ]
    expect(quietBy(alerts)).toEqual([undefined, 'fails much', undefined, undefined, undefined, undefined])
  })

  test('that there are no data keeps quiet no breach, only that there are none', () => {
    const nodata = { service: 'shop', health: 'nodata' }
    const alerts = [
      alertOf({ rule: 'fails much', ...nodata }, 'critical'),
      alertOf({ rule: 'fails', service: 'shop' }),
      alertOf({ rule: 'fails', ...nodata }),
    ]
    expect(quietBy(alerts)).toEqual([undefined, undefined, 'fails much'])
    const breach = [alertOf({ rule: 'fails much', service: 'shop' }, 'critical'), alerts[2]!]
    expect(quietBy(breach)).toEqual([undefined, 'fails much'])
  })
})

test.each([
  ['deploymentFrequency', ['deployment']],
  ['leadTime', ['deployment', 'change', 'commit']],
  ['changeFailRate', ['deployment', 'incident']],
  ['openFailures', ['deployment', 'incident']],
  ['sinceLastDeployment', ['deployment']],
  ['ciDuration', ['run']],
  ['flakyTests', ['testReport']],
  ['qualityFindings', []],
  ['sourceLag', []],
] as const)('%s is made of %j', (metric, kinds) => {
  expect(factsBehind(metric)).toEqual(kinds)
})
