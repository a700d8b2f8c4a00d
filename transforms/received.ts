import type { GraphIndex } from './graph-index.ts'
import type { Growth, KnownRepository } from './growth.ts'
import { isKnown, type Repository } from './repository.ts'
import type { Rollout } from './rollout.ts'

/** The commits of one repository that one environment has received: index → position of the first deployment + 1. */
export interface Received {
  repository: Repository
  graph: GraphIndex
  firstBy: Int32Array
  /** Shas that the repository has never heard of, with the same meaning. */
  unheard: Map<string, number>
  /** By position in repository.changes. */
  changeBy: Int32Array
  /** Unknown commits that were come to when asking what contains what: knowing them may change the answer. */
  askedInVain: Set<number>
}

/** What one deployment brought that was not there before. */
export interface Arrived {
  fresh: number[]
  /** Shas that the repository has never heard of. */
  unheard: string[]
  /** Why the range could not be computed. */
  unresolved: string | undefined
}

export function nothingReceived({ repository, graph }: KnownRepository): Received {
  return {
    askedInVain: new Set(),
    repository,
    graph,
    firstBy: new Int32Array(repository.shas.length),
    unheard: new Map(),
    changeBy: new Int32Array(repository.changes.length),
  }
}

/** Room for what the repository has grown by. */
export function makeRoomFor(state: Received): void {
  const { shas, changes } = state.repository
  state.firstBy = widened(state.firstBy, shas.length)
  state.changeBy = widened(state.changeBy, changes.length)
}

function widened(column: Int32Array, count: number): Int32Array {
  if (column.length >= count) return column
  const wider = new Int32Array(count + (count >> 3) + 16)
  wider.set(column)
  return wider
}

/** Whether a growth tells nothing of what was received: then everything shipped so far stays as it is. */
export function isUntouchedBy(
  { repository, firstBy: first, unheard, askedInVain }: Received,
  growth: Growth,
): boolean {
  const matters = (index: number) => (index < first.length && first[index] !== 0) || askedInVain.has(index)
  if (growth.told.some(matters)) return false
  if (unheard.size === 0) return true
  for (let index = growth.first; index < repository.shas.length; index += 1) {
    if (unheard.has(repository.shas[index]!)) return false
  }
  return true
}

/** Marks what a deployment ships as received: its range, or what is reached from its commit over the parents. */
export function receive(state: Received, { sha, range }: Rollout, mark: number): Arrived {
  const arrived: Arrived = { fresh: [], unheard: [], unresolved: undefined }
  if (range === undefined) {
    if (sha === undefined) return arrived
    if (isKnownSha(state, sha)) arrived.unresolved = walk(state, sha, mark, arrived.fresh)
    else {
      receiveOne(state, sha, mark, arrived)
      arrived.unresolved = `commit ${sha} is not known`
    }
    return arrived
  }
  // The base first: whether it was shipped before must not depend on what this deployment marks.
  if (firstBy(state, range.base) === 0) {
    if (isKnownSha(state, range.base)) arrived.unresolved = walk(state, range.base, mark, arrived.fresh)
    else {
      receiveOne(state, range.base, mark, arrived)
      arrived.unresolved = `the range begins at ${range.base}, which is neither known nor shipped`
    }
  }
  if (sha !== undefined) receiveOne(state, sha, mark, arrived)
  for (const each of range.commits) receiveOne(state, each, mark, arrived)
  return arrived
}

function walk(state: Received, from: string, mark: number, fresh: number[]): string | undefined {
  const { repository, firstBy: first } = state
  const stack = [state.graph.indexOf.get(from)!]
  let met = false
  let unknown: number | undefined
  while (stack.length > 0) {
    const index = stack.pop()!
    if (first[index] !== 0) {
      // Met in this very walk it says nothing of what was shipped before.
      if (first[index] !== mark) met = true
      continue
    }
    first[index] = mark
    fresh.push(index)
    if (!isKnown(repository, index)) {
      unknown ??= index
      continue
    }
    if (repository.firstParent[index]! >= 0) stack.push(repository.firstParent[index]!)
    if (repository.secondParent[index]! >= 0) stack.push(repository.secondParent[index]!)
    if (repository.moreParents.size > 0) stack.push(...(repository.moreParents.get(index) ?? []))
  }
  if (unknown !== undefined)
    return `the walk comes to ${repository.shas[unknown]}, which is neither known nor shipped`
  return met ? undefined : `the history of ${from} ends without having met anything shipped`
}

/** What a baseline ships without samples: everything that can be reached from it. */
export function receiveHistory(
  state: Received,
  from: readonly string[],
  mark: number,
  { fresh }: Arrived,
): void {
  const { repository, firstBy: first } = state
  const seen = new Set<number>()
  const stack = from.flatMap((sha) => state.graph.indexOf.get(sha) ?? [])
  while (stack.length > 0) {
    const index = stack.pop()!
    if (seen.has(index) || (first[index] !== 0 && first[index] !== mark)) continue
    seen.add(index)
    if (first[index] === 0) fresh.push(index)
    first[index] = mark
    if (repository.firstParent[index]! >= 0) stack.push(repository.firstParent[index]!)
    if (repository.secondParent[index]! >= 0) stack.push(repository.secondParent[index]!)
    stack.push(...(repository.moreParents.get(index) ?? []))
  }
}

/** Who shipped the commit itself; where nobody did, who shipped a change that lists it. */
export function shippersOf(state: Received, sha: string): number[] {
  const direct = firstBy(state, sha)
  if (direct > 0) return [direct - 1]
  const index = state.graph.indexOf.get(sha)
  if (index === undefined) return []
  return (state.graph.changesByListed.get(index) ?? [])
    .map((change) => state.changeBy[change]! - 1)
    .filter((position) => position >= 0)
}

export function firstBy(state: Received, sha: string): number {
  const index = state.graph.indexOf.get(sha)
  return index === undefined ? (state.unheard.get(sha) ?? 0) : state.firstBy[index]!
}

/** One commit, without what it contains. */
export function receiveOne(state: Received, sha: string, mark: number, { fresh, unheard }: Arrived): void {
  const index = state.graph.indexOf.get(sha)
  if (index === undefined) {
    if (state.unheard.has(sha)) return
    state.unheard.set(sha, mark)
    unheard.push(sha)
    return
  }
  if (state.firstBy[index] !== 0) return
  state.firstBy[index] = mark
  fresh.push(index)
}

export function markChanges(state: Received, fresh: readonly number[], position: number): void {
  for (const index of fresh) {
    for (const change of state.graph.changesByTip.get(index) ?? []) {
      if (state.changeBy[change] === 0) state.changeBy[change] = position + 1
    }
  }
}

/** As markChanges, for a baseline that reached a whole history: over the changes instead of the commits. */
export function markAllChanges(state: Received, position: number): void {
  for (const [index, change] of state.repository.changes.entries()) {
    if (state.changeBy[index] !== 0) continue
    const shipped = (tip: number) => tip >= 0 && state.firstBy[tip] !== 0
    if (shipped(change.merge) || shipped(change.head)) state.changeBy[index] = position + 1
  }
}

export function isKnownSha(state: Received, sha: string): boolean {
  const index = state.graph.indexOf.get(sha)
  return index !== undefined && isKnown(state.repository, index)
}

export function shaAt(state: Received, index: number): string {
  return state.repository.shas[index]!
}

export function reaches(state: Received, from: string, to: string): boolean {
  const { repository } = state
  const target = state.graph.indexOf.get(to)!
  const seen = new Uint8Array(repository.shas.length)
  const stack = [state.graph.indexOf.get(from)!]
  while (stack.length > 0) {
    const index = stack.pop()!
    if (index === target) return true
    if (seen[index] === 1) continue
    seen[index] = 1
    if (!isKnown(repository, index)) state.askedInVain.add(index)
    if (repository.firstParent[index]! >= 0) stack.push(repository.firstParent[index]!)
    if (repository.secondParent[index]! >= 0) stack.push(repository.secondParent[index]!)
    stack.push(...(repository.moreParents.get(index) ?? []))
  }
  return false
}
