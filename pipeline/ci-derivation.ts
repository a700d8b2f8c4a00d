import { calendarOf, dayMs } from '../core/calendar.ts'
import { lowerBound } from '../core/statistics.ts'
import { nameOfScope } from '../store/scope.ts'
import type { Store } from '../store/store.ts'
import { ciPoints } from '../transforms/ci-points.ts'
import { hourOf, passedEnd, windowEnds } from '../transforms/window-points.ts'
import {
  ciGroups,
  coveredFrom,
  ownerOf,
  readCiWritten,
  saveCiWritten,
  type AllWritten,
  type CiGroup,
} from './ci-owners.ts'
import { createCiRepositories, forgetCi, type CiRepositories } from './ci-repositories.ts'
import type { DeriveOptions } from './derive-options.ts'

/** How many services are derived anew in one transaction. */
const servicesAtOnce = 20
/** Repositories that changed keep somewhat more than the longest window, for zones and clock changes. */
const slackMs = 3 * dayMs

const seqKey = 'ci_seq'
const poolsKey = 'ci_pools_stale'

/**
 * Brings the points of `dora_ci` in line with the stored runs; returns how many changed. Repositories with new runs are
 * added to, their services restated where anything differs, and all others advanced to the present. The result is the
 * same as that of a rebuild; a crash leaves work to do again, and nothing else.
 */
export async function deriveCi(store: Store, options: DeriveOptions): Promise<number> {
  try {
    return await derivePass(store, options)
  } catch (error) {
    forgetCi(store)
    throw error
  }
}

/** Everything is derived anew by the next pass, from the stored facts. */
export async function resetCi(store: Store): Promise<void> {
  forgetCi(store)
  await saveCiWritten(store, {})
  await store.meta.set(seqKey, '0')
}

async function derivePass(store: Store, options: DeriveOptions): Promise<number> {
  const seq = await store.facts.lastSeq()
  const derivedSeq = Number((await store.meta.get(seqKey)) ?? 0)
  const written = await readCiWritten(store)
  const { services, pools } = await ciGroups(store, options, written)
  const oldest = Math.min(...services.map(({ until }) => until))
  const known = createCiRepositories(store, oldest - Math.max(...options.windowsDays) * dayMs - slackMs)
  const changed = await changedRepositories(store, derivedSeq, services)
  const pass = createPass({ store, options, known, changed, written, seq })
  let points = 0

  const anew: CiGroup[] = []
  for (const service of services) if (await pass.needsDerivingAnew(service)) anew.push(service)
  if (anew.length > 0) await store.meta.set(poolsKey, '1')
  for (let from = 0; from < anew.length; from += servicesAtOnce) {
    await store.write(async () => {
      for (const service of anew.slice(from, from + servicesAtOnce)) points += await pass.deriveAnew(service)
      await saveCiWritten(store, written)
    })
  }
  await store.write(async () => {
    const isAnew = new Set(anew)
    for (const service of services) if (!isAnew.has(service)) points += await pass.advance(service)
    // Of those that have no service any more nothing is needed.
    for (const repository of changed) if (!pass.isUpdated(repository)) await known.forget(repository)
    const isStale = (await store.meta.get(poolsKey)) === '1'
    for (const pool of pools) points += await (isStale ? pass.deriveAnew(pool) : pass.advance(pool))
    points += await removeOthers(store, written, [...services, ...pools], derivedSeq === 0)
    await saveCiWritten(store, written)
    await store.meta.set(poolsKey, '0')
    await store.meta.set(seqKey, String(seq))
  })
  return points
}

/** The repositories whose runs changed since the last pass; all of them where there was none. */
async function changedRepositories(
  store: Store,
  derivedSeq: number,
  services: readonly CiGroup[],
): Promise<Set<string>> {
  if (derivedSeq === 0) return new Set(services.flatMap(({ repositories }) => repositories))
  const changed = await store.facts.scopesOfKindChangedAfter('run', derivedSeq)
  return new Set(changed.map(nameOfScope))
}

interface Pass {
  store: Store
  options: DeriveOptions
  known: CiRepositories
  changed: ReadonlySet<string>
  /** Changed as the pass goes on. */
  written: AllWritten
  seq: number
}

function createPass({ store, options, known, changed, written, seq }: Pass) {
  const { since, windowsDays } = options
  const longest = Math.max(...windowsDays)
  /** By repository, the instants that differ from before this pass; undefined where nothing was known. */
  const differs = new Map<string, readonly number[] | undefined>()

  async function update(repository: string): Promise<readonly number[] | undefined> {
    if (!changed.has(repository) && (await known.seqOf(repository)) > 0) return []
    if (!differs.has(repository)) differs.set(repository, await known.update(repository, seq))
    return differs.get(repository)
  }

  async function deriveAnew(group: CiGroup): Promise<number> {
    const { name, stamp, until, timezone } = group
    for (const repository of group.repositories) await update(repository)
    const from = await coveredFrom(group, known, since)
    written[name] = { stamp, from, until, seq }
    if (from === null) return store.points.replaceAll(name, [])
    const owner = await ownerOf(group, from, known, -Infinity)
    const ends = windowEnds(timezone, from, until)
    return store.points.replaceAll(name, ciPoints(owner, windowsDays, ends))
  }

  return {
    isUpdated: (repository: string) => differs.has(repository),
    deriveAnew,

    /** Nothing valid is kept of it: other settings, another version, or a repository that went on without it. */
    async needsDerivingAnew({ name, stamp, repositories }: CiGroup): Promise<boolean> {
      const before = written[name]
      if (before?.stamp !== stamp) return true
      for (const repository of repositories) {
        const repositorySeq = await known.seqOf(repository)
        if (repositorySeq === 0 || repositorySeq > before.seq) return true
      }
      return false
    },

    /** Writes the windows that ended since they were last written, and those in which something differs. */
    async advance(group: CiGroup): Promise<number> {
      const { name, stamp, until, timezone, repositories } = group
      const before = written[name]
      if (before?.stamp !== stamp) return deriveAnew(group)
      const times = new Set<number>()
      for (const repository of repositories) {
        const own = await update(repository)
        if (!own) return deriveAnew(group)
        for (const at of own) times.add(at)
      }
      const from = await coveredFrom(group, known, since)
      if (from !== before.from) return deriveAnew(group)
      written[name] = { stamp, from, until, seq }
      if (from === null) return 0

      const restated = [...times].sort((a, b) => a - b)
      const calendar = calendarOf(timezone)
      const newAfter = until === before.until ? Infinity : hourOf(before.until)
      const ends = windowEnds(
        timezone,
        Math.max(from, Math.min(newAfter, restated[0] ?? Infinity)),
        until,
      ).filter(
        (end) =>
          end > newAfter || (restated[lowerBound(restated, calendar.daysBefore(end, longest))] ?? end) < end,
      )
      const owner = await ownerOf(group, from, known, calendar.daysBefore(ends[0] ?? until, longest))
      const points = ciPoints(owner, windowsDays, ends)
      const former = passedEnd(timezone, from, before.until, until)
      return store.points.replaceAt(name, former === undefined ? ends : [...ends, former], points)
    },
  }
}

/** Removes what is stored of services, teams and repositories that are no more. */
async function removeOthers(
  store: Store,
  written: AllWritten,
  groups: readonly CiGroup[],
  isFirst: boolean,
): Promise<number> {
  const current = new Set(groups.map(({ name }) => name))
  const known = new Set([...Object.keys(written), ...(isFirst ? await store.points.owners() : [])])
  let removed = 0
  for (const owner of known) {
    if (current.has(owner) || !owner.startsWith('ci:')) continue
    removed += await store.points.replaceAll(owner, [])
    delete written[owner]
  }
  return removed
}
