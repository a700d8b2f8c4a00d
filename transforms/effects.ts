import { isoOf } from '../core/calendar.ts'
import type { Effect } from '../core/restatement.ts'
import type { Attribution } from './attribution.ts'
import type { Track, TrackedDeployment } from './derive.ts'
import { kindOf, recoverySeconds } from './event-points.ts'
import type { Failure } from './failure.ts'
import { keyOf } from './rollout.ts'

/** One effect, or two where the deployment finished at another time than was known. */
export function effectsOnDeployment(
  environment: string,
  before: TrackedDeployment | undefined,
  after: TrackedDeployment | undefined,
): Effect[] {
  const { id } = (after ?? before)!.rollout
  const effect = {
    kind: 'deployment',
    id,
    environment,
    before: before ? wordsOfDeployment(before) : null,
    after: after ? wordsOfDeployment(after) : null,
  } as const
  return timesOf(before?.rollout.at, after?.rollout.at).map((at) => ({ ...effect, at }))
}

/** The incidents of an environment that are told otherwise than before; of all, or of those with these keys. */
export function effectsOnIncidents(before: Track, after: Track, only?: ReadonlySet<string>): Effect[] {
  const effects: Effect[] = []
  const former = told(before, only)
  const compare = (key: string, now: Told | undefined) => {
    const earlier = former.get(key)
    former.delete(key)
    if (earlier?.text === now?.text) return
    const { incident } = (now ?? earlier)!.attribution
    const effect = {
      kind: 'incident',
      id: incident.id,
      environment: after.environment,
      before: earlier ? wordsOfIncident(earlier, before) : null,
      after: now ? wordsOfIncident(now, after) : null,
    } as const
    const times = timesOf(earlier?.attribution.incident.startedAt, now?.attribution.incident.startedAt)
    for (const at of times) effects.push({ ...effect, at })
  }
  for (const [key, now] of told(after, only)) compare(key, now)
  for (const key of former.keys()) compare(key, undefined)
  return effects
}

interface Told {
  attribution: Attribution
  /** Everything of it that points are made of. */
  text: string
}

function told({ incidents, deployments }: Track, only: ReadonlySet<string> | undefined): Map<string, Told> {
  const byKey = new Map<string, Told>()
  for (const attribution of incidents) {
    const { incident, rule, deployment, isAttributed } = attribution
    const key = keyOf(incident)
    if (only && !only.has(key)) continue
    const { startedAt, resolvedAt, severity, url, services } = incident
    const attributedTo = deployments[deployment]?.rollout.id
    const parts = [startedAt, resolvedAt, severity, url, services, rule, attributedTo, isAttributed]
    byKey.set(key, { attribution, text: JSON.stringify(parts) })
  }
  return byKey
}

function timesOf(before: number | undefined, after: number | undefined): number[] {
  return [...new Set([before, after].filter((at) => at !== undefined))]
}

function wordsOfDeployment({ rollout, role, failure, samples }: TrackedDeployment): string {
  const counted = samples.filter(({ leadTimeMs }) => leadTimeMs !== undefined).length
  return [
    `${rollout.succeeded ? 'success' : 'failure'} at ${isoOf(rollout.at)}`,
    kindOf(role),
    `${samples.length} changes shipped, ${counted} lead times`,
    wordsOfFailure(failure),
  ].join(', ')
}

function wordsOfFailure(failure: Failure | undefined): string {
  if (!failure) return 'did not fail'
  const { recovery, incidents, outcome, remediation } = failure
  const because = [
    ...(outcome ? ['its outcome'] : []),
    ...incidents.map(({ incident }) => `incident ${incident.id}`),
    ...(remediation >= 0 ? ['a remediation'] : []),
  ]
  const end =
    recovery.state === 'recovered'
      ? `recovered in ${recoverySeconds(recovery)} s`
      : recovery.state === 'open'
        ? 'not recovered'
        : 'recovery unknown'
  return `failed by ${because.join(' and ')}, ${end}`
}

function wordsOfIncident({ attribution }: Told, { deployments }: Track): string {
  const { incident, rule, deployment } = attribution
  const { startedAt, resolvedAt } = incident
  const attributedTo = deployments[deployment]?.rollout.id
  const ended = resolvedAt === undefined ? 'open' : `resolved ${isoOf(resolvedAt)}`
  return `${rule}${attributedTo === undefined ? '' : ` ${attributedTo}`}, started ${isoOf(startedAt)}, ${ended}`
}
