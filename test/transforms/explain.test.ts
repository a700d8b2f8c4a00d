import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { calendarOf } from '../../core/calendar.ts'
import { analyse as derivedFrom } from '../../pipeline/analyse.ts'
import { explain, explainedMetrics, type ExplainedMetric } from '../../transforms/explain.ts'
import type { Report } from '../../transforms/report.ts'
import type { Standing } from '../../transforms/standing.ts'
import { analyse } from '../analyse.ts'
import { histories } from '../reference/histories.ts'
import { percentile } from '../reference/numbers.ts'

const folder = join(import.meta.dirname, '..', 'cases')
type Value = NonNullable<Report['services'][number]['windows'][string]>

/** What the evidence of each metric has to add up to. */
const counts: Record<ExplainedMetric, (value: Value, standing: Standing) => number> = {
  deploymentFrequency: ({ successful }) => successful,
  leadTime: ({ leadTime }) => leadTime.n,
  changeFailRate: ({ deployments }) => deployments,
  recoveryTime: ({ recoveryTime }) => recoveryTime.n,
  reworkRate: ({ deployments }) => deployments,
  incidents: ({ incidents }) => incidents.started,
  coding: ({ flow }) => flow.coding.n,
  pickup: ({ flow }) => flow.pickup.n,
  review: ({ flow }) => flow.review.n,
  deploy: ({ flow }) => flow.deploy.n,
  reviewTime: ({ reviewTime: { XS, S, M, L } }) => XS.n + S.n + M.n + L.n,
  deploymentSize: ({ deploymentSize }) => deploymentSize.n,
  batchAge: ({ batchAge }) => batchAge.n,
  merged: ({ merged }) => merged.changes!,
  large: ({ merged }) => merged.large!,
  weekend: ({ merged }) => merged.weekend!,
  hotfixes: ({ merged }) => merged.hotfixes!,
  labelledFailRate: ({ labelledFailRate }) => labelledFailRate.n!,
  sinceLastDeployment: (_, { sinceLastDeployment }) => (sinceLastDeployment === null ? 0 : 1),
  openFailures: (_, { openFailures }) => openFailures!,
  oldestOpenFailure: (_, { openFailures }) => Math.min(1, openFailures!),
  failureStreak: (_, { failureStreak }) => failureStreak!,
}

/** Wherever a number is a median, that of the durations (or sizes) behind it is the number. */
const medians: Partial<Record<ExplainedMetric, (value: Value) => number | null>> = {
  leadTime: ({ leadTime }) => leadTime.p50,
  recoveryTime: ({ recoveryTime }) => recoveryTime.p50,
  coding: ({ flow }) => flow.coding.p50,
  pickup: ({ flow }) => flow.pickup.p50,
  review: ({ flow }) => flow.review.p50,
  deploy: ({ flow }) => flow.deploy.p50,
  deploymentSize: ({ deploymentSize }) => deploymentSize.p50,
  batchAge: ({ batchAge }) => batchAge.p50,
}

async function expectExplained(config: object, facts: readonly object[], asOf: string): Promise<void> {
  const { report, store, options } = await analyse(config, facts, asOf)
  const analyses = await derivedFrom(store, options)
  store.close()
  const at = Date.parse(asOf)
  for (const { service, environment, windows, ...standing } of report.services) {
    const { derived, merged } = analyses.get(service)!
    const track = derived.tracks.find((each) => each.environment === environment)!
    const value = windows['30d']
    if (!value) continue
    const span = { from: calendarOf(derived.service.timezone).daysBefore(at, 30), to: at }
    const first = derived.tracks.flatMap(({ deployments }) => deployments.map(({ rollout }) => rollout.at))
    const coverage = { from: options.since ?? Math.min(...first), ...options.observed(derived.service) }
    const explained = { track, merged, bots: derived.service.bots, findings: derived.findings }
    for (const metric of explainedMetrics) {
      const { evidence, leftOut } = explain(explained, metric, span, coverage)
      expect({ metric, n: evidence.length }).toEqual({ metric, n: counts[metric](value, standing) })
      expect([...evidence, ...leftOut].every(({ rule }) => rule !== '')).toBe(true)
      const samples = evidence.map(({ seconds, changes }) => changes ?? seconds!)
      // Of seconds here and of milliseconds there: the same but for the last digit.
      const median = medians[metric]?.(value)
      if (median === null) expect(samples).toEqual([])
      if (typeof median === 'number') expect(percentile(samples, 0.5)).toBeCloseTo(median, 6)
    }
    const sizes = explain(explained, 'deploymentSize', span, coverage)
    const ofSuccesses = sizes.leftOut.filter(({ rule }) => !/failed|observed|refresh/.test(rule))
    expect(sizes.evidence.length + ofSuccesses.length).toBe(value.successful)
    const [oldest] = explain(explained, 'oldestOpenFailure', span, coverage).evidence
    expect(oldest?.seconds ?? 0).toBe(standing.oldestOpenFailure)
    const failed = explain(explained, 'changeFailRate', span, coverage).evidence
    expect(failed.filter(({ rule }) => rule.startsWith('failed'))).toHaveLength(value.failed!)
    const rework = explain(explained, 'reworkRate', span, coverage).evidence
    expect(rework.filter(({ rule }) => rule.startsWith('rework'))).toHaveLength(value.rework!)
  }
}

for (const file of readdirSync(folder)) {
  test(`${file}: every number is as many facts as it says, and each says by which rule`, async () => {
    const { config, asOf, facts } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    await expectExplained(config, facts, asOf)
  })
}

test('generated histories: every number is as many facts as it says', async () => {
  await fc.assert(
    fc.asyncProperty(histories(), ({ config, facts, asOf }) => expectExplained(config, facts, asOf)),
    { numRuns: 100 },
  )
})

test('a deployment whose baseline is unresolved is left out of lead time, with the reason', async () => {
  const commit = { kind: 'commit', source: 'git', repository: 'acme/shop', isBot: false }
  const deployment = {
    kind: 'deployment',
    source: 'ci',
    service: 'shop',
    environment: 'production',
    repository: 'acme/shop',
    outcome: 'success',
  }
  const at = (time: string) => ({ authoredAt: `2026-03-0${time}:00Z`, committedAt: `2026-03-0${time}:00Z` })
  const facts = [
    { ...commit, id: 'a', sha: 'a', parents: [], ...at('2T08:00') },
    { ...commit, id: 'c', sha: 'c', parents: ['gone'], ...at('3T08:00') },
    { ...deployment, id: 'd1', sha: 'a', finishedAt: '2026-03-02T09:00:00Z' },
    { ...deployment, id: 'd2', sha: 'c', finishedAt: '2026-03-03T09:00:00Z' },
  ]
  const { store, options } = await analyse({ services: [{ name: 'shop' }] }, facts, '2026-03-10T00:00:00Z')
  const { derived, merged } = (await derivedFrom(store, options)).get('shop')!
  store.close()
  const span = { from: Date.UTC(2026, 2, 1), to: Date.UTC(2026, 2, 10) }
  const coverage = { from: span.from, until: span.to, changesUntil: span.to, incidentsUntil: span.to }
  const explained = {
    track: derived.tracks[0]!,
    merged,
    bots: derived.service.bots,
    findings: derived.findings,
  }
  expect(explain(explained, 'leadTime', span, coverage)).toMatchObject({
    evidence: [],
    leftOut: [
      { id: 'd1', rule: expect.stringMatching(/baseline/) },
      { id: 'd2', rule: expect.stringMatching(/unresolved.*the walk comes to gone/) },
    ],
  })
})

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
