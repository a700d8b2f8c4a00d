import { deserialize, serialize } from 'node:v8'
import type { BotChoices } from '../core/bots.ts'
import type { Incident } from '../core/fact.ts'
import type { Derived } from '../transforms/derive.ts'
import type { Finding } from '../transforms/finding.ts'
import type { KnownRepository } from '../transforms/growth.ts'
import { indexGraph } from '../transforms/graph-index.ts'
import { environmentsUsed, type EnvironmentUse } from '../transforms/quality-environments.ts'
import type { Repository } from '../transforms/repository.ts'
import type { ServiceHistory } from '../transforms/rollout.ts'
import type { MergedEvents } from '../transforms/merged-events.ts'
import { windowEvents, type WindowEvents } from '../transforms/window-events.ts'
import { packRollouts, unpackRollouts, type PackedRollouts } from './packed-rollouts.ts'
import { packChanges, unpackChanges, type PackedChanges } from './packed-changes.ts'

/** Changed whenever derivation may give another result for the same facts: everything is derived anew then. */
export const derivationVersion = 6

/**
 * What is kept of every service between refreshes: what windows are made of, loaded for all when a team's windows
 * change, and of how much it was derived, by which the histories that are kept beside it are known to be the same.
 */
export interface EventState {
  /** Of the settings and of everything else that the points of this service depend on. */
  stamp: string
  /** The repositories it was derived with, by name, with the number of facts known of each. */
  repositories: [name: string, facts: number][]
  /** The number of rollouts and incidents it was derived from. */
  rollouts: number
  incidents: number
  team: string | null
  timezone: string
  bots: BotChoices
  events: WindowEvents[]
  merged: MergedEvents
  /** The finish of the service's first production deployment, null for none. */
  firstAt: number | null
  /** Every environment that it was deployed to, production or not. */
  environments: EnvironmentUse[]
  findings: Finding[]
  /** Incidents of several services whose stated cause was found here. */
  causesFound: string[]
}

/** A service's history with the repositories that its rollouts are looked up in. */
export interface Sources {
  history: ServiceHistory
  repositories: ReadonlyMap<string, KnownRepository>
}

export function eventStateOf(
  derived: Derived,
  merged: MergedEvents,
  { history, repositories }: Sources,
  stamp: string,
): EventState {
  const { team, timezone, bots } = derived.service
  return {
    stamp,
    repositories: [...repositories].map(([name, { repository }]) => [name, repository.facts]),
    rollouts: history.rollouts.length,
    incidents: history.incidents.length,
    team,
    timezone,
    bots,
    events: windowEvents(derived),
    merged,
    firstAt: firstAtOf(derived),
    environments: environmentsUsed(history.rollouts),
    findings: derived.findings,
    causesFound: [...derived.causesFound],
  }
}

function firstAtOf({ tracks }: Derived): number | null {
  const firsts = tracks.flatMap(({ deployments }) => deployments[0]?.rollout.at ?? [])
  return firsts.length === 0 ? null : Math.min(...firsts)
}

type Columns = Omit<Repository, 'changes' | 'shas'>

/** Typed arrays are copied whole by the structured clone; texts go through JSON, which is several times as fast. */
export function packRepository({ changes, shas, ...columns }: Repository): Uint8Array {
  const { texts, ...packed } = packChanges(changes)
  return serialize([withoutRoom(columns, shas.length), packed, JSON.stringify([shas, texts])])
}

/** Columns have room to grow, which nobody needs to store. */
function withoutRoom(columns: Columns, count: number): Columns {
  return {
    ...columns,
    flags: columns.flags.subarray(0, count),
    authoredAt: columns.authoredAt.subarray(0, count),
    committedAt: columns.committedAt.subarray(0, count),
    firstParent: columns.firstParent.subarray(0, count),
    secondParent: columns.secondParent.subarray(0, count),
    sourceOf: columns.sourceOf.subarray(0, count),
  }
}

export function unpackRepository(body: Uint8Array): KnownRepository {
  const [columns, packed, json] = deserialize(body) as [Columns, Omit<PackedChanges, 'texts'>, string]
  const [shas, texts] = JSON.parse(json) as [string[], string[]]
  const repository: Repository = { ...columns, shas, changes: unpackChanges({ ...packed, texts }) }
  return { repository, graph: indexGraph(repository) }
}

/** The stamp of what is kept with the facts until one of this number in it, by a version of whatever made it. */
export const checkpointStamp = (version: number, seq: number) => `${version} ${seq}`

/** The number of the last fact in what is kept; undefined where another version made it. */
export function checkpointSeq(stamp: string, version: number): number | undefined {
  const [madeBy, seq] = stamp.split(' ')
  return madeBy === String(version) ? Number(seq) : undefined
}

/** What another version wrote, or nobody can read, is as good as not there: it is made again from the facts. */
export function readable<State>(decode: () => State): State | undefined {
  try {
    return decode()
  } catch {
    return undefined
  }
}

export function packHistory({ rollouts, incidents }: ServiceHistory): Uint8Array {
  const { texts, ...packed } = packRollouts(rollouts)
  return serialize([packed, JSON.stringify([texts, incidents])])
}

export function unpackHistory(body: Uint8Array): ServiceHistory {
  const [packed, json] = deserialize(body) as [Omit<PackedRollouts, 'texts'>, string]
  const [texts, incidents] = JSON.parse(json) as [PackedRollouts['texts'], Incident[]]
  return { rollouts: unpackRollouts({ ...packed, texts }), incidents }
}

export const packEvents = (state: EventState): Uint8Array => serialize(state)
export const unpackEvents = (body: Uint8Array): EventState => deserialize(body) as EventState
