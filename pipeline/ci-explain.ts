import { calendarOf, isoOf } from '../core/calendar.ts'
import type { Run } from '../core/fact.ts'
import { repositoryScope } from '../store/scope.ts'
import type { Store } from '../store/store.ts'
import { explainCi, ciFormulas, type CiEvidence, type CiMetric } from '../transforms/ci-explain.ts'
import { ciEntries } from '../transforms/ci-report.ts'
import { all } from '../transforms/window-points.ts'
import { ciGroups, coveredFrom, ownerOf, readCiWritten, type CiGroup } from './ci-owners.ts'
import { createCiRepositories } from './ci-repositories.ts'
import type { DeriveOptions } from './derive-options.ts'

export interface CiExplanation {
  service: string
  workflow: string
  metric: CiMetric
  window: { days: number; from: string; to: string; coverageDays: number | null }
  value: unknown
  formula: string
  evidence: CiEvidence[]
  leftOut: CiEvidence[]
}

/** The services that have runs. */
export async function ciServices(store: Store, options: DeriveOptions): Promise<CiGroup[]> {
  return (await ciGroups(store, options, await readCiWritten(store))).services
}

/** The workflows of a service's runs, finished or not. */
export async function runsOf(store: Store, { repositories }: CiGroup): Promise<Run[]> {
  const runs: Run[] = []
  for (const repository of repositories)
    runs.push(...((await store.facts.inScope(repositoryScope(repository), ['run'])) as Run[]))
  return runs
}

/** One metric of a service over all its workflows (`*`) or one, from the facts themselves. */
export async function explainCiMetric(
  store: Store,
  options: DeriveOptions,
  group: CiGroup,
  runs: readonly Run[],
  { metric, workflow, asOf, days }: { metric: CiMetric; workflow: string; asOf: number; days: number },
): Promise<CiExplanation> {
  const known = createCiRepositories(store, asOf)
  const { service, until, timezone } = group
  const span = { from: calendarOf(timezone).daysBefore(asOf, days), to: asOf }
  const from = await coveredFrom(group, known, options.since)
  const own = runs.filter((run) => workflow === all || run.workflow === workflow)
  const value = from === null ? undefined : await valueOf(group, known, { from, workflow, asOf, days })
  return {
    service,
    workflow,
    metric,
    window: { days, from: isoOf(span.from), to: isoOf(span.to), coverageDays: value?.coverageDays ?? null },
    value: value === undefined ? null : partOf(value, metric),
    formula: ciFormulas[metric],
    ...explainCi(own, metric, span, { from: from ?? options.since ?? -Infinity, until }),
  }
}

type Value = NonNullable<ReturnType<typeof ciEntries>[number]['windows'][string]>

async function valueOf(
  group: CiGroup,
  known: ReturnType<typeof createCiRepositories>,
  { from, workflow, asOf, days }: { from: number; workflow: string; asOf: number; days: number },
): Promise<Value | undefined> {
  const owner = await ownerOf(group, from, known, calendarOf(group.timezone).daysBefore(asOf, days))
  // By itself, a workflow that did not run has a value too: of no runs.
  const events = workflow === all ? owner.events : owner.events.filter((each) => each.workflow === workflow)
  const [entry] = ciEntries({ ...owner, events }, asOf, [days])
  return entry?.windows[`${days}d`] ?? undefined
}

function partOf(value: Value, metric: CiMetric): unknown {
  const { runs, failed, reruns } = value
  switch (metric) {
    case 'ciDuration':
      return value.duration
    case 'ciFailureRate':
      return { ...value.failureRate, runs, failed }
    case 'ciRerunRate':
      return { ...value.rerunRate, runs, reruns }
    case 'ciTimeToGreen':
      return value.timeToGreen
  }
}
