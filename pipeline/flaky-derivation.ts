import { calendarOf, dayMs } from '../core/calendar.ts'
import type { ServiceSettings } from '../core/service.ts'
import type { PointToSave, Store } from '../store/store.ts'
import {
  compareFlaky,
  flakyDays,
  flakyWindows,
  type CountedTest,
  type NamedTest,
} from '../transforms/flaky.ts'
import { flakyPoint } from '../transforms/flaky-points.ts'
import { hourOf, passedEnd, windowEnds } from '../transforms/window-points.ts'
import type { DeriveOptions } from './derive-options.ts'
import { repositoriesOf } from './service-history.ts'
import { servicesWith } from './service-names.ts'
import { stampOf } from './stamp.ts'

/** Days after which a test report is dropped. */
export const testsKeptDays = 60

/** Changed whenever the same reports may give other points. */
const flakyVersion = 1

/** How far the points of each service are written. */
interface Written {
  seq: number
  services: Record<string, { stamp: string; until: number }>
  /** The day on which old reports were dropped last. */
  droppedFrom: number
  /** Everything is to be written again, as far as there are reports. */
  isStale?: true
}

const key = 'flaky'
const nothing: Written = { seq: 0, services: {}, droppedFrom: 0 }

/** From when on reports are kept; epoch ms. It moves once a day, so that every refresh of a day sees the same. */
export function testsKeptFrom(now: number): number {
  return Math.floor(now / dayMs) * dayMs - testsKeptDays * dayMs
}

/**
 * Brings the points of `dora_flaky` in line with the stored test reports; returns how many changed. Nothing is kept
 * between refreshes but how far points are written: two weeks of a repository's reports are counted in a moment.
 * Windows for which reports were dropped already stay as they are.
 */
export async function deriveFlaky(store: Store, options: DeriveOptions): Promise<number> {
  const kept = await store.meta.get(key)
  const services = await servicesWith(store, options.catalogue, 'testReport')
  if (kept === undefined && services.size === 0) return 0
  const written = kept === undefined ? nothing : (JSON.parse(kept) as Written)
  const seq = await store.facts.lastSeq()
  const keptFrom = testsKeptFrom(options.at)

  return store.write(async () => {
    if (keptFrom > written.droppedFrom) await store.tests.drop(keptFrom)
    const next: Written = { seq, services: {}, droppedFrom: Math.max(keptFrom, written.droppedFrom) }
    let points = 0
    for (const service of new Set([...services.keys(), ...Object.keys(written.services)])) {
      const settings = options.catalogue.settingsOf(service)
      const repositories = repositoriesOf(options.catalogue, settings)
      // What its last reports told stays when they are dropped.
      if (repositories.length === 0) {
        points += await store.points.replaceAll(ownerName(service), [])
        continue
      }
      const { until: deployedUntil, testsUntil = deployedUntil } = options.observed(settings)
      const before = written.services[service]
      const stamp = stampOf([flakyVersion, settings.timezone, options.since, repositories])
      const until = Math.max(testsUntil, before?.until ?? 0)
      const owner = {
        service,
        settings,
        repositories,
        until,
        keptFrom: next.droppedFrom,
        since: options.since,
      }
      const isSame = before?.stamp === stamp
      if (before && !isSame) points += await store.points.replaceAll(ownerName(service), [])
      const changedFrom =
        isSame && !written.isStale ? await changedFromOf(store, repositories, written.seq) : -Infinity
      points += await writeService(store, owner, before?.until, changedFrom)
      next.services[service] = { stamp, until }
    }
    await store.meta.set(key, JSON.stringify(next))
    return points
  })
}

/** Everything is derived anew by the next pass. */
export async function resetFlaky(store: Store): Promise<void> {
  const kept = await store.meta.get(key)
  if (kept !== undefined)
    await store.meta.set(key, JSON.stringify({ ...(JSON.parse(kept) as Written), isStale: true }))
}

const ownerName = (service: string) => `flaky:${service}`

async function changedFromOf(store: Store, repositories: readonly string[], seq: number): Promise<number> {
  let from = Infinity
  for (const repository of repositories)
    from = Math.min(from, (await store.tests.changedFrom(repository, seq)) ?? Infinity)
  return from
}

interface Owner {
  service: string
  settings: ServiceSettings
  repositories: readonly string[]
  until: number
  keptFrom: number
  since: number | null
}

/** Writes the windows that end after `changedFrom`, or after what was written before. */
async function writeService(
  store: Store,
  { service, settings: { timezone }, repositories, until, keptFrom, since }: Owner,
  writtenUntil: number | undefined,
  changedFrom: number,
): Promise<number> {
  const calendar = calendarOf(timezone)
  const newAfter = writtenUntil === undefined || writtenUntil === until ? Infinity : hourOf(writtenUntil)
  const after = Math.max(keptFrom, writtenUntil === undefined ? -Infinity : Math.min(changedFrom, newAfter))
  if (after >= until) return 0
  const ends = windowEnds(timezone, after, until).filter(
    (end) => calendar.daysBefore(end, flakyDays) >= keptFrom,
  )
  const spans = ends.map((to) => ({ from: Math.max(since ?? 0, calendar.daysBefore(to, flakyDays)), to }))
  const points: PointToSave[] = []
  for (const repository of spans.length === 0 ? [] : repositories) {
    const windows = flakyWindows(await store.tests.runs(repository, spans[0]!.from), spans)
    for (const [index, { flaky, ...window }] of windows.entries()) {
      const at = ends[index]!
      const point: PointToSave | undefined = flakyPoint(
        { service, repository },
        at,
        window,
        await named(store, flaky),
      )
      if (!point) continue
      // Only the last can be the running day's: all others are midnights.
      if (index === ends.length - 1 && calendar.dayOf(at) !== at) point.passing = true
      points.push(point)
    }
  }
  const former = writtenUntil === undefined ? undefined : passedEnd(timezone, -Infinity, writtenUntil, until)
  return store.points.replaceAt(ownerName(service), former === undefined ? ends : [...ends, former], points)
}

/** Tests with their names, the worst first. */
export async function named(store: Store, tests: readonly CountedTest[]): Promise<NamedTest[]> {
  const list: NamedTest[] = []
  for (const test of tests) {
    const [suite, name] = await store.tests.nameOf(test.test)
    list.push({ ...test, suite, name })
  }
  return list.sort(compareFlaky)
}
