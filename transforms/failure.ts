import type { ServiceSettings } from '../core/service.ts'
import type { Attribution } from './attribution.ts'
import type { Role } from './classify.ts'
import type { Rollout } from './rollout.ts'

/** Why a deployment failed; it fails once, however many reasons there are. */
export interface Failure {
  outcome: boolean
  /** Those attributed to it. */
  incidents: Attribution[]
  /** Position of the first remediation that marked it, -1 for none. */
  remediation: number
  recovery: Recovery
}

/** From the start of the impact to its end. */
export type Recovery =
  | { state: 'recovered'; startedAt: number; endedAt: number }
  | { state: 'open'; startedAt: number }
  | { state: 'unknown'; reason: 'recovery_unknown' | 'negative_recovery'; detail: string }

/** One entry for each deployment: its failure, or undefined where it did not fail. */
export function failures(
  settings: ServiceSettings,
  rollouts: readonly Rollout[],
  roles: readonly Role[],
  attributions: readonly Attribution[],
): (Failure | undefined)[] {
  const incidentsOf = new Map<number, Attribution[]>()
  for (const attribution of attributions) {
    if (attribution.deployment < 0) continue
    const list = incidentsOf.get(attribution.deployment)
    if (list) list.push(attribution)
    else incidentsOf.set(attribution.deployment, [attribution])
  }
  const remediationOf = new Map<number, number>()
  for (const [position, { marks }] of roles.entries()) {
    if (marks >= 0 && !remediationOf.has(marks)) remediationOf.set(marks, position)
  }
  const nextSuccess = nextSuccesses(rollouts)

  return rollouts.map((rollout, position) => {
    const incidents = incidentsOf.get(position) ?? []
    const remediation = remediationOf.get(position) ?? -1
    const outcome = !rollout.succeeded
    if (!outcome && incidents.length === 0 && remediation < 0) return undefined
    return { outcome, incidents, remediation, recovery: recoveryOf(position, incidents, remediation) }
  })

  /** By the clock that leads: from the deployment's finish, a recovery may be over before it began. */
  function recoveryOf(position: number, incidents: readonly Attribution[], remediation: number): Recovery {
    const recovery = impactOf(position, incidents, remediation)
    if (settings.recoveryClock === 'impact' || recovery.state === 'unknown') return recovery
    const startedAt = rollouts[position]!.at
    if (recovery.state === 'open' || recovery.endedAt >= startedAt) return { ...recovery, startedAt }
    return {
      state: 'unknown',
      reason: 'negative_recovery',
      detail: 'recovered before the rollout was finished',
    }
  }

  function impactOf(position: number, incidents: readonly Attribution[], remediation: number): Recovery {
    const rollout = rollouts[position]!
    if (incidents.length > 0) return recoveryByIncidents(incidents)
    if (!rollout.succeeded) return until(rollout.at, nextSuccess[position]!)
    const remedy = rollouts[remediation]!
    if (remedy.at - rollout.at > settings.remediationWindowMs) {
      const detail = `${remedy.id} took it back later than the remediation window: nobody knows when the impact began`
      return { state: 'unknown', reason: 'recovery_unknown', detail }
    }
    return until(rollout.at, remedy.succeeded ? remediation : nextSuccess[remediation]!)
  }

  function until(startedAt: number, end: number): Recovery {
    return end < 0
      ? { state: 'open', startedAt }
      : { state: 'recovered', startedAt, endedAt: rollouts[end]!.at }
  }
}

function recoveryByIncidents(incidents: readonly Attribution[]): Recovery {
  let startedAt = Infinity
  let endedAt = -Infinity
  let isOpen = false
  for (const { incident } of incidents) {
    startedAt = Math.min(startedAt, incident.startedAt)
    if (incident.resolvedAt === undefined) isOpen = true
    else endedAt = Math.max(endedAt, incident.resolvedAt)
  }
  if (isOpen) return { state: 'open', startedAt }
  if (endedAt >= startedAt) return { state: 'recovered', startedAt, endedAt }
  const named = incidents.map(({ incident }) => incident.id).join(', ')
  return { state: 'unknown', reason: 'negative_recovery', detail: `${named}: resolved before it started` }
}

/** Position of the next success after each deployment, -1 where none followed. */
function nextSuccesses(rollouts: readonly Rollout[]): Int32Array {
  const next = new Int32Array(rollouts.length)
  for (let position = rollouts.length - 1, success = -1; position >= 0; position -= 1) {
    next[position] = success
    if (rollouts[position]!.succeeded) success = position
  }
  return next
}
