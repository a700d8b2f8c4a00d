import type {
  CommitRecord,
  DeploymentRecord,
  DeploymentStatus,
  PullRequest,
  Review,
  RunRecord,
} from './model.ts'
import { minuteMs } from './random.ts'

/** What a pull request is at one instant at which it exists. */
export interface PullState {
  state: 'OPEN' | 'CLOSED' | 'MERGED'
  isDraft: boolean
  updatedAt: number
  closedAt: number | undefined
  mergedAt: number | undefined
  mergeCommit: CommitRecord | undefined
  readyAt: number | undefined
  commits: CommitRecord[]
  head: CommitRecord
  reviews: Review[]
}

export function pullStateAt(pull: PullRequest, now: number): PullState {
  const until = (at: number | undefined) => (at !== undefined && at <= now ? at : undefined)
  const mergedAt = until(pull.mergedAt)
  const closedAt = until(pull.closedAt)
  const commits = pull.commits.filter((commit) => commit.visibleAt <= now)
  return {
    state: mergedAt !== undefined ? 'MERGED' : closedAt !== undefined ? 'CLOSED' : 'OPEN',
    isDraft: pull.readyAt !== undefined && pull.readyAt > now,
    updatedAt: pull.touchedAt.findLast((at) => at <= now) ?? pull.openedAt,
    closedAt,
    mergedAt,
    mergeCommit: mergedAt === undefined ? undefined : pull.mergeCommit,
    readyAt: until(pull.readyAt),
    commits,
    head: commits.at(-1)!,
    reviews: pull.reviews.filter((review) => review.submittedAt <= now),
  }
}

export type DeploymentState =
  | 'ABANDONED'
  | 'ACTIVE'
  | 'DESTROYED'
  | 'ERROR'
  | 'FAILURE'
  | 'INACTIVE'
  | 'IN_PROGRESS'
  | 'PENDING'
  | 'QUEUED'

const abandonedAfterMs = 30 * minuteMs

/** The statuses it has at an instant, newest first. */
export function statusesAt(deployment: DeploymentRecord, now: number): DeploymentStatus[] {
  return deployment.statuses.filter((status) => status.at <= now).toReversed()
}

export function deploymentStateAt(deployment: DeploymentRecord, now: number): DeploymentState {
  const [latest] = statusesAt(deployment, now)
  switch (latest?.state) {
    case undefined:
    case 'pending':
      return now - (latest?.at ?? deployment.createdAt) > abandonedAfterMs ? 'ABANDONED' : 'PENDING'
    case 'success':
      return 'ACTIVE'
    case 'inactive':
      return deployment.isTransient ? 'DESTROYED' : 'INACTIVE'
    case 'queued':
      return 'QUEUED'
    case 'in_progress':
      return 'IN_PROGRESS'
    case 'failure':
      return 'FAILURE'
    case 'error':
      return 'ERROR'
  }
}

/** One attempt of a run as it is at an instant. */
export interface RunState {
  attempt: number
  status: 'in_progress' | 'completed'
  conclusion: string | null
  startedAt: number
  updatedAt: number
}

/** The latest attempt that has begun by then, or an earlier one. */
export function runStateAt(run: RunRecord, now: number, attempt?: number): RunState | undefined {
  const begun = run.attempts.filter((each) => each.startedAt <= now)
  const number = attempt ?? Math.max(begun.length, 1)
  const found = attempt === undefined ? (begun.at(-1) ?? run.attempts[0]) : begun[attempt - 1]
  if (!found) return undefined
  const isDone = found.finishedAt !== undefined && found.finishedAt <= now
  return {
    attempt: number,
    status: isDone ? 'completed' : 'in_progress',
    conclusion: isDone ? found.conclusion : null,
    startedAt: found.startedAt,
    updatedAt: isDone ? found.finishedAt! : found.startedAt,
  }
}
