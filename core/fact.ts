/**
 * The six kinds of fact that everything is derived from. Instants are epoch milliseconds; in NDJSON they
 * are ISO 8601 with a zone (see fact-json.ts). A missing property is unknown, never false or zero.
 */
export type FactKind = 'deployment' | 'change' | 'commit' | 'incident' | 'run' | 'testReport'
export type Outcome = 'success' | 'failure' | 'cancelled' | 'running'

/** (kind, source, id) is the identity of a fact: seen again it replaces what was stored. */
export interface FactKey {
  kind: FactKind
  source: string
  id: string
}

/** A rollout to one environment, said by the system that performs it. */
export interface Deployment extends FactKey {
  kind: 'deployment'
  /** Absent where only the configuration knows which services the repository's deployments are. */
  service?: string
  environment: string
  repository?: string
  sha?: string
  ref?: string
  version?: string
  startedAt?: number
  /** Present unless the outcome is `running`. */
  finishedAt?: number
  outcome: Outcome
  /** What the source computed: the commits reachable from `sha` and not from `base`. */
  range?: { base: string; commits: string[] }
  isRollback?: boolean
  isRework?: boolean
  firstCommitAt?: number
  /** The workflow, job or task that performed it, where services are told apart by it. */
  workflow?: string
  url?: string
  actor?: string
  team?: string
}

/** A merged pull request. */
export interface Change extends FactKey {
  kind: 'change'
  repository: string
  number: number
  title: string
  author: string
  isBot: boolean
  labels: string[]
  branch?: string
  /** Absent where only the merge is known, as from a clone. */
  openedAt?: number
  readyAt?: number
  /** The first review by a human other than the author. */
  firstReviewAt?: number
  approvedAt?: number
  mergedAt: number
  commits: { sha: string; authoredAt: number }[]
  headSha?: string
  mergeSha?: string
  additions?: number
  deletions?: number
  changedFiles?: number
  url?: string
}

export interface Commit extends FactKey {
  kind: 'commit'
  repository: string
  sha: string
  parents: string[]
  authoredAt: number
  committedAt: number
  author?: string
  isBot: boolean
  message?: string
  /** The files it touches; absent where the source does not say. */
  paths?: string[]
  /** The id of the change it came in with, where the source says so. */
  change?: string
}

export interface Incident extends FactKey {
  kind: 'incident'
  /** A service's name, or the incident system's own id of it, which the configuration maps. */
  service?: string
  services?: string[]
  environment?: string
  title?: string
  severity?: string
  /** When users were first affected. */
  startedAt: number
  openedAt?: number
  acknowledgedAt?: number
  resolvedAt?: number
  causedBy?: { deploymentId?: string; sha?: string; version?: string }
  deployTriggered?: boolean
  url?: string
}

/** One attempt of a CI run. */
export interface Run extends FactKey {
  kind: 'run'
  repository: string
  workflow: string
  sha?: string
  branch?: string
  attempt: number
  startedAt: number
  finishedAt?: number
  outcome: Outcome
  url?: string
}

/** How often each test passed and failed in one execution of a test suite, or of a part of it. */
export interface TestReport extends FactKey {
  kind: 'testReport'
  repository: string
  /** The id of the CI run, as its system gives it. */
  run?: string
  sha?: string
  startedAt: number
  /** In the order of their names, and so are their tests. */
  suites: TestSuite[]
}

export interface TestSuite {
  name: string
  /** A test that was skipped is not among them. */
  tests: TestCount[]
}

export type TestCount = [name: string, passed: number, failed: number]

export type Fact = Deployment | Change | Commit | Incident | Run | TestReport

export const factKinds: readonly FactKind[] = [
  'deployment',
  'change',
  'commit',
  'incident',
  'run',
  'testReport',
]
