import type { Store } from '../store/store.ts'
import type { Finding } from '../transforms/finding.ts'
import type { Member } from '../transforms/members.ts'
import { report, type Report } from '../transforms/report.ts'
import { serviceNames } from './derive.ts'
import type { DeriveOptions } from './derive-options.ts'
import { createHistories, type EventState } from './histories.ts'
import { membersOf } from './members.ts'
import { observedSince, readWritten } from './written.ts'

interface When {
  asOf: number
  windowsDays: readonly number[]
}

/** The report at an instant, from what the last derivation kept. */
export async function reportFrom(store: Store, options: DeriveOptions, when: When): Promise<Report> {
  const histories = createHistories(store, options.catalogue)
  const states = new Map<string, EventState>()
  for (const name of await serviceNames(store, options.catalogue)) {
    const state = await histories.events(name)
    if (state) states.set(name, state)
  }
  return reportOf(states, options, when, observedSince(await readWritten(store), options))
}

/** The report at an instant over these services. */
export function reportOf(
  states: ReadonlyMap<string, EventState>,
  options: DeriveOptions,
  { asOf, windowsDays }: When,
  observedOf = observedSince(new Map(), options),
): Report {
  const members: Member[] = []
  const findings: Finding[] = []
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
