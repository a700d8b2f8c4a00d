import type { Incident } from '../core/fact.ts'
import type { Attributed, Attribution } from './attribution.ts'
import type { Derived, Track, TrackedDeployment } from './derive.ts'
import type { Effect } from '../core/restatement.ts'
import { effectsOnDeployment, effectsOnIncidents } from './effects.ts'
import { eventWriter } from './event-points.ts'
import type { MergedEvents } from './merged-events.ts'
import { keyOf } from './rollout.ts'
import type { EncodedPoint } from './window-points.ts'

/** What a restatement changes: which event points, and which instants' windows. */
export interface Difference {
  save: EncodedPoint[]
  remove: EncodedPoint[]
  /** Finish of deployments and start of incidents that differ, ascending: windows that contain one are restated. */
  times: number[]
  /** The same in words, by deployment and incident. */
  effects: Effect[]
}

/** A deployment that has failed, or recovered, in another way than it was taken to before. */
export interface FailingOtherwise {
  deployment: TrackedDeployment
  former: TrackedDeployment
}

/** How two derivations of one service differ. Nothing that is the same in both is looked at twice. */
export function difference(before: Derived, after: Derived): Difference {
  const save: EncodedPoint[] = []
  const remove = new Map<string, EncodedPoint>()
  const effects: Effect[] = []
  const writerBefore = eventWriter(before)
  const writer = eventWriter(after)
  const toRemove = (points: readonly EncodedPoint[]) => {
    for (const point of points) remove.set(placeOf(point), point)
  }

  const environments = new Set([...before.tracks, ...after.tracks].map(({ environment }) => environment))
  for (const environment of environments) {
    const old = trackOf(before, environment)
    const now = trackOf(after, environment)
    const former = new Map(old.deployments.map((deployment) => [keyOf(deployment.rollout), deployment]))
    for (const deployment of now.deployments) {
      const key = keyOf(deployment.rollout)
      const earlier = former.get(key)
      former.delete(key)
      if (earlier && sameDeployment(earlier, deployment)) continue
      effects.push(...effectsOnDeployment(environment, earlier, deployment))
      save.push(...writer.ofDeployment(environment, deployment))
      if (earlier) toRemove(writerBefore.ofDeployment(environment, earlier))
    }
    for (const deployment of former.values()) {
      effects.push(...effectsOnDeployment(environment, deployment, undefined))
      toRemove(writerBefore.ofDeployment(environment, deployment))
    }
    effects.push(...effectsOnIncidents(old, now))
  }
  // An incident's point names the deployments that it fails, in whatever environment.
  if (effects.length > 0) {
    save.push(...writer.ofIncidents())
    toRemove(writerBefore.ofIncidents())
  }
  for (const point of save) remove.delete(placeOf(point))
  return { save, remove: [...remove.values()], effects, times: timesOf(effects) }
}

function timesOf(effects: readonly Effect[]): number[] {
  return [...new Set(effects.map(({ at }) => at))].sort((a, b) => a - b)
}

/** When changes were merged that differ, ascending: windows that contain one are restated. */
export function mergedTimes(before: MergedEvents, after: MergedEvents): number[] {
  if (before === after) return []
  const times: number[] = []
  let row = 0
  let other = 0
  // Both ascend: what is of one instant is compared with what is of it there.
  while (row < before.at.length || other < after.at.length) {
    const at = Math.min(before.at[row] ?? Infinity, after.at[other] ?? Infinity)
    const former = endOf(before.at, row, at)
    const now = endOf(after.at, other, at)
    if (!isSameMerge(before, [row, former], after, [other, now])) times.push(at)
    row = former
    other = now
  }
  return times
}

type Rows = readonly [first: number, end: number]

function endOf(at: Float64Array, first: number, instant: number): number {
  let end = first
  while (end < at.length && at[end] === instant) end += 1
  return end
}

function isSameMerge(a: MergedEvents, [first, end]: Rows, b: MergedEvents, [other, otherEnd]: Rows): boolean {
  if (end - first !== otherEnd - other) return false
  for (let row = first, there = other; row < end; row += 1, there += 1) {
    if (a.key[row] !== b.key[there] || a.flags[row] !== b.flags[there]) return false
  }
  return true
}

/** What an addition did to a derivation that went on. */
export interface Added {
  derived: Derived
  /** By track: the position of the first deployment that is new, and the earlier ones that fail otherwise now. */
  first: readonly number[]
  changed: readonly (readonly FailingOtherwise[])[]
  /** Attributions before and after. */
  former: Attributed
  now: Attributed
  /** The incidents that were told, by key, as they were before. */
  replaced: ReadonlyMap<string, Incident | undefined>
}

/** The difference that an addition makes: what it brought, and what that says of earlier failures and incidents. */
export function additionOf({ derived, first, changed, former, now, replaced }: Added): Difference {
  const writer = eventWriter(derived)
  const save: EncodedPoint[] = []
  const effects: Effect[] = []
  for (const [track, { environment, deployments }] of derived.tracks.entries()) {
    const added = deployments.slice(first[track]).map((deployment) => ({ deployment, former: undefined }))
    for (const { deployment, former: earlier } of [...changed[track]!, ...added]) {
      effects.push(...effectsOnDeployment(environment, earlier, deployment))
      save.push(...writer.ofDeployment(environment, deployment))
    }
  }
  const incidents = new Set(replaced.keys())
  for (const [track, attributions] of now.byStage.entries()) {
    for (const attribution of differing(former.byStage[track]!, attributions))
      incidents.add(keyOf(attribution.incident))
  }
  const remove: EncodedPoint[] = []
  if (incidents.size > 0) {
    save.push(...writer.ofIncidents(incidents))
    const kept = new Set(save.map(placeOf))
    const tracks = former.byStage.map((attributions, track) => ({
      ...derived.tracks[track]!,
      incidents: attributions.filter(({ concerns }) => concerns),
    }))
    const before = eventWriter({ ...derived, tracks }).ofIncidents(incidents)
    remove.push(...before.filter((point) => !kept.has(placeOf(point))))
    for (const [track, earlier] of tracks.entries())
      effects.push(...effectsOnIncidents(earlier, derived.tracks[track]!, incidents))
  }
  return { save, remove, effects, times: timesOf(effects) }
}

/** The attributions that are new, or say something else than before. Both are in the order of the incidents. */
function differing(before: readonly Attribution[], after: readonly Attribution[]): Attribution[] {
  const former = new Map(before.map((attribution) => [keyOf(attribution.incident), attribution]))
  return after.filter((attribution) => {
    const earlier = former.get(keyOf(attribution.incident))
    return (
      earlier === undefined ||
      earlier.incident !== attribution.incident ||
      earlier.rule !== attribution.rule ||
      earlier.deployment !== attribution.deployment ||
      earlier.concerns !== attribution.concerns ||
      earlier.isAttributed !== attribution.isAttributed
    )
  })
}

const placeOf = ({ series, at, nanos }: EncodedPoint) => `${series} ${at} ${nanos}`

function trackOf({ tracks }: Derived, environment: string): Track {
  return (
    tracks.find((track) => track.environment === environment) ?? {
      environment,
      deployments: [],
      incidents: [],
    }
  )
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
