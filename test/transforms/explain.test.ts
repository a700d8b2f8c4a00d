import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { calendarOf } from '../../core/calendar.ts'
import { analyse as derivedFrom } from '../../pipeline/analyse.ts'
import { explain, explainedMetrics, type ExplainedMetric } from '../../transforms/explain.ts'
import type { Report } from '../../transforms/report.ts'
import { analyse } from '../analyse.ts'

const folder = join(import.meta.dirname, '..', 'cases')
type Value = NonNullable<Report['services'][number]['windows'][string]>

/** What the evidence of each metric has to add up to. */
const counts: Record<ExplainedMetric, (value: Value) => number> = {
  deploymentFrequency: ({ successful }) => successful,
  leadTime: ({ leadTime }) => leadTime.n,
  changeFailRate: ({ deployments }) => deployments,
  recoveryTime: ({ recoveryTime }) => recoveryTime.n,
  reworkRate: ({ deployments }) => deployments,
  incidents: ({ incidents }) => incidents.started,
}

for (const file of readdirSync(folder)) {
  test(`${file}: every number is as many facts as it says, and each says by which rule`, async () => {
    const { config, asOf, facts } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    const { report, store, options } = await analyse(config, facts, asOf)
    const analyses = await derivedFrom(store, options)
    store.close()
    const at = Date.parse(asOf)
    for (const { service, environment, windows } of report.services) {
      const { derived } = analyses.get(service)!
      const track = derived.tracks.find((each) => each.environment === environment)!
      const value = windows['30d']
      if (!value) continue
      const span = { from: calendarOf(derived.service.timezone).daysBefore(at, 30), to: at }
      const coverage = { from: options.since, ...options.observed(derived.service) }
      for (const metric of explainedMetrics) {
        const { evidence, leftOut } = explain(track, metric, span, coverage)
        expect(evidence).toHaveLength(counts[metric](value))
        expect([...evidence, ...leftOut].every(({ rule }) => rule !== '')).toBe(true)
      }
      const failed = explain(track, 'changeFailRate', span, coverage).evidence
      expect(failed.filter(({ rule }) => rule.startsWith('failed'))).toHaveLength(value.failed!)
      const rework = explain(track, 'reworkRate', span, coverage).evidence
      expect(rework.filter(({ rule }) => /^(rework|a rollback)/.test(rule))).toHaveLength(value.rework!)
    }
  })
}

test('an incident of a name that no service has is listed', async () => {
  const config = { since: '2026-01-01T00:00:00Z', services: [{ name: 'checkout' }] }
  const incident = { kind: 'incident', source: 'pd', startedAt: '2026-03-01T00:00:00Z' }
  const facts = [
    { ...incident, id: '1', service: 'PUNKNOWN' },
    { ...incident, id: '2', service: 'checkout' },
    { ...incident, id: '3' },
  ]
  const { report, store } = await analyse(config, facts, '2026-03-10T00:00:00Z')
  store.close()
  expect(report.dataQuality).toMatchObject([
    { kind: 'incident_without_service', service: '', subject: '3' },
    { kind: 'incident_without_service', service: 'PUNKNOWN', subject: '1' },
  ])
})
