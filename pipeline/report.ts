import { nameOfScope, noScope } from '../store/scope.ts'
import type { Store } from '../store/store.ts'
import type { CiEntry } from '../transforms/ci-report.ts'
import type { Finding } from '../transforms/finding.ts'
import type { Member } from '../transforms/members.ts'
import { report, type Report } from '../transforms/report.ts'
import { serviceNames } from './derive.ts'
import { ciReport } from './ci-report.ts'
import type { DeriveOptions } from './derive-options.ts'
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
}

/** The report at an instant, from what the last derivation kept. */
export async function reportFrom(store: Store, options: DeriveOptions, when: When): Promise<FullReport> {
  const histories = createHistories(store, options.catalogue)
  const states = new Map<string, EventState>()
  for (const name of await serviceNames(store, options.catalogue)) {
    const state = await histories.events(name)
    if (state) states.set(name, state)
  }
  const lost = await incidentsWithoutService(store, options, new Set(states.keys()))
  const { ci, findings } = await ciReport(store, options, when)
  const observed = observedSince(await readWritten(store), options)
  return { ...reportOf(states, options, when, observed, [...lost, ...findings]), ci }
}

/** Incidents of names and ids that no service has: they count nowhere, and somebody should know. */
async function incidentsWithoutService(
  store: Store,
  { catalogue }: DeriveOptions,
  services: ReadonlySet<string>,
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
  const findings: Finding[] = [...also]
  const causesFound = new Set<string>()
  for (const [name, state] of states) {
    members.push(...membersOf(name, state, observedOf(name), options))
    findings.push(...state.findings)
    for (const incident of state.causesFound) causesFound.add(incident)
  }
  const { timezone, edition } = options
  return report(members, told(findings, causesFound), { asOf, timezone, edition, windowsDays })
}

/** A cause that another service of the incident has is found. */
function told(findings: readonly Finding[], causesFound: ReadonlySet<string>): Finding[] {
  return findings
    .filter(({ incident }) => incident === undefined || !causesFound.has(incident))
    .map(({ kind, service, environment, subject, detail }) => ({
      kind,
      service,
      ...(environment === undefined ? {} : { environment }),
      subject,
      detail,
    }))
}
