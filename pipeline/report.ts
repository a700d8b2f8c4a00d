import { nameOfScope, noScope } from '../store/scope.ts'
import type { Store } from '../store/store.ts'
import type { CiEntry } from '../transforms/ci-report.ts'
import type { Finding } from '../transforms/finding.ts'
import type { Member } from '../transforms/members.ts'
import { report, type Report } from '../transforms/report.ts'
import { serviceNames } from './derive.ts'
import { ciFindings, ciReport } from './ci-report.ts'
import type { DeriveOptions } from './derive-options.ts'
import { flakyReport, type FlakyTest } from './flaky-report.ts'
import { createHistories } from './histories.ts'
import { type EventState } from './kept-state.ts'
import { membersOf } from './members.ts'
import { observedSince, readWritten } from './written.ts'

interface When {
  asOf: number
  windowsDays: readonly number[]
}

/** The report of a store, with what stands beside the five metrics. */
export interface FullReport extends Report {
  ci: CiEntry[]
  flakyTests: FlakyTest[]
}

/** The report at an instant, from what the last derivation kept; `also` are findings that it does not know of. */
export async function reportFrom(
  store: Store,
  options: DeriveOptions,
  when: When,
  also: readonly Finding[] = [],
): Promise<FullReport> {
  const states = await statesOf(store, options)
  const lost = await incidentsWithoutService(store, options, states)
  const observedOf = observedSince(await readWritten(store), options)
  const found = [...lost, ...(await ciFindings(store, options)), ...also]
  return {
    ...reportOf(states, options, when, observedOf, found),
    ci: await ciReport(store, options, when),
    flakyTests: await flakyReport(store, options, when.asOf),
  }
}

/** What the last derivation kept of each service. */
export async function statesOf(
  store: Store,
  { catalogue }: Pick<DeriveOptions, 'catalogue'>,
): Promise<Map<string, EventState>> {
  const histories = createHistories(store, catalogue)
  const states = new Map<string, EventState>()
  for (const name of await serviceNames(store, catalogue)) {
    const state = await histories.events(name)
    if (state) states.set(name, state)
  }
  return states
}

/** Incidents of names and ids that no service has: they count nowhere, and somebody should know. */
export async function incidentsWithoutService(
  store: Store,
  { catalogue }: Pick<DeriveOptions, 'catalogue'>,
  services: ReadonlyMap<string, EventState>,
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const scope of await store.facts.scopes('incident')) {
    const name = scope === noScope ? '' : nameOfScope(scope)
    if (catalogue.servicesOfIncidentName(name).some((service) => services.has(service))) continue
    for (const { id } of await store.facts.inScope(scope, ['incident'])) {
      const detail =
        name === '' ? 'it names no service' : `no service is called ${name} or lists it under incidents`
      findings.push({ kind: 'incident_without_service', service: name, subject: id, detail })
    }
  }
  return findings
}

/** The report at an instant over these services. */
export function reportOf(
  states: ReadonlyMap<string, EventState>,
  options: DeriveOptions,
  { asOf, windowsDays }: When,
  observedOf = observedSince(new Map(), options),
  also: readonly Finding[] = [],
): Report {
  const members: Member[] = []
  for (const [name, state] of states) {
    members.push(...membersOf(name, state, observedOf(name), options))
  }
  const { timezone, edition } = options
  const findings = [...also.map(plainFinding), ...derivedFindings(states)]
  return report(members, findings, { asOf, timezone, edition, windowsDays })
}

/** What was found in deriving these services. */
export function derivedFindings(states: ReadonlyMap<string, EventState>): Finding[] {
  const causesFound = new Set([...states.values()].flatMap((state) => state.causesFound))
  return [...states.values()].flatMap(({ findings }) => told(findings, causesFound))
}

/** A cause that another service of the incident has is found. */
function told(findings: readonly Finding[], causesFound: ReadonlySet<string>): Finding[] {
  return findings
    .filter(({ incident }) => incident === undefined || !causesFound.has(incident))
    .map(plainFinding)
}

/** As a report tells it. */
export function plainFinding({ kind, service, environment, subject, detail }: Finding): Finding {
  return { kind, service, ...(environment === undefined ? {} : { environment }), subject, detail }
}
