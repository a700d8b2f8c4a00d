import { deserialize, serialize } from 'node:v8'
import type { Run } from '../core/fact.ts'
import { repositoryScope } from '../store/scope.ts'
import type { Store } from '../store/store.ts'
import { addRuns, compileRuns, type CiEvents, type CiRuns } from '../transforms/ci.ts'
import { changedAt, ciEvents, clipCi } from '../transforms/ci-events.ts'
import { createAtHand, type AtHand } from './at-hand.ts'
import { checkpointSeq, checkpointStamp, readable } from './kept-state.ts'

/** Changed whenever the same runs may give other points: everything of CI is derived anew then. */
export const ciVersion = 1

/** The end of a repository's events, which windows that end today are made of. */
interface Recent {
  /** Of the runs it was made of. */
  seq: number
  /** Nothing is missing from here on. */
  from: number
  /** The finish of the first run of all; null where there is none. */
  firstAt: number | null
  backwards: CiRuns['backwards']
  events: CiEvents[]
}

/** Brings the compiled runs of repositories up to date, and reads them. */
export interface CiRepositories {
  /**
   * Adds what came in until `seq`; returns the instants at which anything differs from before, undefined where nothing
   * was known before.
   */
  update(repository: string, seq: number): Promise<number[] | undefined>
  /** Until which fact a repository was compiled; 0 where it was not. */
  seqOf(repository: string): Promise<number>
  /** The finish of its first run. */
  firstAt(repository: string): Promise<number | null>
  /** Runs that end before they start. */
  backwards(repository: string): Promise<CiRuns['backwards']>
  /** All that happened from an instant on. */
  events(repository: string, from: number): Promise<CiEvents[]>
  forget(repository: string): Promise<void>
}

/** `keptFrom`: what happened before is seldom asked for, and is then made of all runs. */
export function createCiRepositories(store: Store, keptFrom: number): CiRepositories {
  const seen = seenOf(store)
  /** Whoever was brought up to date is asked for right away. */
  let last: { repository: string; events: CiEvents[] } | undefined

  async function compiled(repository: string): Promise<{ runs: CiRuns; seq: number } | undefined> {
    const stored = await store.histories.find(`runs:${repository}`)
    const seq = stored && checkpointSeq(stored.stamp, ciVersion)
    if (seq === undefined) return undefined
    const runs = readable(() => deserialize(stored!.body) as CiRuns)
    return runs && { runs, seq }
  }

  /** The runs with what came in since, or compiled from all facts where one was replaced or removed. */
  async function grown(
    repository: string,
    before: { runs: CiRuns; seq: number } | undefined,
    seq: number,
  ): Promise<CiRuns> {
    const scope = repositoryScope(repository)
    const added = before && (await store.facts.addedIn(scope, ['run'], before.seq, seq))
    const runs = added && addRuns(before.runs, added as Run[])
    const facts = await store.facts.rowsIn(scope, 'run')
    if (runs?.facts === facts) return runs
    return { ...compileRuns((await store.facts.inScope(scope, ['run'])) as Run[]), facts }
  }

  async function recent(repository: string): Promise<Recent | undefined> {
    const found = seen.get(repository)
    if (found) return found
    const stored = await store.histories.find(`ci:${repository}`)
    const seq = stored && checkpointSeq(stored.stamp, ciVersion)
    if (seq === undefined) return undefined
    const kept = readable(() => deserialize(stored!.body) as Omit<Recent, 'seq'>)
    if (!kept) return undefined
    return hold(repository, { ...kept, seq })
  }

  function hold(repository: string, kept: Recent): Recent {
    seen.set(repository, kept, weightOf(kept.events))
    return kept
  }

  return {
    async update(repository, seq) {
      const before = await compiled(repository)
      if (before?.seq === seq) return []
      const runs = await grown(repository, before, seq)
      const stamp = checkpointStamp(ciVersion, seq)
      await store.histories.save(`runs:${repository}`, { stamp, body: serialize(runs) })
      const events = ciEvents(runs)
      const kept = {
        from: keptFrom,
        firstAt: runs.finishedAt[0] ?? null,
        backwards: runs.backwards,
        events: events.map((each) => copied(clipCi(each, keptFrom, Infinity))),
      }
      await store.histories.save(`ci:${repository}`, { stamp, body: serialize(kept) })
      hold(repository, { ...kept, seq })
      last = { repository, events }
      return before && changedAt(ciEvents(before.runs), events)
    },
    seqOf: async (repository) => (await recent(repository))?.seq ?? 0,
    firstAt: async (repository) => (await recent(repository))?.firstAt ?? null,
    backwards: async (repository) => (await recent(repository))?.backwards ?? [],
    async events(repository, from) {
      const kept = await recent(repository)
      if (kept && kept.from <= from) return kept.events
      if (last?.repository === repository) return last.events
      const found = await compiled(repository)
      return found ? ciEvents(found.runs) : []
    },
    async forget(repository) {
      seen.delete(repository)
      await store.histories.remove(`runs:${repository}`)
      await store.histories.remove(`ci:${repository}`)
    },
  }
}

/** A part of a column would keep all of it in memory. */
function copied(events: CiEvents): CiEvents {
  const { workflow, at, durationMs, flags, commitAt, greenMs, red } = events
  return {
    workflow,
    at: at.slice(),
    durationMs: durationMs.slice(),
    flags: flags.slice(),
    commitAt: commitAt.slice(),
    greenMs: greenMs.slice(),
    red: red.slice(),
  }
}

function weightOf(events: readonly CiEvents[]): number {
  return events.reduce((sum, { at, commitAt }) => sum + at.length + commitAt.length, 1)
}

/** Runs and commits: some 17 bytes each. */
const mostEvents = 6_000_000

/** What this process has seen of a store: forgotten when a derivation fails, for that is rolled back. */
const seenOfStores = new WeakMap<Store, AtHand<Recent>>()

function seenOf(store: Store): AtHand<Recent> {
  let seen = seenOfStores.get(store)
  if (!seen) seenOfStores.set(store, (seen = createAtHand(mostEvents)))
  return seen
}

export function forgetCi(store: Store): void {
  seenOfStores.delete(store)
}
