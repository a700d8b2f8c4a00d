import { pathMatcher } from '../core/matchers.ts'
import type { ServiceSettings } from '../core/service.ts'
import type { Finding, FindingKind } from './finding.ts'
import { hasPaths, isKnown, isMerge, type PullRequest, type Repository } from './repository.ts'
import type { Rollout } from './rollout.ts'

/** Something that a deployment shipped for the first time: a pull request, a commit of its own, or what a push said. */
export type Shipped =
  | { kind: 'change'; change: PullRequest }
  | { kind: 'commit'; commit: number }
  | { kind: 'pushed'; firstCommitAt: number }
  /** A commit of which nothing is known: no sample, but no revert or hotfix either. */
  | { kind: 'unknown' }

/** What one successful deployment shipped; of a failed one only what was shipped before is said. */
export interface Shipment {
  /** Position of the earlier deployment that first shipped this one's commit, -1 where none did. */
  commitBefore: number
  /** The same by version. */
  versionBefore: number
  changes: Shipped[]
}

/** The commits of one repository that one environment has received: index → position of the first deployment + 1. */
interface Received {
  repository: Repository
  graph: GraphIndex
  firstBy: Int32Array
  /** Shas that the repository has never heard of, with the same meaning. */
  unheard: Map<string, number>
  /** By position in repository.changes. */
  changeBy: Int32Array
}

/** What is looked up by sha in a repository; shared by all services and environments of it. */
export interface GraphIndex {
  indexOf: Map<string, number>
  /** Positions of the changes whose merge or head commit this is. */
  changesByTip: Map<number, number[]>
  /** Positions of the changes that list this commit. */
  changesByListed: Map<number, number[]>
  /** 1 where a pull request claims the commit. */
  claimed: Uint8Array
  /** Commits that say which change they came with, by the change's position. */
  broughtBy: Map<number, number[]>
  knowsCommits: boolean
}

export function indexGraph(repository: Repository): GraphIndex {
  const indexOf = new Map<string, number>()
  for (let index = 0; index < repository.shas.length; index += 1) indexOf.set(repository.shas[index]!, index)
  const changesByTip = new Map<number, number[]>()
  const changesByListed = new Map<number, number[]>()
  const broughtBy = new Map<number, number[]>()
  const claimed = new Uint8Array(repository.shas.length)
  const positionOf = new Map<string, number>()
  for (const [position, change] of repository.changes.entries()) {
    positionOf.set(change.id, position)
    if (change.merge >= 0) put(changesByTip, change.merge, position)
    if (change.head >= 0 && change.head !== change.merge) put(changesByTip, change.head, position)
    for (const commit of change.commits) {
      put(changesByListed, commit, position)
      claimed[commit] = 1
    }
  }
  for (const tip of changesByTip.keys()) claimed[tip] = 1
  for (const [commit, id] of repository.changeIds) {
    // It is no change of its own either where its pull request is not known.
    claimed[commit] = 1
    const position = positionOf.get(id)
    if (position !== undefined) put(broughtBy, position, commit)
  }
  const knowsCommits = repository.flags.some((flags) => (flags & 1) !== 0)
  return { indexOf, changesByTip, changesByListed, claimed, broughtBy, knowsCommits }
}

function put(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

/** Asked about what an environment has received, once all its deployments are told. */
export interface Shipping {
  shipments: Shipment[]
  /**
   * Position of the deployment that first shipped this commit, else of the one that shipped a change that lists
   * it. 'before' for what came with the baseline and is not the very commit of it: nobody knows who shipped that.
   */
  shippedBy(sha: string): number | 'before' | undefined
  /** Whether the later commit is reached from the earlier rollout's; undefined where a commit is not known. */
  contains(rollout: Rollout, other: Rollout): boolean | undefined
  findings: Finding[]
}

export interface RepositoryOf {
  (name: string): { repository: Repository; graph: GraphIndex }
}

/**
 * Which changes each deployment of one service and environment ships (metrics, "Which changes a deployment
 * ships"). `rollouts` are in order; the result has one shipment for each.
 */
export function shipping(
  settings: ServiceSettings,
  rollouts: readonly Rollout[],
  repositoryOf: RepositoryOf,
): Shipping {
  const receivedOf = new Map<string, Received>()
  const shipments: Shipment[] = []
  const findings: Finding[] = []
  const versions = new Map<string, number>()
  const touches = settings.paths.length > 0 ? pathMatcher(settings.paths) : undefined
  let baseline = -1

  const received = (name: string): Received => {
    let state = receivedOf.get(name)
    if (!state) {
      const { repository, graph } = repositoryOf(name)
      state = {
        repository,
        graph,
        firstBy: new Int32Array(repository.shas.length),
        unheard: new Map(),
        changeBy: new Int32Array(repository.changes.length),
      }
      receivedOf.set(name, state)
    }
    return state
  }

  for (const [position, rollout] of rollouts.entries()) {
    const { sha, version } = rollout
    const shipment: Shipment = {
      commitBefore: sha === undefined ? -1 : firstBy(received(rollout.repository), sha) - 1,
      versionBefore: version === undefined ? -1 : (versions.get(version) ?? -1),
      changes: [],
    }
    shipments.push(shipment)
    if (!rollout.succeeded) continue
    if (shipment.commitBefore < 0) ship(rollout, position, shipment)
    if (rollout.version !== undefined && !versions.has(rollout.version))
      versions.set(rollout.version, position)
    if (baseline < 0) baseline = position
  }

  function ship(rollout: Rollout, position: number, shipment: Shipment): void {
    const state = received(rollout.repository)
    const { sha, range, firstCommitAt } = rollout
    const fresh: number[] = []
    const unheard: string[] = []
    const isBaseline = baseline < 0

    const worksFrom = [...(sha === undefined ? [] : [sha]), ...(range?.commits ?? [])]
    const hasCommits = worksFrom.some((each) => isKnownSha(state, each))
    if (firstCommitAt !== undefined && !hasCommits) {
      for (const each of worksFrom) receiveOne(state, each, position + 1, fresh, unheard)
      markChanges(state, fresh, position)
      shipment.changes.push({ kind: 'pushed', firstCommitAt })
      return
    }
    const reached = receive(state, rollout, position, fresh, unheard)
    if (sha === undefined && range === undefined) {
      find('deployment_without_commit', rollout.id, 'it names no commit: what it shipped is not known')
    }
    if (isBaseline) {
      receiveHistory(state, worksFrom, position + 1, fresh)
      markAllChanges(state, position)
      return
    }
    if (reached !== undefined) {
      markChanges(state, fresh, position)
      find('baseline_unresolved', rollout.id, reached)
      return
    }
    sayUnknown(state, rollout, fresh, unheard)
    if (!touches) for (const _ of unheard) shipment.changes.push({ kind: 'unknown' })
    const inShipment = touches ? new Set(fresh) : undefined
    for (const index of fresh) {
      for (const change of state.graph.changesByTip.get(index) ?? []) {
        if (state.changeBy[change] !== 0) continue
        state.changeBy[change] = position + 1
        if (!inShipment || changeTouches(state, change, inShipment)) {
          shipment.changes.push({ kind: 'change', change: state.repository.changes[change]! })
        }
      }
      if (state.graph.claimed[index] === 1) continue
      if (!isKnown(state.repository, index)) {
        if (!touches) shipment.changes.push({ kind: 'unknown' })
        continue
      }
      if (isMerge(state.repository, index)) continue
      if (touches && !touches(state.repository.paths.get(index) ?? [])) continue
      shipment.changes.push({ kind: 'commit', commit: index })
    }
  }

  /** Shipped commits of which nothing is known, or where paths are configured not their paths. */
  function sayUnknown(
    state: Received,
    rollout: Rollout,
    fresh: readonly number[],
    unheard: readonly string[],
  ): void {
    const unknownPaths = touches ? fresh.filter((index) => !hasPaths(state.repository, index)) : []
    for (const sha of touches ? [...unknownPaths.map((index) => shaAt(state, index)), ...unheard] : []) {
      find('paths_unknown', sha, 'paths are configured and those of this commit are not known')
    }
    const unknown = fresh.filter(
      (index) => state.graph.claimed[index] === 0 && !isKnown(state.repository, index),
    )
    for (const sha of [...unknown.map((index) => shaAt(state, index)), ...unheard]) {
      find('commit_unknown', sha, `shipped by ${rollout.id}, but nothing is known of this commit`)
    }
  }

  /**
   * Marks everything reachable as received and collects in `fresh` what was not before. Returns why the range
   * could not be computed, or undefined where it could.
   */
  function receive(
    state: Received,
    rollout: Rollout,
    position: number,
    fresh: number[],
    unheard: string[],
  ): string | undefined {
    const { sha, range } = rollout
    const mark = position + 1
    if (range === undefined) {
      if (sha === undefined) return undefined
      if (isKnownSha(state, sha)) return walk(state, sha, mark, fresh)
      receiveOne(state, sha, mark, fresh, unheard)
      return `commit ${sha} is not known`
    }
    // The base first: whether it was shipped before must not depend on what this deployment marks.
    let unresolved: string | undefined
    if (firstBy(state, range.base) === 0) {
      if (isKnownSha(state, range.base)) unresolved = walk(state, range.base, mark, fresh)
      else {
        receiveOne(state, range.base, mark, fresh, unheard)
        unresolved = `the range begins at ${range.base}, which is neither known nor shipped`
      }
    }
    if (sha !== undefined) receiveOne(state, sha, mark, fresh, unheard)
    for (const each of range.commits) receiveOne(state, each, mark, fresh, unheard)
    return unresolved
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
  function receiveHistory(state: Received, from: readonly string[], mark: number, fresh: number[]): void {
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

  function changeTouches(state: Received, position: number, inShipment: ReadonlySet<number>): boolean {
    const change = state.repository.changes[position]!
    const brought = state.graph.broughtBy.get(position) ?? []
    return [...change.commits, change.head, change.merge, ...brought].some(
      (index) => inShipment.has(index) && touches!(state.repository.paths.get(index) ?? []),
    )
  }

  function find(kind: FindingKind, subject: string, detail: string): void {
    const environment = rollouts[0]!.environment
    findings.push({ kind, service: settings.name, environment, subject, detail })
  }

  return {
    shipments,
    findings,
    shippedBy(sha) {
      const by = [...receivedOf.values()].flatMap((state) => shippersOf(state, sha))
      if (by.length === 0) return undefined
      const first = Math.min(...by)
      return first === baseline && rollouts[baseline]!.sha !== sha ? 'before' : first
    },
    contains(rollout, other) {
      if (rollout.sha === undefined || other.sha === undefined) return undefined
      const state = received(rollout.repository)
      if (!isKnownSha(state, rollout.sha) || !isKnownSha(received(other.repository), other.sha))
        return undefined
      return rollout.repository === other.repository && reaches(state, rollout.sha, other.sha)
    },
  }
}

/** Who shipped the commit itself; where nobody did, who shipped a change that lists it. */
function shippersOf(state: Received, sha: string): number[] {
  const direct = firstBy(state, sha)
  if (direct > 0) return [direct - 1]
  const index = state.graph.indexOf.get(sha)
  if (index === undefined) return []
  return (state.graph.changesByListed.get(index) ?? [])
    .map((change) => state.changeBy[change]! - 1)
    .filter((position) => position >= 0)
}

function firstBy(state: Received, sha: string): number {
  const index = state.graph.indexOf.get(sha)
  return index === undefined ? (state.unheard.get(sha) ?? 0) : state.firstBy[index]!
}

function receiveOne(state: Received, sha: string, mark: number, fresh: number[], unheard: string[]): void {
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

function markChanges(state: Received, fresh: readonly number[], position: number): void {
  for (const index of fresh) {
    for (const change of state.graph.changesByTip.get(index) ?? []) {
      if (state.changeBy[change] === 0) state.changeBy[change] = position + 1
    }
  }
}

/** As markChanges, for a baseline that reached a whole history: over the changes instead of the commits. */
function markAllChanges(state: Received, position: number): void {
  for (const [index, change] of state.repository.changes.entries()) {
    if (state.changeBy[index] !== 0) continue
    const shipped = (tip: number) => tip >= 0 && state.firstBy[tip] !== 0
    if (shipped(change.merge) || shipped(change.head)) state.changeBy[index] = position + 1
  }
}

function isKnownSha(state: Received, sha: string): boolean {
  const index = state.graph.indexOf.get(sha)
  return index !== undefined && isKnown(state.repository, index)
}

function shaAt(state: Received, index: number): string {
  return state.repository.shas[index]!
}

function reaches(state: Received, from: string, to: string): boolean {
  const { repository } = state
  const target = state.graph.indexOf.get(to)!
  const seen = new Uint8Array(repository.shas.length)
  const stack = [state.graph.indexOf.get(from)!]
  while (stack.length > 0) {
    const index = stack.pop()!
    if (index === target) return true
    if (seen[index] === 1) continue
    seen[index] = 1
    if (repository.firstParent[index]! >= 0) stack.push(repository.firstParent[index]!)
    if (repository.secondParent[index]! >= 0) stack.push(repository.secondParent[index]!)
    stack.push(...(repository.moreParents.get(index) ?? []))
  }
  return false
}
