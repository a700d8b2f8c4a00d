import { isoOf } from '../core/calendar.ts'
import type { Attribution } from './attribution.ts'
import type { Coverage } from './coverage.ts'
import type { Track, TrackedDeployment } from './derive.ts'
import { kindOf } from './event-points.ts'
import type { Failure } from './failure.ts'
import type { Sample } from './lead-time.ts'
import type { Span } from './windows.ts'

export const explainedMetrics = [
  'deploymentFrequency',
  'leadTime',
  'changeFailRate',
  'recoveryTime',
  'reworkRate',
  'incidents',
] as const
export type ExplainedMetric = (typeof explainedMetrics)[number]

/** One fact behind a number, or one that was left out of it. */
export interface Evidence {
  kind: 'deployment' | 'change' | 'incident'
  id: string
  at: string
  /** Whether it counts, and as what: 'failed', 'sample', … */
  counted: boolean
  /** The rule that put it there, or left it out. */
  rule: string
  /** Seconds, where it has a duration. */
  seconds?: number
  url?: string
}

/** How the number is made, in words. */
export const formulas: Record<ExplainedMetric, string> = {
  deploymentFrequency: 'successful deployments ÷ covered days',
  leadTime: 'median of (deployment finished − first commit authored) over the changes shipped',
  changeFailRate: 'failed deployments ÷ all finished deployments',
  recoveryTime: 'median of (end − start of the impact) over the failed deployments that recovered',
  reworkRate: 'rework deployments ÷ all finished deployments',
  incidents: 'incidents that started, and the median of (resolved − started)',
}

/** Every deployment, change and incident behind a metric of one service and environment in a window. */
export function explain(
  track: Track,
  metric: ExplainedMetric,
  span: Span,
  coverage: Coverage,
): { evidence: Evidence[]; leftOut: Evidence[] } {
  const isInWindow = (at: number) =>
    at >= Math.max(span.from, coverage.from ?? Infinity) && at < Math.min(span.to, coverage.until)
  const deployments = track.deployments.filter(({ rollout }) => isInWindow(rollout.at))
  const evidence = evidenceOf(track, metric, deployments, isInWindow)
  const outside = coverage.from === null ? [] : uncovered(track, span, coverage)
  return {
    evidence: evidence.filter(({ counted }) => counted),
    leftOut: [...evidence.filter(({ counted }) => !counted), ...outside],
  }
}

function evidenceOf(
  track: Track,
  metric: ExplainedMetric,
  deployments: readonly TrackedDeployment[],
  isInWindow: (at: number) => boolean,
): Evidence[] {
  switch (metric) {
    case 'deploymentFrequency':
      return deployments.map((deployment) => ({
        ...identityOf(deployment),
        counted: deployment.rollout.succeeded,
        rule: deployment.rollout.succeeded
          ? `succeeded (${kindOf(deployment.role)})`
          : 'failed: counts as finished, not as successful',
      }))
    case 'leadTime':
      return deployments.flatMap(({ rollout, samples }) =>
        samples.map((sample) => ofSample(sample, rollout.id)),
      )
    case 'changeFailRate':
      return deployments.map((deployment) => ({
        ...identityOf(deployment),
        counted: true,
        rule: deployment.failure ? `failed: ${reasons(track, deployment.failure)}` : 'did not fail',
      }))
    case 'recoveryTime':
      return deployments.flatMap((deployment) =>
        deployment.failure ? [{ ...identityOf(deployment), ...ofRecovery(track, deployment.failure) }] : [],
      )
    case 'reworkRate':
      return deployments.map((deployment) => ({
        ...identityOf(deployment),
        counted: true,
        rule: roleOf(track, deployment),
      }))
    case 'incidents':
      return track.incidents
        .filter(({ incident }) => isInWindow(incident.startedAt))
        .map((attribution) => ofIncident(track, attribution))
  }
}

function identityOf({ rollout }: TrackedDeployment): Pick<Evidence, 'kind' | 'id' | 'at' | 'url'> {
  return { kind: 'deployment', id: rollout.id, at: isoOf(rollout.at), ...urlOf(rollout.url) }
}

function ofSample(sample: Sample, deployment: string): Evidence {
  const told = { kind: 'change', id: sample.id, at: isoOf(sample.at), ...urlOf(sample.url) } as const
  if (sample.excluded === undefined) {
    return { ...told, counted: true, rule: `shipped by ${deployment}`, seconds: sample.leadTimeMs! / 1000 }
  }
  const why = {
    bot: 'a change by a bot',
    negative_lead_time: 'deployed before its first commit was authored: a clock is wrong',
    first_commit_unknown: 'nothing says when its first commit was authored',
  }[sample.excluded]
  return { ...told, counted: false, rule: `left out: ${why} (shipped by ${deployment})` }
}

function reasons(track: Track, { outcome, incidents, remediation }: Failure): string {
  const told = [
    ...(outcome ? ['its outcome is failure'] : []),
    ...incidents.map(({ incident, rule }) => `incident ${incident.id} (${rule})`),
  ]
  const remedy = track.deployments[remediation]
  if (remedy) told.push(`${remedy.rollout.id} is a ${remedy.role.isRollback ? 'rollback' : 'rework'} of it`)
  return told.join('; ')
}

function ofRecovery(track: Track, failure: Failure): Pick<Evidence, 'counted' | 'rule' | 'seconds'> {
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

function roleOf(track: Track, { role }: TrackedDeployment): string {
  const marked = track.deployments[role.marks]
  const of = marked ? ` of ${marked.rollout.id}` : ''
  if (role.isRollback) return `${role.isRework ? 'rework: ' : ''}a rollback${of}`
  if (role.isRework) return `rework: ships only reverts and hotfixes, or says so${of}`
  return role.isRedeploy ? 'no rework: a redeploy of what is live' : 'no rework'
}

function ofIncident(track: Track, { incident, rule, deployment }: Attribution): Evidence {
  const { id, startedAt, resolvedAt, url } = incident
  const attributed = track.deployments[deployment]
  return {
    kind: 'incident',
    id,
    at: isoOf(startedAt),
    counted: true,
    rule: attributed ? `${rule}: ${attributed.rollout.id}` : rule,
    ...(resolvedAt !== undefined && resolvedAt >= startedAt
      ? { seconds: (resolvedAt - startedAt) / 1000 }
      : {}),
    ...urlOf(url),
  }
}

/** Deployments of the window that lie outside what was observed. */
function uncovered(track: Track, span: Span, { from, until }: Coverage): Evidence[] {
  return track.deployments
    .filter(({ rollout: { at } }) => at >= span.from && at < span.to && (at < from! || at >= until))
    .map((deployment) => ({
      ...identityOf(deployment),
      counted: false,
      rule: deployment.rollout.at < from! ? 'before the observed period' : 'after the last complete refresh',
    }))
}

function urlOf(url: string | undefined): { url?: string } {
  return url === undefined || url === '' ? {} : { url }
}
