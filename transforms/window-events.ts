import { lowerBound } from '../core/statistics.ts'
import type { Derived, Track } from './derive.ts'
import { keyOf, namedServices } from './rollout.ts'

/**
 * What windows count of one service and environment, in columns ordered by time: compact enough that the
 * windows of a team or of the whole organisation are made from those of a thousand services at once.
 */
export interface WindowEvents {
  environment: string
  deploymentAt: Float64Array
  /** Bits: succeeded, failed, rework, rollback; see below. */
  deploymentFlags: Uint8Array
  /** Lead-time samples by the finish of their deployment; ms. */
  leadAt: Float64Array
  leadMs: Float64Array
  /** Changes by bots that were left out. */
  botAt: Float64Array
  /** Failed deployments by their finish; ms by the clock that leads and from the finish, NaN for no sample. */
  failureAt: Float64Array
  failureOpen: Uint8Array
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
  return [events.deploymentAt, events.leadAt, events.botAt, events.failureAt, events.incidentAt]
}

/** The window events of each track. */
export function windowEvents({ tracks }: Derived): WindowEvents[] {
  return tracks.map((track) => eventsOf(track, tracks.length > 1))
}

function eventsOf(track: Track, manyTracks: boolean): WindowEvents {
  const { deployments, incidents } = track
  const samples = deployments.flatMap((deployment) => deployment.samples)
  const leads = samples.filter((sample) => sample.excluded === undefined)
  const bots = samples.filter((sample) => sample.excluded === 'bot')
  const failures = deployments.filter((deployment) => deployment.failure !== undefined)

  const sharedKeys = (list: typeof deployments) => {
    const keys = new Map<number, string>()
    for (const [position, { rollout }] of list.entries())
      if (rollout.shared) keys.set(position, keyOf(rollout))
    return keys
  }
  const sharedIncidents = new Map<number, string>()
  for (const [position, { incident }] of incidents.entries()) {
    if (manyTracks || namedServices(incident).length > 1) sharedIncidents.set(position, keyOf(incident))
  }

  const recoveries = failures.map(({ rollout, failure }) => {
    const { recovery } = failure!
    if (recovery.state !== 'recovered')
      return { open: recovery.state === 'open', leading: NaN, deployment: NaN }
    const fromDeployment = recovery.endedAt - rollout.at
    const deployment = fromDeployment < 0 ? NaN : fromDeployment
    return { open: false, leading: recovery.endedAt - recovery.startedAt, deployment }
  })

  return {
    environment: track.environment,
    deploymentAt: Float64Array.from(deployments, ({ rollout }) => rollout.at),
    deploymentFlags: Uint8Array.from(
      deployments,
      ({ rollout, role, failure }) =>
        (rollout.succeeded ? succeeded : 0) |
        (failure ? failed : 0) |
        (role.isRework ? rework : 0) |
        (role.isRollback ? rollback : 0),
    ),
    leadAt: Float64Array.from(leads, ({ at }) => at),
    leadMs: Float64Array.from(leads, ({ leadTimeMs }) => leadTimeMs!),
    botAt: Float64Array.from(bots, ({ at }) => at),
    failureAt: Float64Array.from(failures, ({ rollout }) => rollout.at),
    failureOpen: Uint8Array.from(recoveries, ({ open }) => (open ? 1 : 0)),
    recoveryMs: Float64Array.from(recoveries, ({ leading }) => leading),
    fromDeploymentMs: Float64Array.from(recoveries, ({ deployment }) => deployment),
    incidentAt: Float64Array.from(incidents, ({ incident }) => incident.startedAt),
    incidentAttributed: Uint8Array.from(
      incidents,
      ({ deployment, isAttributed }) =>
        (deployment >= 0 ? attributedHere : 0) | (isAttributed ? attributed : 0),
    ),
    incidentMs: Float64Array.from(incidents, ({ incident: { startedAt, resolvedAt } }) =>
      resolvedAt === undefined || resolvedAt < startedAt ? NaN : resolvedAt - startedAt,
    ),
    sharedDeployments: sharedKeys(deployments),
    sharedFailures: sharedKeys(failures),
    sharedIncidents,
  }
}

/** Only what lies in [from, until); incidents, and what depends on them, only before `incidentsUntil`. */
export function clip(
  events: WindowEvents,
  { from, until, incidentsUntil }: { from: number; until: number; incidentsUntil: number },
): WindowEvents {
  if (timeColumns(events).every((at) => isWithin(at, from, Math.min(until, incidentsUntil)))) return events
  const deployments = rangeOf(events.deploymentAt, from, until)
  const leads = rangeOf(events.leadAt, from, until)
  const bots = rangeOf(events.botAt, from, until)
  const failures = rangeOf(events.failureAt, from, until)
  const incidents = rangeOf(events.incidentAt, from, Math.min(until, incidentsUntil))
  return {
    environment: events.environment,
    deploymentAt: events.deploymentAt.subarray(...deployments),
    deploymentFlags: events.deploymentFlags.subarray(...deployments),
    leadAt: events.leadAt.subarray(...leads),
    leadMs: events.leadMs.subarray(...leads),
    botAt: events.botAt.subarray(...bots),
    failureAt: events.failureAt.subarray(...failures),
    failureOpen: events.failureOpen.subarray(...failures),
    recoveryMs: events.recoveryMs.subarray(...failures),
    fromDeploymentMs: events.fromDeploymentMs.subarray(...failures),
    incidentAt: events.incidentAt.subarray(...incidents),
    incidentAttributed: events.incidentAttributed.subarray(...incidents),
    incidentMs: events.incidentMs.subarray(...incidents),
    sharedDeployments: shifted(events.sharedDeployments, deployments),
    sharedFailures: shifted(events.sharedFailures, failures),
    sharedIncidents: shifted(events.sharedIncidents, incidents),
  }
}

function isWithin(at: Float64Array, from: number, until: number): boolean {
  return at.length === 0 || (at[0]! >= from && at[at.length - 1]! < until)
}

function rangeOf(at: Float64Array, from: number, until: number): [first: number, end: number] {
  const first = lowerBound(at, from)
  return [first, Math.max(first, lowerBound(at, until))]
}

function shifted(keys: Map<number, string>, [first, end]: [number, number]): Map<number, string> {
  if (keys.size === 0) return keys
  const inside = [...keys].filter(([position]) => position >= first && position < end)
  return new Map(inside.map(([position, key]) => [position - first, key]))
}
