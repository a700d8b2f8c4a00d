import { calendarOf } from '../core/calendar.ts'
import type { Store } from '../store/store.ts'
import { ciEntries, type CiEntry } from '../transforms/ci-report.ts'
import type { Finding } from '../transforms/finding.ts'
import { negativeDuration } from '../transforms/ci-explain.ts'
import { ciGroups, coveredFrom, ownerOf, readCiWritten } from './ci-owners.ts'
import { createCiRepositories } from './ci-repositories.ts'
import type { DeriveOptions } from './derive-options.ts'
import { servicesWith } from './service-names.ts'

/** What the report says of CI at an instant, from what the last derivation kept; pools come behind the services. */
export async function ciReport(
  store: Store,
  options: DeriveOptions,
  { asOf, windowsDays }: { asOf: number; windowsDays: readonly number[] },
): Promise<CiEntry[]> {
  const known = createCiRepositories(store, asOf)
  const { services, pools } = await ciGroups(store, options, await readCiWritten(store))
  const entries: CiEntry[] = []
  for (const group of [...services, ...pools]) {
    const from = await coveredFrom(group, known, options.since)
    if (from === null) continue
    const eventsFrom = calendarOf(group.timezone).daysBefore(asOf, Math.max(...windowsDays))
    entries.push(...ciEntries(await ownerOf(group, from, known, eventsFrom), asOf, windowsDays))
  }
  return entries
}

/** Runs of which no duration is known, for each service that has them. */
export async function ciFindings(
  store: Store,
  { catalogue }: Pick<DeriveOptions, 'catalogue'>,
): Promise<Finding[]> {
  const known = createCiRepositories(store, Infinity)
  const findings: Finding[] = []
  for (const [service, repositories] of await servicesWith(store, catalogue, 'run')) {
    for (const repository of repositories) {
      for (const run of await known.backwards(repository)) findings.push(negativeDuration(service, run))
    }
  }
  return findings
}
