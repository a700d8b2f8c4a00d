import type { Store } from '../store/store.ts'
import type { CiOwner } from '../transforms/ci-points.ts'
import { clipCi } from '../transforms/ci-events.ts'
import { all, noTeam } from '../transforms/window-points.ts'
import { ciVersion, type CiRepositories } from './ci-repositories.ts'
import type { DeriveOptions } from './derive-options.ts'
import { servicesWith } from './service-names.ts'
import { stampOf } from './stamp.ts'

/** A service with runs, or a pool of such services, before its events are read. */
export interface CiGroup {
  /** Of its points in the store. */
  name: string
  service: string
  team: string
  timezone: string
  repositories: string[]
  /** Until when its windows can be written. */
  until: number
  /** Changes with everything but runs and time. */
  stamp: string
}

/** How far the windows of a group are written. */
export interface CiWritten {
  stamp: string
  from: number | null
  until: number
  /** Until which fact. */
  seq: number
}

export type AllWritten = Record<string, CiWritten>

const key = 'ci_written'

/** One row for all: it changes with every refresh. */
export async function readCiWritten(store: Store): Promise<AllWritten> {
  const kept = await store.meta.get(key)
  return kept === undefined || kept === '' ? {} : (JSON.parse(kept) as AllWritten)
}

export async function saveCiWritten(store: Store, written: AllWritten): Promise<void> {
  await store.meta.set(key, JSON.stringify(written))
}

/**
 * The services with runs: those of the report, and repositories that no service names and that only runs tell of.
 * Then their teams and the organisation, which have each repository once.
 */
export async function ciGroups(
  store: Store,
  options: DeriveOptions,
  written: AllWritten,
): Promise<{ services: CiGroup[]; pools: CiGroup[] }> {
  const services: CiGroup[] = []
  for (const [service, repositories] of await servicesWith(store, options.catalogue, 'run')) {
    const settings = options.catalogue.settingsOf(service)
    const { until, runsUntil = until } = options.observed(settings)
    const { team, timezone } = settings
    services.push(
      group(options, written, {
        name: `ci:service:${service}`,
        service,
        team: team ?? noTeam,
        timezone,
        repositories,
        until: runsUntil,
      }),
    )
  }
  const teams = [...new Set(services.map(({ team }) => team))].filter((team) => team !== noTeam).sort()
  const pools = teams.map((team) =>
    pool(
      `ci:team:${team}`,
      team,
      services.filter((each) => each.team === team),
      options,
      written,
    ),
  )
  if (services.length > 0) pools.push(pool('ci:organization', all, services, options, written))
  return { services, pools }
}

function pool(
  name: string,
  team: string,
  services: readonly CiGroup[],
  options: DeriveOptions,
  written: AllWritten,
): CiGroup {
  const repositories = [...new Set(services.flatMap((each) => each.repositories))].sort()
  // A pool's new windows wait for the last of its members.
  const until = Math.min(...services.map((each) => each.until))
  return group(options, written, {
    name,
    service: all,
    team,
    timezone: options.timezone,
    repositories,
    until,
  })
}

/** Never observed for less than what is written already: a source that was added later takes nothing away. */
function group(
  { since, windowsDays }: DeriveOptions,
  written: AllWritten,
  { until, ...told }: Omit<CiGroup, 'stamp'>,
): CiGroup {
  const stamp = stampOf([ciVersion, told, since, windowsDays])
  const before = written[told.name]
  return { ...told, stamp, until: before?.stamp === stamp ? Math.max(until, before.until) : until }
}

/** The start of a group's coverage: the configured one, else its first finished run; null where there is no run. */
export async function coveredFrom(
  { repositories }: CiGroup,
  known: CiRepositories,
  since: number | null,
): Promise<number | null> {
  let first: number | null = null
  for (const repository of repositories) {
    const at = await known.firstAt(repository)
    if (at !== null) first = Math.min(first ?? Infinity, at)
  }
  return first === null ? null : (since ?? first)
}

/** The group with its events from an instant on, clipped to what was observed. */
export async function ownerOf(
  { service, team, timezone, repositories, until }: CiGroup,
  from: number,
  known: CiRepositories,
  eventsFrom: number,
): Promise<CiOwner> {
  const events = []
  for (const repository of repositories) events.push(...(await known.events(repository, eventsFrom)))
  return {
    service,
    team,
    timezone,
    coverage: { from, until },
    events: events.map((each) => clipCi(each, Math.max(from, eventsFrom), until)),
  }
}
