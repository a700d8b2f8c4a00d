import type { BotChoices } from '../core/bots.ts'
import { isoOf } from '../core/calendar.ts'
import type { Attribution } from './attribution.ts'
import type { Coverage } from './coverage.ts'
import type { Track, TrackedDeployment } from './derive.ts'
import { kindOf } from './event-points.ts'
import {
  failureStreak,
  lastDeployment,
  ofRecovery,
  oldestOpenFailure,
  openFailures,
  reasons,
} from './explain-failures.ts'
import { identityOf, urlOf, type Evidence } from './evidence.ts'
import {
  explainBatches,
  explainLeadTime,
  explainMerged,
  explainPhase,
  explainReviewTime,
  type DetailOf,
  type MergedMetric,
} from './explain-changes.ts'
import type { Finding } from './finding.ts'
import { phases, type Phase } from './flow-numbers.ts'
import type { MergedChange } from './merged-changes.ts'
import type { Standing } from './standing.ts'
import type { Span } from './windows.ts'

export const explainedMetrics = [
  'deploymentFrequency',
  'leadTime',
  'changeFailRate',
  'recoveryTime',
  'reworkRate',
  'incidents',
  ...phases,
  'reviewTime',
  'deploymentSize',
  'batchAge',
  'merged',
  'large',
  'weekend',
  'hotfixes',
  'labelledFailRate',
  'sinceLastDeployment',
  'openFailures',
  'oldestOpenFailure',
  'failureStreak',
] as const
export type ExplainedMetric = (typeof explainedMetrics)[number]

/** How the number is made, in words. */
export const formulas: Record<ExplainedMetric, string> = {
  deploymentFrequency: 'successful deployments ÷ covered days',
  leadTime: 'median of (deployment finished − first commit authored) over the changes shipped',
  changeFailRate: 'failed deployments ÷ all finished deployments',
  recoveryTime: 'median of (end − start of the impact) over the failed deployments that recovered',
  reworkRate: 'rework deployments ÷ all finished deployments',
  incidents: 'incidents that started, and the median of (resolved − started)',
  coding: 'median of (pull request opened − first commit authored) over the lead-time samples',
  pickup: 'median of (first review − ready for review, else opened) over the lead-time samples',
  review: 'median of (merged − first review) over the lead-time samples',
  deploy: 'median of (deployment finished − merged) over the lead-time samples',
  reviewTime:
    'by size, median of (approved, else merged − ready for review, else opened) over the lead-time samples',
  deploymentSize: 'median of the changes shipped, over the successful deployments that shipped any',
  batchAge: 'median of (deployment finished − earliest merge among its changes)',
  merged: "changes merged in the service's repositories; a week: ÷ covered days × 7",
  large: 'merged changes of 10 files and more; a week: ÷ covered days × 7',
  weekend: "changes merged on a Saturday or Sunday in the service's time zone",
  hotfixes: 'merged changes with a hotfix label or branch',
  labelledFailRate: 'merged changes with an incident label ÷ merged changes',
  sinceLastDeployment: 'end of the window − finish of the last successful deployment before it',
  openFailures: 'deployments before the end of the window that failed and have not recovered',
  oldestOpenFailure: 'end of the window − start of the impact of the oldest failure that has not recovered',
  failureStreak:
    'the last deployments before the end of the window that failed, back to the first that did not',
}

/** What is known of one service in one environment, for a look behind its numbers. */
export interface Explained {
  track: Track
  /** Of the service, whatever the environment. */
  merged: readonly MergedChange[]
  bots: BotChoices
  findings: readonly Finding[]
}

/** Every deployment, change and incident behind a metric of one service and environment in a window. */
export function explain(
  explained: Explained,
  metric: ExplainedMetric,
  span: Span,
  coverage: Coverage,
): { evidence: Evidence[]; leftOut: Evidence[] } {
  const { track, merged, bots } = explained
  const evidence = isMergedMetric(metric)
    ? explainMerged(
        merged.filter(({ change: { mergedAt } }) => mergedAt >= span.from && mergedAt < span.to),
        metric,
        bots,
        (at) => whyUncovered(at, coverage.from, Math.min(coverage.until, coverage.changesUntil)),
      )
    : evidenceOf(explained, metric, span, coverage)
  const isOfDeployments = !isMergedMetric(metric) && !isStanding(metric)
  const outside = isOfDeployments && coverage.from !== null ? uncovered(track, span, coverage) : []
  return {
    evidence: evidence.filter(({ counted }) => counted),
    leftOut: [...evidence.filter(({ counted }) => !counted), ...outside],
  }
}

function isMergedMetric(metric: ExplainedMetric): metric is MergedMetric {
  return ['merged', 'large', 'weekend', 'hotfixes', 'labelledFailRate'].includes(metric)
}

/** What is told of the end of the window, not of what lies in it. */
export function isStanding(metric: ExplainedMetric): metric is keyof Standing {
  return standingMetrics.includes(metric)
}

const standingMetrics: readonly string[] = [
  'sinceLastDeployment',
  'openFailures',
  'oldestOpenFailure',
  'failureStreak',
] satisfies (keyof Standing)[]

function evidenceOf(
  { track, bots, findings }: Explained,
  metric: Exclude<ExplainedMetric, MergedMetric>,
  span: Span,
  coverage: Coverage,
): Evidence[] {
  const isInWindow = (at: number) =>
    at >= Math.max(span.from, coverage.from ?? Infinity) && at < Math.min(span.to, coverage.until)
  const deployments = track.deployments.filter(({ rollout }) => isInWindow(rollout.at))
  const detailOf: DetailOf = (id) =>
    findings.find(
      ({ kind, subject, environment }) =>
        kind === 'baseline_unresolved' && subject === id && environment === track.environment,
    )?.detail
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
      return explainLeadTime(deployments, bots.leadTime, detailOf)
    case 'coding':
    case 'pickup':
    case 'review':
    case 'deploy':
      return explainPhase(deployments, metric satisfies Phase, bots.flow, detailOf)
    case 'reviewTime':
      return explainReviewTime(deployments, bots.reviewTime, detailOf)
    case 'deploymentSize':
    case 'batchAge':
      return explainBatches(deployments, metric, bots[metric], detailOf)
    case 'sinceLastDeployment':
      return lastDeployment(track, span, coverage)
    case 'openFailures':
      return openFailures(track, span, coverage)
    case 'oldestOpenFailure':
      return oldestOpenFailure(track, span, coverage)
    case 'failureStreak':
      return failureStreak(track, span, coverage)
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

function whyUncovered(at: number, from: number | null, until: number): string | undefined {
  if (from === null || at < from) return 'before the observed period'
  return at >= until ? 'after the last complete refresh' : undefined
}

/** Deployments of the window that lie outside what was observed. */
function uncovered(track: Track, span: Span, { from, until }: Coverage): Evidence[] {
  return track.deployments
    .filter(({ rollout: { at } }) => at >= span.from && at < span.to && (at < from! || at >= until))
    .map((deployment) => ({
      ...identityOf(deployment),
      counted: false,
      rule: whyUncovered(deployment.rollout.at, from, until)!,
    }))
}
