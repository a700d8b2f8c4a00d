import { decimalText } from '../core/decimal-text.ts'
import { nanosOf } from '../core/event-nanos.ts'
import { encodeSeries, encodeString } from '../core/line-protocol.ts'
import type { Incident } from '../core/fact.ts'
import type { Attribution } from './attribution.ts'
import type { Role } from './classify.ts'
import type { Derived, Track, TrackedDeployment } from './derive.ts'
import type { Recovery } from './failure.ts'
import type { Sample } from './lead-time.ts'
import { keyOf } from './rollout.ts'
import type { EncodedPoint } from './window-points.ts'

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

/**
 * A year of a thousand services is a million of these points, so their fields are put together as text at once; a test
 * compares it with the general encoder.
 */
export function eventWriter({ service, tracks }: Derived): EventWriter {
  const deploymentSeries = seriesWriter('dora_deployment', service.name)
  const changeSeries = seriesWriter('dora_change', service.name)
  const incidentSeries = seriesWriter('dora_incident', service.name)
  const team = text('team', service.team ?? undefined)

  return {
    ofDeployment(environment, deployment) {
      const { rollout, samples } = deployment
      const points: EncodedPoint[] = [
        {
          series: deploymentSeries(environment, rollout.source),
          at: rollout.at,
          nanos: nanosOf(keyOf(rollout)),
          fields: deploymentFields(deployment) + team,
        },
      ]
      const taken = new Set<number>()
      const deploymentText = encodeString(rollout.id)
      for (const sample of samples) {
        let nanos = nanosOf(`${rollout.repository}\n${sample.id}`)
        // All changes of a deployment have its time: in a large one two hashes may be the same.
        while (taken.has(nanos)) nanos = (nanos + 1) % 1_000_000
        taken.add(nanos)
        const series = changeSeries(environment, sample.source)
        points.push({ series, at: sample.at, nanos, fields: changeFields(deploymentText, sample) + team })
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
      return [...leading].map(([key, { incident, rule }]) => ({
        series: incidentSeries(undefined, incident.source),
        at: incident.startedAt,
        nanos: nanosOf(key),
        fields: incidentFields(incident, rule, attributedTo.get(key)) + team,
      }))
    },
  }
}

/** A service has a handful of series and thousands of points, mostly of the same series one after another. */
function seriesWriter(measurement: string, service: string) {
  const written = new Map<string, string>()
  let lastEnvironment: string | undefined
  let lastSource = ''
  let last = ''
  return (environment: string | undefined, source: string): string => {
    if (last !== '' && environment === lastEnvironment && source === lastSource) return last
    const key = `${source}\n${environment}`
    let series = written.get(key)
    if (series === undefined) {
      const tags = environment === undefined ? {} : { environment }
      series = encodeSeries(measurement, { ...tags, service, source })
      written.set(key, series)
    }
    lastEnvironment = environment
    lastSource = source
    last = series
    return series
  }
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

function deploymentFields({ rollout, role, failure, samples }: TrackedDeployment): string {
  return (
    `id=${encodeString(rollout.id)},outcome=${rollout.succeeded ? '"success"' : '"failure"'}` +
    `,kind="${kindOf(role)}",failed=${failure !== undefined},changes=${samples.length}i` +
    (failure === undefined ? '' : `,open=${failure.recovery.state === 'open'}`) +
    text('sha', rollout.sha) +
    text('version', rollout.version) +
    seconds('lead_time_p50_s', medianLeadTime(samples)) +
    float('recovery_s', failure && recoverySeconds(failure.recovery)) +
    text('url', rollout.url)
  )
}

function medianLeadTime(samples: readonly Sample[]): number | undefined {
  const leads: number[] = []
  for (const { leadTimeMs, excluded } of samples) {
    if (leadTimeMs !== undefined && excluded === undefined) leads.push(leadTimeMs)
  }
  if (leads.length < 2) return leads[0]
  return median(leads.sort((a, b) => a - b))
}

function changeFields(deployment: string, sample: Sample): string {
  const { excluded, size } = sample
  // A change by a bot has durations, too; they are kept for those who ask for bots.
  const durations =
    excluded === undefined
      ? seconds('lead_time_s', sample.leadTimeMs) +
        seconds('coding_s', sample.codingMs) +
        seconds('pickup_s', sample.pickupMs) +
        seconds('review_s', sample.reviewMs) +
        seconds('deploy_s', sample.deployMs)
      : ''
  return (
    `id=${encodeString(sample.id)},bot=${sample.isBot},deployment=${deployment}${durations}` +
    (size === undefined ? '' : `,size=${size}i`) +
    text('excluded', excluded) +
    text('url', sample.url)
  )
}

function incidentFields(
  incident: Incident,
  rule: string,
  attributedTo: readonly string[] | undefined,
): string {
  const { id, startedAt, resolvedAt, severity, url } = incident
  const isRecovered = resolvedAt !== undefined && resolvedAt >= startedAt
  return (
    `id=${encodeString(id)},rule=${encodeString(rule)},open=${resolvedAt === undefined}` +
    text('severity', severity) +
    text('attributed_to', attributedTo?.join(',')) +
    seconds('recovery_s', isRecovered ? resolvedAt - startedAt : undefined) +
    text('url', url)
  )
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

/** A field that is not known, or says nothing, is absent. */
function text(name: string, value: string | undefined): string {
  return value === undefined || value === '' ? '' : `,${name}=${encodeString(value)}`
}

function float(name: string, value: number | undefined): string {
  return value === undefined ? '' : `,${name}=${decimalText(value)}`
}

function seconds(name: string, ms: number | undefined): string {
  return ms === undefined ? '' : `,${name}=${decimalText(ms / 1000)}`
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
