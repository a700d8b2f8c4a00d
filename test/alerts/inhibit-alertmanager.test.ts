import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { inhibitorsOf, type InhibitRule } from '../../alerts/inhibit.ts'
import type { Alert, Labels } from '../../alerts/message.ts'
import type { Match } from '../../alerts/route.ts'
import { startAlertmanager } from './channels/alertmanager-process.ts'

/** Rules with the alerts that they are about; all of them run in one Alertmanager, told apart by a label. */
interface Scenario {
  rules: InhibitRule[]
  labels: Labels[]
}

const said = fc.constantFrom<string[][]>(['x'], ['y'], ['x', 'y'])
const match = fc.oneof<fc.Arbitrary<Match>[]>(
  fc.record({ a: said }),
  fc.record({ b: said }),
  fc.record({ a: said, b: said }),
)
const label = fc.constantFrom('x', 'y', '')
const anyLabels = fc.record({ a: label, b: label, c: label }).map((own) => {
  return Object.fromEntries(Object.entries<string>(own).filter(([, value]) => value !== ''))
})
const scenario: fc.Arbitrary<Scenario> = fc.record({
  rules: fc.array(fc.record({ when: match, quiet: match, equal: fc.subarray(['a', 'b', 'c']) }), {
    minLength: 1,
    maxLength: 2,
    size: 'max',
  }),
  labels: fc.array(anyLabels, { minLength: 2, maxLength: 6, size: 'max' }),
})

function alertsOf({ labels }: Scenario, index: number): Alert[] {
  return labels.map((own, position) => ({
    fingerprint: `${index}-${position}`,
    episode: 1,
    rule: 'a',
    status: 'firing',
    severity: 'warning',
    labels: { ...own, scenario: `${index}`, id: `${index}-${position}` },
    summary: '',
    values: [],
    facts: [],
    startedAt: 0,
  }))
}

function matchers(labels: Match, index: number): string[] {
  const own = Object.entries(labels).map(([name, values]) => `${name}=~"${values.join('|')}"`)
  return [...own, `scenario="${index}"`]
}

test('what is kept quiet is what Alertmanager keeps quiet', { timeout: 60_000 }, async ({ skip }) => {
  const scenarios = fc.sample(scenario, { numRuns: 400, seed: 7 })
  const inhibitRules = scenarios.flatMap(({ rules }, index) =>
    rules.map(({ when, quiet, equal }) => ({
      source_matchers: matchers(when, index),
      target_matchers: matchers(quiet, index),
      equal,
    })),
  )
  const alertmanager = await startAlertmanager(`inhibit_rules: ${JSON.stringify(inhibitRules)}\n`)
  if (alertmanager === undefined) return skip('no Alertmanager is installed')
  try {
    const all = scenarios.map(alertsOf)
    const expected = all.flatMap((alerts, index) => {
      const inhibitorOf = inhibitorsOf({ rules: scenarios[index]!.rules, isByDefault: false }, alerts, {
        metricOf: () => undefined,
        needsSource: () => false,
      })
      return alerts.filter((alert) => inhibitorOf(alert) !== undefined).map(({ fingerprint }) => fingerprint)
    })
    expect(expected.length).toBeGreaterThan(80)
    await fetch(`${alertmanager.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(all.flat().map(({ labels }) => ({ labels: { alertname: 'a', ...labels } }))),
    })
    // It takes a moment until it has looked at all of them.
    await vi.waitFor(
      async () => {
        const answer = await fetch(`${alertmanager.url}/api/v2/alerts`)
        const there = (await answer.json()) as { labels: { id: string }; status: { inhibitedBy: string[] } }[]
        expect(there).toHaveLength(all.flat().length)
        const quiet = there
          .filter(({ status }) => status.inhibitedBy.length > 0)
          .map(({ labels }) => labels.id)
        expect(quiet.toSorted()).toEqual(expected.toSorted())
      },
      { timeout: 20_000, interval: 200 },
    )
  } finally {
    await alertmanager.stop()
  }
})
