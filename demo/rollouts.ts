import type { CommitRecord, DeploymentRecord, DeploymentStatus, RunRecord, StatusState } from './model.ts'
import { actionsBot } from './people.ts'
import { dayMs, digest, minuteMs, secondMs, wholeSecond } from './random.ts'
import { addRun } from './runs.ts'
import type { Landing, Rollout, Site, Target } from './site.ts'
import type { FailureReason, TruthDeployment, TruthKind } from './truth.ts'

export type Ending = 'success' | 'failure' | 'error'

export interface NewRollout {
  at: number
  commit: CommitRecord
  ending: Ending
  /** Deployed because something was wrong with what is live: an older commit. */
  isRollback?: boolean
  /** The commit is on a branch of its own: it ships this and what the live one has. */
  only?: Landing
  /** The commit was pushed away since. */
  isMissing?: boolean
  ref?: DeploymentRecord['ref']
  /** An earlier run that is run again. */
  run?: RunRecord
  after?: (rollout: Rollout) => void
}

const remediationWindowMs = 7 * dayMs

/** Begins a deployment at the present of the simulation; `after` is called when it has finished. */
export function roll(site: Site, target: Target, request: NewRollout): Rollout {
  const { at, ending } = request
  const lastsMs = site.random.around((ending === 'success' ? 6 : 4) * minuteMs, 0.35)
  const finishedAt = wholeSecond(at + Math.max(lastsMs, 90 * secondMs))
  const record = addDeployment(site, target.environment, { ...request, finalAt: finishedAt })
  if (request.isMissing) {
    record.sha = digest(`${site.seed} pushed away ${record.id}`)
    delete record.commit
  }
  const run = runOf(site, request, finishedAt)
  const truth: TruthDeployment = {
    id: `${site.repository.fullName}#${record.id}`,
    service: target.service.name,
    environment: target.environment,
    repository: site.repository.fullName,
    sha: record.sha,
    startedAt: at,
    finishedAt,
    outcome: ending === 'success' ? 'success' : 'failure',
    kind: 'normal',
    isBaseline: false,
    isUnresolved: request.isMissing === true,
    changes: [],
    reasons: [],
    incidents: [],
    nextSuccessAt: Number.POSITIVE_INFINITY,
  }
  const rollout: Rollout = {
    truth,
    commit: record.commit,
    ref: record.ref,
    run,
    begunAt: at,
    finishedAt,
  }
  target.lastBegun = rollout
  target.busyUntil = finishedAt + minuteMs
  site.agenda.add(finishedAt, () => {
    settle(site, target, rollout, request)
    request.after?.(rollout)
  })
  return rollout
}

function runOf(site: Site, request: NewRollout, finishedAt: number): RunRecord {
  const { at, commit, ending } = request
  const startedAt = at - 20 * secondMs
  const conclusion = ending === 'success' ? 'success' : 'failure'
  const attempt = { startedAt, finishedAt: finishedAt + 5 * secondMs, conclusion } as const
  if (request.run) {
    request.run.attempts.push(attempt)
    return request.run
  }
  const event = request.isRollback || request.only ? 'workflow_dispatch' : 'push'
  const title = commit.message.split('\n')[0]!
  const actor = commit.author.isBot ? site.people[0]! : commit.author
  const run = {
    workflow: 'deploy' as const,
    event: event as RunRecord['event'],
    commit,
    branch: 'main',
    title,
    actor,
  }
  return addRun(site, { ...run, at: startedAt, attempts: [attempt] })
}

export interface NewDeployment {
  at: number
  commit: CommitRecord
  /** 'stuck' remains in progress for good, 'abandoned' pending. */
  ending: Ending | 'stuck' | 'abandoned'
  finalAt: number
  ref?: DeploymentRecord['ref']
  isTransient?: boolean
  isNoise?: boolean
}

/** Adds a deployment and its statuses, also for environments that are no production. */
export function addDeployment(site: Site, environment: string, request: NewDeployment): DeploymentRecord {
  const { at, commit, ending, finalAt } = request
  const { repository, plan } = site
  const status = (state: StatusState, statusAt: number): DeploymentStatus => ({
    id: site.nextId(),
    state,
    at: statusAt,
  })
  const statuses = [status('queued', at)]
  if (ending === 'abandoned') statuses.splice(0, 1, status('pending', at))
  else statuses.push(status('in_progress', at + 20 * secondMs))
  if (ending !== 'stuck' && ending !== 'abandoned') statuses.push(status(ending, finalAt))
  const record: DeploymentRecord = {
    id: site.nextId(),
    sha: commit.sha,
    commit,
    ref: request.ref ?? { name: 'main', kind: 'heads' },
    task: 'deploy',
    environment,
    isTransient: request.isTransient ?? false,
    isProduction: !request.isNoise,
    payload: {},
    creator: actionsBot,
    createdAt: at,
    statuses,
  }
  repository.deployments.push(record)
  if (ending !== 'success') return record
  const superseded = site.latestSuccess.get(environment)
  if (superseded && plan.autoInactive) {
    superseded.statuses.push(status('inactive', Math.max(finalAt, superseded.statuses.at(-1)!.at)))
  }
  site.latestSuccess.set(environment, record)
  return record
}

/** What is so once a deployment has finished. */
function settle(site: Site, target: Target, rollout: Rollout, request: NewRollout): void {
  const { truth } = rollout
  site.deployments.push(truth)
  const isRedeploy = rollout.commit !== undefined && rollout.commit === target.live?.commit
  if (truth.outcome === 'failure') {
    fail(truth, 'outcome', truth.id, truth.finishedAt)
    target.unrecovered.push(truth)
    truth.kind = isRedeploy ? 'redeploy' : 'normal'
    if (!isRedeploy) target.lastNormal = truth
    return
  }
  truth.isBaseline = target.live === undefined
  const shipped = ship(target, request)
  if (!truth.isBaseline) truth.changes = shipped.map((landing) => landing.change)
  truth.kind = kindOf(truth, isRedeploy, request)
  for (const earlier of target.unrecovered) earlier.nextSuccessAt = truth.finishedAt
  target.unrecovered = []
  markFailed(target, truth)
  target.live = rollout
  if (truth.kind !== 'redeploy') target.lastSuccess = truth
  if (truth.kind === 'normal') target.lastNormal = truth
}

/** Takes what a success ships from what was pending. */
function ship(target: Target, request: NewRollout): Landing[] {
  const { only, commit, isMissing, isRollback } = request
  if (isMissing || isRollback) return []
  if (only) {
    target.pending = target.pending.filter((landing) => landing !== only)
    return [only]
  }
  const shipped = target.pending.filter((landing) => landing.index <= commit.index)
  target.pending = target.pending.filter((landing) => landing.index > commit.index)
  return shipped
}

function kindOf(truth: TruthDeployment, isRedeploy: boolean, request: NewRollout): TruthKind {
  if (isRedeploy) return 'redeploy'
  if (request.isRollback) return 'rollback'
  return truth.changes.length > 0 && truth.changes.every((change) => change.isFix) ? 'rework' : 'normal'
}

/** What a remediation says of what it mends. */
function markFailed(target: Target, truth: TruthDeployment): void {
  if (truth.kind === 'rollback' && target.lastSuccess) {
    fail(target.lastSuccess, 'rollback', truth.id, truth.finishedAt)
  }
  const mended = target.lastNormal
  if (truth.kind === 'rework' && mended && truth.finishedAt - mended.finishedAt <= remediationWindowMs) {
    fail(mended, 'rework', truth.id, truth.finishedAt)
  }
}

function fail(truth: TruthDeployment, kind: FailureReason['kind'], by: string, knownAt: number): void {
  truth.reasons.push({ kind, by, knownAt })
}
