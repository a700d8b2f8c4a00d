import { nanosOf } from '../core/event-nanos.ts'
import { encodeFields, encodeSeries } from '../core/line-protocol.ts'
import type { Incident } from '../core/fact.ts'
import type { FieldValue } from '../core/point.ts'
import type { Attribution } from './attribution.ts'
import type { Role } from './classify.ts'
import type { Derived, Track, TrackedDeployment } from './derive.ts'
import type { Recovery } from './failure.ts'
import type { Sample } from './lead-time.ts'
import { keyOf } from './rollout.ts'
import type { EncodedPoint } from './window-points.ts'

type Fields = Record<string, FieldValue>

/** Writes the points of what was derived of one service. */
export interface EventWriter {
  /** Those of one deployment: its own, and one for each change that it shipped. */
  ofDeployment(environment: string, deployment: TrackedDeployment): EncodedPoint[]
  /** One point an incident, whatever number of environments it concerns; of all, or of those with these keys. */
  ofIncidents(only?: ReadonlySet<string>): EncodedPoint[]
}

/** The points of everything derived of one service: one for each deployment, shipped change and incident. */
export function eventPoints(derived: Derived): EncodedPoint[] {
  const writer = eventWriter(derived)
  const points: EncodedPoint[] = []
  for (const { environment, deployments } of derived.tracks) {
    for (const deployment of deployments) points.push(...writer.ofDeployment(environment, deployment))
  }
  points.push(...writer.ofIncidents())
  return points
}

export function eventWriter({ service, tracks }: Derived): EventWriter {
  const series = new Map<string, string>()

  /** A service has a handful of series and thousands of points. */
  function point({ measurement, environment, source }: Place, at: number, identity: string, fields: Fields) {
    const key = `${measurement} ${source}\n${environment}`
    let text = series.get(key)
    if (text === undefined) {
      const tags = environment === undefined ? {} : { environment }
      text = encodeSeries(measurement, { ...tags, service: service.name, source })
      series.set(key, text)
    }
    put(fields, 'team', service.team ?? undefined)
    return { series: text, at, nanos: nanosOf(identity), fields: encodeFields(fields) }
  }

  return {
    ofDeployment(environment, deployment) {
      const { rollout, samples } = deployment
      const place = { measurement: 'dora_deployment', environment, source: rollout.source }
      const points = [point(place, rollout.at, keyOf(rollout), deploymentFields(deployment))]
      const taken = new Set<number>()
      for (const sample of samples) {
        const ofSample = { measurement: 'dora_change', environment, source: sample.source }
        const identity = `${rollout.repository}\n${sample.id}`
        const change = point(ofSample, sample.at, identity, changeFields(rollout.id, sample))
        // All changes of a deployment have its time: in a large one two hashes may be the same.
        while (taken.has(change.nanos)) change.nanos = (change.nanos + 1) % 1_000_000
        taken.add(change.nanos)
        points.push(change)
      }
      return points
    },
    ofIncidents(only) {
      const attributedTo = attributions(tracks)
      const leading = new Map<string, Attribution>()
      for (const attribution of tracks.flatMap(({ incidents }) => incidents)) {
        const key = keyOf(attribution.incident)
        if (only && !only.has(key)) continue
        if (attribution.deployment >= 0 || !leading.has(key)) leading.set(key, attribution)
      }
      return [...leading].map(([key, { incident, rule }]) => {
        const place = { measurement: 'dora_incident', environment: undefined, source: incident.source }
        return point(place, incident.startedAt, key, incidentFields(incident, rule, attributedTo.get(key)))
      })
    },
  }
}

interface Place {
  measurement: string
  environment: string | undefined
  source: string
}

/** The deployments that each incident fails, also where these are in an environment that it does not concern. */
function attributions(tracks: readonly Track[]): Map<string, string[]> {
  const deployments = new Map<string, string[]>()
  for (const { rollout, failure } of tracks.flatMap((track) => track.deployments)) {
    for (const { incident } of failure?.incidents ?? []) {
      deployments.set(keyOf(incident), [...(deployments.get(keyOf(incident)) ?? []), rollout.id])
    }
  }
  return deployments
}

function deploymentFields({ rollout, role, failure, samples }: TrackedDeployment): Fields {
  const leads = samples
    .flatMap(({ leadTimeMs, excluded }) =>
      leadTimeMs === undefined || excluded !== undefined ? [] : [leadTimeMs],
    )
    .sort(ascending)
  const fields: Fields = {
    id: rollout.id,
    outcome: rollout.succeeded ? 'success' : 'failure',
    kind: kindOf(role),
    failed: failure !== undefined,
    changes: { int: samples.length },
  }
  put(fields, 'sha', rollout.sha)
  put(fields, 'version', rollout.version)
  put(fields, 'lead_time_p50_s', leads.length === 0 ? undefined : median(leads) / 1000)
  put(fields, 'recovery_s', failure && recoverySeconds(failure.recovery))
  put(fields, 'url', rollout.url)
  return fields
}

function changeFields(deployment: string, sample: Sample): Fields {
  const fields: Fields = { id: sample.id, bot: sample.isBot, deployment }
  // A change by a bot has durations, too; they are kept for those who ask for bots.
  if (sample.excluded === undefined) {
    put(fields, 'lead_time_s', inSeconds(sample.leadTimeMs))
    put(fields, 'coding_s', inSeconds(sample.codingMs))
    put(fields, 'pickup_s', inSeconds(sample.pickupMs))
    put(fields, 'review_s', inSeconds(sample.reviewMs))
    put(fields, 'deploy_s', inSeconds(sample.deployMs))
  }
  if (sample.size !== undefined) fields['size'] = { int: sample.size }
  put(fields, 'excluded', sample.excluded)
  put(fields, 'url', sample.url)
  return fields
}

function incidentFields(
  incident: Incident,
  rule: string,
  attributedTo: readonly string[] | undefined,
): Fields {
  const { id, startedAt, resolvedAt, severity, url } = incident
  const fields: Fields = { id, rule, open: resolvedAt === undefined }
  put(fields, 'severity', severity)
  put(fields, 'attributed_to', attributedTo?.join(','))
  if (resolvedAt !== undefined && resolvedAt >= startedAt)
    put(fields, 'recovery_s', (resolvedAt - startedAt) / 1000)
  put(fields, 'url', url)
  return fields
}

export function kindOf({
  isRollback,
  isRework,
  isRedeploy,
}: Role): 'normal' | 'rollback' | 'rework' | 'redeploy' {
  if (isRollback) return 'rollback'
  if (isRework) return 'rework'
  return isRedeploy ? 'redeploy' : 'normal'
}

/** Seconds from the start of the impact to its end; undefined while it is open or where nobody knows. */
export function recoverySeconds(recovery: Recovery): number | undefined {
  return recovery.state === 'recovered' ? (recovery.endedAt - recovery.startedAt) / 1000 : undefined
}

function put(fields: Fields, name: string, value: string | number | undefined): void {
  if (value !== undefined && value !== '') fields[name] = value
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function ascending(a: number, b: number): number {
  return a - b
}
