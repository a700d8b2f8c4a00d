import { pathMatcher } from '../core/matchers.ts'
import type { ServiceSettings } from '../core/service.ts'
import type { Finding, FindingKind } from './finding.ts'
import type { Growth, KnownRepository } from './growth.ts'
import {
  firstBy,
  isKnownSha,
  isUntouchedBy,
  makeRoomFor,
  markAllChanges,
  markChanges,
  nothingReceived,
  reaches,
  receive,
  receiveHistory,
  receiveOne,
  shaAt,
  shippersOf,
  type Arrived,
  type Received,
} from './received.ts'
import { hasPaths, isClaimed, isKnown, isMerge, type PullRequest } from './repository.ts'
import type { Rollout } from './rollout.ts'

/** Something that a deployment shipped for the first time: a pull request, a commit of its own, or what a push said. */
export type Shipped =
  | { kind: 'change'; change: PullRequest }
  | { kind: 'commit'; commit: number }
  | { kind: 'pushed'; firstCommitAt: number }
  /** A commit of which nothing is known: no sample, but no revert or hotfix either. */
  | { kind: 'unknown' }

/** Why nobody can say how many changes a deployment shipped. */
export type UnknownShipment =
  | 'baseline'
  | 'baseline_unresolved'
  | 'deployment_without_commit'
  | 'first_commit_only'
  | 'commit_unknown'

/** What one successful deployment shipped; of a failed one only what was shipped before is said. */
export interface Shipment {
  /** Position of the earlier deployment that first shipped this one's commit, -1 where none did. */
  commitBefore: number
  /** The same by version. */
  versionBefore: number
  changes: Shipped[]
  /** Set where `changes` is not all that it shipped. */
  unknownBecause: UnknownShipment | undefined
}

/** What an environment has received, of all its deployments that were told. */
export interface Shipping {
  shipments: Shipment[]
  /** Ships what `rollouts` has been added since, at its end. */
  tellNew(): void
  /**
   * Whether what was shipped so far would be the same in the repositories as they are now: none was exchanged for
   * another, and what they grew by says nothing of what was received.
   */
  stays(growths: ReadonlyMap<string, Growth>): boolean
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
  (name: string): KnownRepository
}

/**
 * Which changes each deployment of one service and environment ships (metrics, "Which changes a deployment
 * ships"). `rollouts` are in order; the result has one shipment for each, and goes on where they do.
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
      state = nothingReceived(repositoryOf(name))
      receivedOf.set(name, state)
    }
    return state
  }

  function tellNew(): void {
    for (const state of receivedOf.values()) makeRoomFor(state)
    for (let position = shipments.length; position < rollouts.length; position += 1) tell(position)
  }

  function tell(position: number): void {
    const rollout = rollouts[position]!
    const { sha, version } = rollout
    const shipment: Shipment = {
      commitBefore: sha === undefined ? -1 : firstBy(received(rollout.repository), sha) - 1,
      versionBefore: version === undefined ? -1 : (versions.get(version) ?? -1),
      changes: [],
      unknownBecause: undefined,
    }
    shipments.push(shipment)
    if (!rollout.succeeded) return
    if (shipment.commitBefore < 0) ship(rollout, position, shipment)
    if (rollout.version !== undefined && !versions.has(rollout.version))
      versions.set(rollout.version, position)
    if (baseline < 0) baseline = position
  }

  function ship(rollout: Rollout, position: number, shipment: Shipment): void {
    const state = received(rollout.repository)
    const { sha, range, firstCommitAt } = rollout
    const mark = position + 1
    const isBaseline = baseline < 0

    const worksFrom = [...(sha === undefined ? [] : [sha]), ...(range?.commits ?? [])]
    const hasCommits = worksFrom.some((each) => isKnownSha(state, each))
    if (firstCommitAt !== undefined && !hasCommits) {
      const named: Arrived = { fresh: [], unheard: [], unresolved: undefined }
      for (const each of worksFrom) receiveOne(state, each, mark, named)
      markChanges(state, named.fresh, position)
      shipment.changes.push({ kind: 'pushed', firstCommitAt })
      shipment.unknownBecause = 'first_commit_only'
      return
    }
    const arrived = receive(state, rollout, mark)
    const { fresh, unheard, unresolved } = arrived
    if (sha === undefined && range === undefined) {
      find('deployment_without_commit', rollout.id, 'it names no commit: what it shipped is not known')
      shipment.unknownBecause = 'deployment_without_commit'
    }
    if (isBaseline) {
      if (range !== undefined) receiveHistory(state, worksFrom, mark, arrived)
      markAllChanges(state, position)
      shipment.unknownBecause = 'baseline'
      return
    }
    if (unresolved !== undefined) {
      markChanges(state, fresh, position)
      find('baseline_unresolved', rollout.id, unresolved)
      shipment.unknownBecause = 'baseline_unresolved'
      return
    }
    sayUnknown(state, rollout, arrived)
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
      if (isClaimed(state.repository, index)) continue
      if (!isKnown(state.repository, index)) {
        if (!touches) shipment.changes.push({ kind: 'unknown' })
        continue
      }
      if (isMerge(state.repository, index)) continue
      if (touches && !touches(state.repository.paths.get(index) ?? [])) continue
      shipment.changes.push({ kind: 'commit', commit: index })
    }
    if (shipment.changes.some(({ kind }) => kind === 'unknown')) shipment.unknownBecause = 'commit_unknown'
  }

  /** Shipped commits of which nothing is known, or where paths are configured not their paths. */
  function sayUnknown(state: Received, rollout: Rollout, { fresh, unheard }: Arrived): void {
    const unknownPaths = touches ? fresh.filter((index) => !hasPaths(state.repository, index)) : []
    for (const sha of touches ? [...unknownPaths.map((index) => shaAt(state, index)), ...unheard] : []) {
      find('paths_unknown', sha, 'paths are configured and those of this commit are not known')
    }
    const unknown = fresh.filter(
      (index) => !isClaimed(state.repository, index) && !isKnown(state.repository, index),
    )
    for (const sha of [...unknown.map((index) => shaAt(state, index)), ...unheard]) {
      find('commit_unknown', sha, `shipped by ${rollout.id}, but nothing is known of this commit`)
    }
  }

  function changeTouches(state: Received, position: number, inShipment: ReadonlySet<number>): boolean {
    const change = state.repository.changes[position]!
    const brought = state.graph.broughtBy.get(change.id) ?? []
    return [...change.commits, change.head, change.merge, ...brought].some(
      (index) => inShipment.has(index) && touches!(state.repository.paths.get(index) ?? []),
    )
  }

  function find(kind: FindingKind, subject: string, detail: string): void {
    const environment = rollouts[0]!.environment
    findings.push({ kind, service: settings.name, environment, subject, detail })
  }

  tellNew()
  return {
    shipments,
    findings,
    tellNew,
    stays(growths) {
      return [...receivedOf].every(([name, state]) => {
        if (repositoryOf(name).repository !== state.repository) return false
        const growth = growths.get(name)
        return growth === undefined || isUntouchedBy(state, growth)
      })
    },
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
