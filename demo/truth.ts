import type { IncidentRecord } from './model.ts'
import { incidentStateAt } from './incident-state.ts'
import { dayMs, secondMs } from './random.ts'

/** A pull request or a commit of its own, as the metrics understand a change. */
export interface TruthChange {
  /** `owner/name!number`, or the commit's sha. */
  id: string
  /** Shas by which an incident could name it. */
  shas: string[]
  firstCommitAt: number
  isBot: boolean
  /** A revert, or carries a hotfix label or branch. */
  isFix: boolean
}

export type TruthKind = 'normal' | 'rollback' | 'rework' | 'redeploy'

/** Why a deployment failed, and since when that can be known. */
export interface FailureReason {
  kind: 'outcome' | 'incident' | 'rollback' | 'rework'
  /** The deployment itself, the incident, or the remediation. */
  by: string
  knownAt: number
}

/** A finished production deployment. */
export interface TruthDeployment {
  /** `owner/name#id`. */
  id: string
  service: string
  environment: string
  repository: string
  sha: string
  startedAt: number
  finishedAt: number
  outcome: 'success' | 'failure'
  kind: TruthKind
  isBaseline: boolean
  /** Its commit was pushed away, so nobody can say what it shipped. */
  isUnresolved: boolean
  changes: TruthChange[]
  reasons: FailureReason[]
  incidents: TruthIncident[]
  /** The finish of the next successful deployment to the same environment. */
  nextSuccessAt: number
}

export interface TruthIncident {
  id: string
  service: string
  record: IncidentRecord
  rule: 'caused_by' | 'nearest' | 'unattributed'
  /** Names a cause that nobody deployed. */
  causeNotFound: boolean
  deployments: TruthDeployment[]
}

/** The numbers of one service and environment in [from, to), in seconds where they are durations. */
export interface TruthSummary {
  deployments: number
  successful: number
  failed: number
  rework: number
  rollbacks: number
  /** Ascending; without those of bots and without negative ones. */
  leadTimes: number[]
  excludedBots: number
  recoveryTimes: number[]
  open: number
  unknown: number
}

export interface Truth {
  /** Finished by then, in the order of their finish. */
  deployments: TruthDeployment[]
  /** Those that count then: merged ones do not. */
  incidents: TruthIncident[]
  findings: { kind: string; subject: string; service: string }[]
  summary(service: string, environment: string, from: number, to: number): TruthSummary
}

const remediationWindowMs = 7 * dayMs

/** What is true at an instant, of what the simulation has recorded. */
export function truthAt(
  now: number,
  deployments: readonly TruthDeployment[],
  incidents: readonly TruthIncident[],
): Truth {
  const finished = deployments.filter((each) => each.finishedAt <= now)
  const counting = incidents.filter((each) => incidentStateAt(each.record, now)?.isMerged === false)
  return {
    deployments: finished,
    incidents: counting,
    findings: [...finished.flatMap(findingsOf), ...counting.flatMap(causeNotFound)],
    summary(service, environment, from, to) {
      const inWindow = finished.filter(
        (each) =>
          each.service === service &&
          each.environment === environment &&
          each.finishedAt >= from &&
          each.finishedAt < to,
      )
      return summarize(inWindow, now)
    },
  }
}

/** Whether it is known at an instant to have failed. */
export function failedAt(deployment: TruthDeployment, now: number): boolean {
  return (
    deployment.reasons.some((reason) => reason.knownAt <= now) || knownIncidents(deployment, now).length > 0
  )
}

function knownIncidents(deployment: TruthDeployment, now: number): IncidentRecord[] {
  return deployment.incidents
    .map((incident) => incident.record)
    .filter((record) => incidentStateAt(record, now)?.isMerged === false)
}

/** Seconds from the start of the impact to its end. */
export function recoveryAt(deployment: TruthDeployment, now: number): number | 'open' | 'unknown' {
  const states = knownIncidents(deployment, now).map((record) => incidentStateAt(record, now)!)
  if (states.length > 0) {
    const ends = states.map((state) => state.resolvedAt ?? Number.POSITIVE_INFINITY)
    const end = Math.max(...ends)
    return end > now ? 'open' : (end - Math.min(...states.map((state) => state.startedAt))) / secondMs
  }
  if (deployment.outcome === 'failure') return since(deployment, deployment.nextSuccessAt, now)
  const remediations = deployment.reasons
    .filter((reason) => reason.knownAt <= now)
    .map((each) => each.knownAt)
  const remediedAt = Math.min(...remediations)
  if (remediedAt - deployment.finishedAt > remediationWindowMs) return 'unknown'
  return since(deployment, remediedAt, now)
}

function since(deployment: TruthDeployment, end: number, now: number): number | 'open' {
  return end > now ? 'open' : (end - deployment.finishedAt) / secondMs
}

function summarize(deployments: readonly TruthDeployment[], now: number): TruthSummary {
  const failed = deployments.filter((each) => failedAt(each, now))
  const recoveries = failed.map((each) => recoveryAt(each, now))
  const samples = deployments.flatMap((each) =>
    each.changes.map((change) => ({ change, seconds: lead(each, change) })),
  )
  const byHumans = samples.filter((sample) => !sample.change.isBot)
  return {
    deployments: deployments.length,
    successful: deployments.filter((each) => each.outcome === 'success').length,
    failed: failed.length,
    rework: deployments.filter((each) => each.kind === 'rework' || each.kind === 'rollback').length,
    rollbacks: deployments.filter((each) => each.kind === 'rollback').length,
    leadTimes: ascending(byHumans.map((sample) => sample.seconds).filter((seconds) => seconds >= 0)),
    excludedBots: samples.length - byHumans.length,
    recoveryTimes: ascending(recoveries.filter((each) => typeof each === 'number')),
    open: recoveries.filter((each) => each === 'open').length,
    unknown: recoveries.filter((each) => each === 'unknown').length,
  }
}

function lead(deployment: TruthDeployment, change: TruthChange): number {
  return (deployment.finishedAt - change.firstCommitAt) / secondMs
}

function ascending(numbers: number[]): number[] {
  return numbers.sort((a, b) => a - b)
}

function findingsOf(deployment: TruthDeployment): Truth['findings'] {
  const { service } = deployment
  const negative = deployment.changes.filter((change) => !change.isBot && lead(deployment, change) < 0)
  return [
    ...(deployment.isUnresolved ? [{ kind: 'baseline_unresolved', subject: deployment.id, service }] : []),
    ...negative.map((change) => ({ kind: 'negative_lead_time', subject: change.id, service })),
  ]
}

function causeNotFound(incident: TruthIncident): Truth['findings'] {
  if (!incident.causeNotFound) return []
  return [{ kind: 'cause_not_found', subject: incident.id, service: incident.service }]
}
