import type { Derived, Track, TrackedDeployment } from './derive.ts'
import { eventWriter } from './event-points.ts'
import type { MergedEvents } from './merged-events.ts'
import type { ServiceHistory } from './rollout.ts'
import type { EncodedPoint } from './window-points.ts'

/** What a restatement changes: which event points, and which instants' windows. */
export interface Difference {
  save: EncodedPoint[]
  remove: EncodedPoint[]
  /** Finish of deployments and start of incidents that differ, ascending: windows that contain one are restated. */
  times: number[]
}

/** How two derivations of one service differ. Nothing that is the same in both is looked at twice. */
export function difference(before: Derived, after: Derived): Difference {
  const save: EncodedPoint[] = []
  const remove = new Map<string, EncodedPoint>()
  const times = new Set<number>()
  const writerBefore = eventWriter(before)
  const writer = eventWriter(after)
  const toRemove = (points: readonly EncodedPoint[]) => {
    for (const point of points) remove.set(`${point.series} ${point.at} ${point.nanos}`, point)
  }

  const environments = new Set([...before.tracks, ...after.tracks].map(({ environment }) => environment))
  for (const environment of environments) {
    const old = trackOf(before, environment)
    const now = trackOf(after, environment)
    const former = new Map(old.deployments.map((deployment) => [deploymentKey(deployment), deployment]))
    for (const deployment of now.deployments) {
      const key = deploymentKey(deployment)
      const earlier = former.get(key)
      former.delete(key)
      if (earlier && sameDeployment(earlier, deployment)) continue
      times.add(deployment.rollout.at)
      save.push(...writer.ofDeployment(environment, deployment))
      if (!earlier) continue
      times.add(earlier.rollout.at)
      toRemove(writerBefore.ofDeployment(environment, earlier))
    }
    for (const deployment of former.values()) {
      times.add(deployment.rollout.at)
      toRemove(writerBefore.ofDeployment(environment, deployment))
    }
    for (const at of incidentTimes(old, now)) times.add(at)
  }
  // An incident's point names the deployments that it fails, in whatever environment.
  if (times.size > 0) {
    save.push(...writer.ofIncidents())
    toRemove(writerBefore.ofIncidents())
  }
  for (const point of save) remove.delete(`${point.series} ${point.at} ${point.nanos}`)
  return { save, remove: [...remove.values()], times: [...times].sort((a, b) => a - b) }
}

/** When changes were merged that differ, ascending: windows that contain one are restated. */
export function mergedTimes(before: MergedEvents, after: MergedEvents): number[] {
  const told = ({ at, key, flags }: MergedEvents) =>
    new Map(Array.from(at, (time, row) => [`${time} ${key[row]} ${flags[row]}`, time]))
  const former = told(before)
  const times = new Set<number>()
  for (const [text, time] of told(after)) if (!former.delete(text)) times.add(time)
  for (const time of former.values()) times.add(time)
  return [...times].sort((a, b) => a - b)
}

/** The difference where a history was only added to, and nothing of its past is seen otherwise than before. */
export function addition(after: Derived, before: ServiceHistory, now: ServiceHistory): Difference {
  const writer = eventWriter(after)
  const added = new Set<unknown>([
    ...now.rollouts.slice(before.rollouts.length),
    ...now.incidents.slice(before.incidents.length),
  ])
  const save: EncodedPoint[] = []
  const times = new Set<number>()
  for (const { environment, deployments, incidents } of after.tracks) {
    for (const deployment of deployments) {
      if (!added.has(deployment.rollout)) continue
      times.add(deployment.rollout.at)
      save.push(...writer.ofDeployment(environment, deployment))
    }
    for (const { incident } of incidents) if (added.has(incident)) times.add(incident.startedAt)
  }
  if (now.incidents.length > before.incidents.length) save.push(...writer.ofIncidents())
  return { save, remove: [], times: [...times].sort((a, b) => a - b) }
}

function trackOf({ tracks }: Derived, environment: string): Track {
  return (
    tracks.find((track) => track.environment === environment) ?? {
      environment,
      deployments: [],
      incidents: [],
    }
  )
}

function deploymentKey({ rollout }: TrackedDeployment): string {
  return `${rollout.source}\n${rollout.id}`
}

function sameDeployment(a: TrackedDeployment, b: TrackedDeployment): boolean {
  if (a.rollout !== b.rollout && !sameFields(a.rollout, b.rollout)) return false
  if (a.samples.length !== b.samples.length || !sameKind(a, b)) return false
  if (a.unknownBecause !== b.unknownBecause) return false
  if ((a.failure === undefined) !== (b.failure === undefined)) return false
  if (a.failure && b.failure && !sameFields(a.failure.recovery, b.failure.recovery)) return false
  return a.samples.every((sample, index) => sameFields(sample, b.samples[index]!))
}

/** `marks` is a position, and positions move; what it says is seen in the failure of the one marked. */
function sameKind({ role: a }: TrackedDeployment, { role: b }: TrackedDeployment): boolean {
  return a.isRollback === b.isRollback && a.isRework === b.isRework && a.isRedeploy === b.isRedeploy
}

function incidentTimes(old: Track, now: Track): number[] {
  const told = (track: Track) =>
    new Map(
      track.incidents.map(({ incident, rule, deployment }) => {
        const { id, source, startedAt, resolvedAt, severity, url } = incident
        const attributedTo = track.deployments[deployment]?.rollout.id
        const text = JSON.stringify([
          startedAt,
          resolvedAt,
          severity,
          url,
          rule,
          attributedTo,
          incident.services,
        ])
        return [`${source}\n${id}`, { text, startedAt }]
      }),
    )
  const former = told(old)
  const times: number[] = []
  for (const [key, { text, startedAt }] of told(now)) {
    const earlier = former.get(key)
    former.delete(key)
    if (earlier?.text === text) continue
    times.push(startedAt, ...(earlier ? [earlier.startedAt] : []))
  }
  for (const { startedAt } of former.values()) times.push(startedAt)
  return times
}

function sameFields(a: object, b: object): boolean {
  for (const key in a) {
    const one = (a as Record<string, unknown>)[key]
    const other = (b as Record<string, unknown>)[key]
    if (
      one !== other &&
      (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    )
      return false
  }
  for (const key in b) if (!(key in a) && (b as Record<string, unknown>)[key] !== undefined) return false
  return true
}
