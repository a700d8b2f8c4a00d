import { isoOf } from '../core/calendar.ts'
import type { Coverage } from './coverage.ts'
import type { Track } from './derive.ts'
import { identityOf, type Evidence } from './evidence.ts'
import type { Failure } from './failure.ts'
import type { Span } from './windows.ts'

/** Why a deployment failed. */
export function reasons(track: Track, { outcome, incidents, remediation }: Failure): string {
  const told = [
    ...(outcome ? ['its outcome is failure'] : []),
    ...incidents.map(({ incident, rule }) => `incident ${incident.id} (${rule})`),
  ]
  const remedy = track.deployments[remediation]
  if (remedy) told.push(`${remedy.rollout.id} is a ${remedy.role.isRollback ? 'rollback' : 'rework'} of it`)
  return told.join('; ')
}

export function ofRecovery(track: Track, failure: Failure): Pick<Evidence, 'counted' | 'rule' | 'seconds'> {
  const { recovery } = failure
  if (recovery.state === 'open')
    return { counted: false, rule: `not recovered yet (${reasons(track, failure)})` }
  if (recovery.state === 'unknown') return { counted: false, rule: `${recovery.reason}: ${recovery.detail}` }
  return {
    counted: true,
    rule: `from ${isoOf(recovery.startedAt)} to ${isoOf(recovery.endedAt)} (${reasons(track, failure)})`,
    seconds: (recovery.endedAt - recovery.startedAt) / 1000,
  }
}

/** The success that it is counted from. */
export function lastDeployment(track: Track, span: Span, { from }: Coverage): Evidence[] {
  if (from === null || from >= span.to) return []
  const last = track.deployments.findLast(({ rollout }) => rollout.succeeded && rollout.at < span.to)
  if (!last) return []
  return [
    {
      ...identityOf(last),
      counted: true,
      rule: 'the last success before the end of the window',
      seconds: (span.to - last.rollout.at) / 1000,
    },
  ]
}

/** Every open one, and those of the window that have recovered. */
export function openFailures(track: Track, span: Span, { from }: Coverage): Evidence[] {
  if (from === null || from >= span.to) return []
  return track.deployments.flatMap((deployment) => {
    const { rollout, failure } = deployment
    if (!failure || rollout.at >= span.to) return []
    const isOpen = failure.recovery.state === 'open'
    if (!isOpen && rollout.at < span.from) return []
    const { rule } = ofRecovery(track, failure)
    return [{ ...identityOf(deployment), counted: isOpen, rule: isOpen ? rule : `recovered: ${rule}` }]
  })
}

/** The open one whose impact began first, and those that began after it. */
export function oldestOpenFailure(track: Track, span: Span, { from }: Coverage): Evidence[] {
  if (from === null || from >= span.to) return []
  const open = track.deployments.flatMap((deployment) => {
    const { rollout, failure } = deployment
    if (failure?.recovery.state !== 'open' || rollout.at >= span.to) return []
    return [{ deployment, failure, startedAt: Math.min(failure.recovery.startedAt, span.to) }]
  })
  const first = Math.min(...open.map(({ startedAt }) => startedAt))
  const oldest = open.find(({ startedAt }) => startedAt === first)
  return open.map(({ deployment, failure, startedAt }) => {
    const { rule } = ofRecovery(track, failure)
    const isOldest = deployment === oldest?.deployment
    return {
      ...identityOf(deployment),
      counted: isOldest,
      rule: isOldest ? `since ${isoOf(startedAt)}: ${rule}` : `open, and not for as long: ${rule}`,
      seconds: (span.to - startedAt) / 1000,
    }
  })
}

/** The last that failed, one after the other, and the one before them that did not. */
export function failureStreak(track: Track, span: Span, { from }: Coverage): Evidence[] {
  if (from === null || from >= span.to) return []
  const before = track.deployments.filter(({ rollout }) => rollout.at < span.to)
  const ended = before.findLastIndex(({ failure }) => failure === undefined)
  return before.slice(Math.max(0, ended)).map((deployment) => ({
    ...identityOf(deployment),
    counted: deployment.failure !== undefined,
    rule: deployment.failure ? reasons(track, deployment.failure) : 'did not fail: nothing before it counts',
  }))
}
