import type { FactKind } from '../core/fact.ts'
import { decodeSeries } from '../core/line-protocol.ts'
import type { Store } from '../store/store.ts'
import type { Finding } from '../transforms/finding.ts'
import { undeployedFindings, unknownFindings, type ServiceUse } from '../transforms/quality-coverage.ts'
import { environmentFindings } from '../transforms/quality-environments.ts'
import {
  sinkFindings,
  skippedFindings,
  sourceFindings,
  type SinkStatus,
  type SkippedRow,
  type SourceStatus,
} from '../transforms/quality-sources.ts'
import type { Catalogue } from './catalogue.ts'
import { ciFindings } from './ci-report.ts'
import type { EventState } from './kept-state.ts'
import { concerns } from './observed.ts'
import { knownNames, othersProduction, ownerless } from './quality-names.ts'
import { readSkipped } from './quality-skipped.ts'
import { sinkStatuses } from './quality-sinks.ts'
import type { Pipeline } from './refresh.ts'
import { derivedFindings, incidentsWithoutService, statesOf } from './report.ts'
import { latestSlot } from './schedule.ts'

export interface Quality {
  findings: Finding[]
  /** The services, with their teams. */
  teams: ReadonlyMap<string, string | null>
}

type Asked = Pick<Pipeline, 'store' | 'extractors' | 'loaders' | 'derivation' | 'schedule'>

/** Everything that was found, as of an instant; `sinks` as they stood at another one. */
export async function qualityAt(
  pipeline: Asked,
  now: number,
  sinks?: readonly SinkStatus[],
): Promise<Quality> {
  const { store, derivation } = pipeline
  const states = await statesOf(store, derivation)
  const findings = [
    ...derivedFindings(states),
    ...(await ciFindings(store, derivation)),
    ...(await incidentsWithoutService(store, derivation, states)),
    ...(await statusFindings(pipeline, now, { states, ...(sinks && { sinks }) })),
  ]
  return { findings, teams: new Map([...states].map(([name, { team }]) => [name, team])) }
}

/** What no derivation of a service finds: about sources, sinks, and names of which nothing is known. */
export async function statusFindings(
  { store, extractors, loaders, derivation: { catalogue }, schedule }: Asked,
  now: number,
  given: { states?: ReadonlyMap<string, EventState>; sinks?: readonly SinkStatus[] } = {},
): Promise<Finding[]> {
  const states = given.states ?? (await statesOf(store, { catalogue }))
  const names = [...states.keys()]
  const sources: (SourceStatus & { yields: readonly FactKind[] })[] = []
  for (const extractor of extractors) {
    const { name, completeUntil, error } = await store.meta.source(extractor.name)
    const services = names.filter((each) => concerns(extractor, catalogue.settingsOf(each), extractor.yields))
    sources.push({ name, completeUntil, error, services, yields: extractor.yields })
  }
  const neverRead = (service: string, kinds: readonly FactKind[]) =>
    sources.some(
      ({ completeUntil, services, yields }) =>
        completeUntil === null && services.includes(service) && kinds.some((kind) => yields.includes(kind)),
    )
  const uses = [...states].map(([name, state]): ServiceUse => {
    const { repositories, incidentServices } = catalogue.settingsOf(name)
    return {
      name,
      repositories,
      repositoriesUsed: state.repositories.map(([repository]) => repository),
      incidentNames: incidentServices,
      deployedAt: state.environments.reduce<number | null>(
        (latest, { lastAt }) => Math.max(latest ?? lastAt, lastAt),
        null,
      ),
      repositoriesRead: !neverRead(name, ['commit', 'change', 'deployment']),
      incidentsRead: !neverRead(name, ['incident']),
    }
  })
  const known = await knownNames(store)
  const before = schedule === undefined ? undefined : behindBefore(schedule, now)
  const serviceOf = (series: string) => {
    const { service = '' } = decodeSeries(series).tags
    return states.has(service) ? service : '*'
  }
  return [
    ...sourceFindings(sources, before),
    ...sinkFindings(given.sinks ?? (await sinkStatuses(store, loaders)), before, serviceOf),
    ...[...states].flatMap(([name, { environments }]) =>
      environmentFindings(catalogue.settingsOf(name), environments, othersProduction(catalogue, name)),
    ),
    ...unknownFindings(uses, known),
    ...undeployedFindings(uses, known, ownerless(catalogue, known, uses), now),
    ...skippedFindings(await skippedRows(store, extractors, catalogue, now)),
  ]
}

/** What was last complete before this instant has missed a slot, and is older than two intervals of the schedule. */
export function behindBefore(schedule: string, now: number): number | undefined {
  const minuteMs = 60_000
  const last = latestSlot(schedule, now)
  const second = last === undefined ? undefined : latestSlot(schedule, last - minuteMs)
  const third = second === undefined ? undefined : latestSlot(schedule, second - minuteMs)
  return third === undefined ? undefined : Math.min(second!, now - (last! - third))
}

async function skippedRows(
  store: Store,
  sources: readonly { name: string }[],
  catalogue: Catalogue,
  now: number,
): Promise<SkippedRow[]> {
  const rows: SkippedRow[] = []
  for (const { name: source } of sources) {
    for (const { row, reason, at, isLine = false } of await readSkipped(store, source, now)) {
      const repository = isLine ? undefined : repositoryIn(row)
      const services = repository === undefined ? [] : catalogue.servicesOfRepository(repository)
      rows.push({ source, row, reason, at, isLine, services })
    }
  }
  return rows
}

/** The repository in a row's name: `acme/web#12`, `acme/web 12` or `https://github.com/acme/web/pull/12`. */
function repositoryIn(row: string): string | undefined {
  return /^(?:https?:\/\/[^/]+\/)?([\w.-]+\/[\w.-]+)(?=[#!@/ ]|$)/.exec(row)?.[1]
}
