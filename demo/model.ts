/** What the simulated company's systems hold. Instants are epoch ms in whole seconds; what lies after now is unseen. */

export interface Person {
  login: string
  name: string
  id: number
  isBot: boolean
}

export interface CommitRecord {
  sha: string
  /** Larger than that of every parent. */
  index: number
  parents: CommitRecord[]
  authoredAt: number
  committedAt: number
  /** When it was pushed. */
  visibleAt: number
  author: Person
  message: string
  paths: string[]
  pull?: PullRequest
}

export type ReviewState = 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED'

export interface Review {
  id: number
  author: Person
  state: ReviewState
  submittedAt: number
}

export interface PullRequest {
  id: number
  number: number
  title: string
  author: Person
  labels: string[]
  branch: string
  base: string
  openedAt: number
  /** Opened as a draft and made ready then. */
  readyAt?: number
  reviews: Review[]
  mergedAt?: number
  /** Closed, merged or not. */
  closedAt?: number
  mergedBy?: Person
  /** The branch's commits, oldest first. */
  commits: CommitRecord[]
  mergeCommit?: CommitRecord
  paths: string[]
  additions: number
  deletions: number
  /** Everything that moves updated_at, ascending. */
  touchedAt: number[]
}

export type StatusState = 'pending' | 'queued' | 'in_progress' | 'success' | 'failure' | 'error' | 'inactive'

export interface DeploymentStatus {
  id: number
  state: StatusState
  at: number
}

export interface DeploymentRecord {
  id: number
  sha: string
  /** Absent where the commit was pushed away. */
  commit?: CommitRecord
  ref: { name: string; kind: 'heads' | 'tags' }
  task: string
  environment: string
  isTransient: boolean
  isProduction: boolean
  payload: Record<string, string>
  creator: Person
  createdAt: number
  /** Oldest first. */
  statuses: DeploymentStatus[]
}

export interface RunAttempt {
  startedAt: number
  /** Absent while it runs, and it may run for good. */
  finishedAt?: number
  conclusion: 'success' | 'failure' | 'cancelled' | 'timed_out'
}

export interface RunRecord {
  id: number
  number: number
  workflow: { id: number; name: string; path: string }
  event: 'push' | 'pull_request' | 'workflow_dispatch' | 'schedule'
  sha: string
  commit?: CommitRecord
  branch: string
  title: string
  actor: Person
  createdAt: number
  attempts: RunAttempt[]
}

export interface ReleaseRecord {
  id: number
  tag: string
  commit: CommitRecord
  publishedAt: number
  author: Person
}

export interface RepositoryRecord {
  id: number
  owner: string
  name: string
  fullName: string
  defaultBranch: 'main'
  createdAt: number
  /** In the order of their index. */
  commits: CommitRecord[]
  commitBySha: Map<string, CommitRecord>
  /** The heads of the default branch, ascending. */
  heads: { at: number; commit: CommitRecord }[]
  /** Each in the order of its creation. */
  pulls: PullRequest[]
  deployments: DeploymentRecord[]
  runs: RunRecord[]
  releases: ReleaseRecord[]
}

export interface AlertRecord {
  id: string
  createdAt: number
  summary: string
  severity: 'critical' | 'error' | 'warning'
  details: Record<string, string>
}

export type IncidentStatus = 'triggered' | 'acknowledged' | 'resolved'

export interface IncidentEvent {
  id: string
  at: number
  status: IncidentStatus
}

export interface IncidentRecord {
  id: string
  number: number
  title: string
  service: PagerService
  createdAt: number
  urgency: 'high' | 'low'
  /** Position in the list of priorities, the most severe first. */
  priority?: number
  /** Oldest first; none where it was opened by hand. */
  alerts: AlertRecord[]
  /** What changed its status, ascending; the first is its trigger. */
  events: IncidentEvent[]
  mergedInto?: { incident: IncidentRecord; at: number }
  /** The one that was merged into this one. */
  absorbed?: IncidentRecord
}

export interface PagerService {
  id: string
  name: string
  description: string
  createdAt: number
  team: string
}
