import { nanosOf } from '../core/event-nanos.ts'
import { encodeFields, encodeSeries } from '../core/line-protocol.ts'
import type { FieldValue } from '../core/point.ts'
import type { Attribution } from './attribution.ts'
import type { Role } from './classify.ts'
import { keyOf, type Derived, type TrackedDeployment } from './derive.ts'
import type { Recovery } from './failure.ts'
import type { Sample } from './lead-time.ts'
import type { EncodedPoint } from './window-points.ts'

type Fields = Record<string, FieldValue>

/** The points of everything derived of one service: one for each deployment, shipped change and incident. */
export function eventPoints(derived: Derived): EncodedPoint[] {
  const points: EncodedPoint[] = []
  for (const { environment, deployments } of derived.tracks) {
    for (const deployment of deployments) points.push(...deploymentPoints(derived, environment, deployment))
  }
  points.push(...incidentPoints(derived))
  return points
}

/** Those of one deployment: its own, and one for each change that it shipped. */
export function deploymentPoints(
  derived: Derived,
  environment: string,
  deployment: TrackedDeployment,
): EncodedPoint[] {
  return [
    deploymentPoint(derived, environment, deployment),
    ...deployment.samples.map((sample) => changePoint(derived, environment, deployment, sample)),
  ]
}

/** One point an incident, whatever number of environments it concerns. */
export function incidentPoints({ service, tracks }: Derived): EncodedPoint[] {
  const incidents = new Map<string, Attribution[]>()
  for (const { incidents: attributions, deployments } of tracks) {
    for (const attribution of attributions) {
      const key = keyOf(attribution.incident)
      const named = { ...attribution, deploymentId: deployments[attribution.deployment]?.rollout.id }
      incidents.set(key, [...(incidents.get(key) ?? []), named])
    }
  }
  return [...incidents.values()].map((attributions) =>
    incidentPoint(service.name, service.team, attributions),
  )
}

function deploymentPoint(
  { service }: Derived,
  environment: string,
  deployment: TrackedDeployment,
): EncodedPoint {
  const { rollout, role, failure, samples } = deployment
  const leads = samples
    .flatMap(({ leadTimeMs }) => (leadTimeMs === undefined ? [] : [leadTimeMs]))
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
  put(fields, 'team', service.team ?? undefined)
  put(fields, 'url', rollout.url)
  const tags = { environment, service: service.name, source: rollout.source }
  return point('dora_deployment', tags, rollout.at, keyOf(rollout), fields)
}

function changePoint(
  { service }: Derived,
  environment: string,
  { rollout }: TrackedDeployment,
  sample: Sample,
): EncodedPoint {
  const fields: Fields = { id: sample.id, bot: sample.isBot, deployment: rollout.id }
  put(fields, 'lead_time_s', inSeconds(sample.leadTimeMs))
  put(fields, 'coding_s', inSeconds(sample.codingMs))
  put(fields, 'pickup_s', inSeconds(sample.pickupMs))
  put(fields, 'review_s', inSeconds(sample.reviewMs))
  put(fields, 'deploy_s', inSeconds(sample.deployMs))
  if (sample.size !== undefined) fields['size'] = { int: sample.size }
  put(fields, 'excluded', sample.excluded)
  put(fields, 'team', service.team ?? undefined)
  put(fields, 'url', sample.url)
  const tags = { environment, service: service.name, source: sample.source }
  return point('dora_change', tags, sample.at, `${rollout.repository}\n${sample.id}`, fields)
}

/** One point an incident and service; attributed where it is in any environment. */
function incidentPoint(
  service: string,
  team: string | null,
  attributions: readonly (Attribution & { deploymentId?: string | undefined })[],
): EncodedPoint {
  const { incident } = attributions[0]!
  const leading = attributions.find(({ deployment }) => deployment >= 0) ?? attributions[0]!
  const { startedAt, resolvedAt } = incident
  const fields: Fields = { id: incident.id, rule: leading.rule, open: resolvedAt === undefined }
  put(fields, 'severity', incident.severity)
  const attributed = attributions.flatMap(({ deploymentId }) =>
    deploymentId === undefined ? [] : [deploymentId],
  )
  put(fields, 'attributed_to', attributed.length === 0 ? undefined : [...new Set(attributed)].join(','))
  if (resolvedAt !== undefined && resolvedAt >= startedAt)
    fields['recovery_s'] = (resolvedAt - startedAt) / 1000
  put(fields, 'team', team ?? undefined)
  put(fields, 'url', incident.url)
  return point('dora_incident', { service, source: incident.source }, startedAt, keyOf(incident), fields)
}

function point(
  measurement: string,
  tags: Record<string, string>,
  at: number,
  identity: string,
  fields: Fields,
): EncodedPoint {
  return {
    series: encodeSeries(measurement, tags),
    at,
    nanos: nanosOf(identity),
    fields: encodeFields(fields),
  }
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
