import { deserialize, serialize } from 'node:v8'
import type { BotChoices } from '../core/bots.ts'
import type { Derived } from '../transforms/derive.ts'
import type { Finding } from '../transforms/finding.ts'
import type { KnownRepository } from '../transforms/growth.ts'
import { indexGraph } from '../transforms/graph-index.ts'
import { environmentsUsed, type EnvironmentUse } from '../transforms/quality-environments.ts'
import type { PullRequest, Repository } from '../transforms/repository.ts'
import type { ServiceHistory } from '../transforms/rollout.ts'
import type { MergedEvents } from '../transforms/merged-events.ts'
import { windowEvents, type WindowEvents } from '../transforms/window-events.ts'

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

/**
 * Typed arrays are copied whole by the structured clone; plain objects go through JSON, which reads and writes them
 * two to three times as fast.
 */
export function packRepository({ changes, ...columns }: Repository): Uint8Array {
  return serialize([withoutRoom(columns), JSON.stringify(changes)])
}

/** Columns have room to grow, which nobody needs to store. */
function withoutRoom(columns: Omit<Repository, 'changes'>): Omit<Repository, 'changes'> {
  const count = columns.shas.length
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
  const [columns, changes] = deserialize(body) as [Omit<Repository, 'changes'>, string]
  const repository = { ...columns, changes: JSON.parse(changes) as PullRequest[] }
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

export const packHistory = (history: ServiceHistory): Uint8Array => Buffer.from(JSON.stringify(history))
export const unpackHistory = (body: Uint8Array): ServiceHistory =>
  JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()) as ServiceHistory

export const packEvents = (state: EventState): Uint8Array => serialize(state)
export const unpackEvents = (body: Uint8Array): EventState => deserialize(body) as EventState
