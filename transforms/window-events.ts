import type { Derived, Track, TrackedDeployment } from './derive.ts'
import { sizeBuckets, type Sample } from './lead-time.ts'
import { keyOf, namedServices } from './rollout.ts'

/**
 * What windows count of one service and environment, in columns ordered by time: compact enough that the
 * windows of a team or of the whole organisation are made from those of a thousand services at once. NaN is no
 * sample. Changes by bots are in it and marked: whether they count is said when windows are made.
 */
export interface WindowEvents {
  environment: string
  deploymentAt: Float64Array
  /** Bits: succeeded, failed, rework, rollback; see below. */
  deploymentFlags: Uint8Array
  /** Changes that it shipped, and those of them by bots; NaN where it did not succeed or nobody knows. */
  changeCount: Float64Array
  botCount: Float64Array
  /** From the earliest merge among them to its finish, ms; and among those that are not by bots. */
  batchAgeMs: Float64Array
  batchAgeOfPeopleMs: Float64Array
  /** Shipped changes by the finish of their deployment; ms. */
  leadAt: Float64Array
  leadMs: Float64Array
  leadIsBot: Uint8Array
  /** Position in sizeBuckets, from 1; 0 where the number of files is not known. */
  leadBucket: Uint8Array
  codingMs: Float64Array
  pickupMs: Float64Array
  reviewMs: Float64Array
  deployMs: Float64Array
  reviewTimeMs: Float64Array
  /** Failed deployments by their finish; ms by the clock that leads and from the finish, NaN for no sample. */
  failureAt: Float64Array
  failureOpen: Uint8Array
  /** When the impact of what is open began, by the clock that leads; NaN where it is not open. */
  openSince: Float64Array
  recoveryMs: Float64Array
  fromDeploymentMs: Float64Array
  incidentAt: Float64Array
  incidentAttributed: Uint8Array
  /** NaN while it is open. */
  incidentMs: Float64Array
  /** Identities of what may be seen in more than one environment or service, by position. */
  sharedDeployments: Map<number, string>
  sharedFailures: Map<number, string>
  sharedIncidents: Map<number, string>
}

/** Bits of incidentAttributed: to a deployment of this environment, or of any environment of the service. */
export const attributedHere = 1
export const attributed = 2

export const succeeded = 1
export const failed = 2
export const rework = 4
export const rollback = 8

/** The times by which windows are cut out of the columns: where none lies in a stretch, nothing happened in it. */
export function timeColumns(events: WindowEvents): Float64Array[] {
  return [events.deploymentAt, events.leadAt, events.failureAt, events.incidentAt]
}

/** The window events of each track. */
export function windowEvents({ tracks }: Derived): WindowEvents[] {
  return tracks.map((track) => ({
    environment: track.environment,
    ...deploymentColumns(track.deployments),
    ...leadColumns(track.deployments),
    ...failureColumns(track.deployments),
    ...incidentColumns(track, tracks.length > 1),
  }))
}

function deploymentColumns(deployments: readonly TrackedDeployment[]) {
  const size = deployments.length
  const columns = {
    deploymentAt: new Float64Array(size),
    deploymentFlags: new Uint8Array(size),
    changeCount: new Float64Array(size).fill(NaN),
    botCount: new Float64Array(size),
    batchAgeMs: new Float64Array(size).fill(NaN),
    batchAgeOfPeopleMs: new Float64Array(size).fill(NaN),
    sharedDeployments: new Map<number, string>(),
  }
  for (let row = 0; row < size; row += 1) {
    const deployment = deployments[row]!
    const { rollout, role, failure, samples } = deployment
    columns.deploymentAt[row] = rollout.at
    columns.deploymentFlags[row] =
      (rollout.succeeded ? succeeded : 0) |
      (failure ? failed : 0) |
      (role.isRework ? rework : 0) |
      (role.isRollback ? rollback : 0)
    if (rollout.shared) columns.sharedDeployments.set(row, keyOf(rollout))
    if (!isBatchKnown(deployment)) continue
    columns.changeCount[row] = samples.length
    for (const { isBot } of samples) if (isBot) columns.botCount[row]! += 1
    columns.batchAgeMs[row] = batchAge(deployment, true) ?? NaN
    columns.batchAgeOfPeopleMs[row] = batchAge(deployment, false) ?? NaN
  }
  return columns
}

/** Whether it is known which changes a deployment shipped. One that failed shipped nothing and is no batch. */
export function isBatchKnown({ rollout, unknownBecause }: TrackedDeployment): boolean {
  return rollout.succeeded && unknownBecause === undefined
}

/** From the earliest merge among the changes to the finish, ms; undefined where there is none, or it is later. */
export function batchAge({ rollout, samples }: TrackedDeployment, includesBots: boolean): number | undefined {
  let earliest = Infinity
  for (const { mergedAt, isBot } of samples) {
    if (mergedAt !== undefined && mergedAt < earliest && (includesBots || !isBot)) earliest = mergedAt
  }
  return earliest > rollout.at ? undefined : rollout.at - earliest
}

/** Whether a shipped change has a row: as a sample, or as one by a bot that is left out. */
function hasRow({ isBot, excluded }: Sample): boolean {
  return isBot || excluded === undefined
}

function leadColumns(deployments: readonly TrackedDeployment[]) {
  let size = 0
  for (const { samples } of deployments) for (const sample of samples) if (hasRow(sample)) size += 1
  const columns = {
    leadAt: new Float64Array(size),
    leadMs: new Float64Array(size),
    leadIsBot: new Uint8Array(size),
    leadBucket: new Uint8Array(size),
    codingMs: new Float64Array(size),
    pickupMs: new Float64Array(size),
    reviewMs: new Float64Array(size),
    deployMs: new Float64Array(size),
    reviewTimeMs: new Float64Array(size),
  }
  let row = 0
  for (const { samples } of deployments) {
    for (const sample of samples) {
      if (!hasRow(sample)) continue
      const { leadTimeMs, reviewTimeMs, bucket } = sample
      columns.leadAt[row] = sample.at
      columns.leadMs[row] = leadTimeMs ?? NaN
      columns.leadIsBot[row] = sample.isBot ? 1 : 0
      columns.leadBucket[row] = bucket === undefined ? 0 : sizeBuckets.indexOf(bucket) + 1
      columns.codingMs[row] = sample.codingMs ?? NaN
      columns.pickupMs[row] = sample.pickupMs ?? NaN
      columns.reviewMs[row] = sample.reviewMs ?? NaN
      columns.deployMs[row] = sample.deployMs ?? NaN
      columns.reviewTimeMs[row] = isReviewSample(sample) ? reviewTimeMs! : NaN
      row += 1
    }
  }
  return columns
}

/** A negative review time is no sample, and none is of a change that gives no lead time. */
export function isReviewSample({ leadTimeMs, reviewTimeMs, bucket }: Sample): boolean {
  return leadTimeMs !== undefined && bucket !== undefined && reviewTimeMs !== undefined && reviewTimeMs >= 0
}

function failureColumns(deployments: readonly TrackedDeployment[]) {
  const failures = deployments.filter(({ failure }) => failure !== undefined)
  const size = failures.length
  const columns = {
    failureAt: new Float64Array(size),
    failureOpen: new Uint8Array(size),
    openSince: new Float64Array(size).fill(NaN),
    recoveryMs: new Float64Array(size).fill(NaN),
    fromDeploymentMs: new Float64Array(size).fill(NaN),
    sharedFailures: new Map<number, string>(),
  }
  for (const [row, { rollout, failure }] of failures.entries()) {
    const { recovery } = failure!
    columns.failureAt[row] = rollout.at
    if (rollout.shared) columns.sharedFailures.set(row, keyOf(rollout))
    if (recovery.state === 'open') {
      columns.failureOpen[row] = 1
      columns.openSince[row] = recovery.startedAt
    }
    if (recovery.state !== 'recovered') continue
    columns.recoveryMs[row] = recovery.endedAt - recovery.startedAt
    if (recovery.endedAt >= rollout.at) columns.fromDeploymentMs[row] = recovery.endedAt - rollout.at
  }
  return columns
}

function incidentColumns({ incidents }: Track, hasManyTracks: boolean) {
  const size = incidents.length
  const columns = {
    incidentAt: new Float64Array(size),
    incidentAttributed: new Uint8Array(size),
    incidentMs: new Float64Array(size).fill(NaN),
    sharedIncidents: new Map<number, string>(),
  }
  for (const [row, { incident, deployment, isAttributed }] of incidents.entries()) {
    const { startedAt, resolvedAt } = incident
    columns.incidentAt[row] = startedAt
    columns.incidentAttributed[row] = (deployment >= 0 ? attributedHere : 0) | (isAttributed ? attributed : 0)
    if (resolvedAt !== undefined && resolvedAt >= startedAt) columns.incidentMs[row] = resolvedAt - startedAt
    if (hasManyTracks || namedServices(incident).length > 1) columns.sharedIncidents.set(row, keyOf(incident))
  }
  return columns
}
