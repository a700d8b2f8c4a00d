import type { Note } from './rules.ts'

/** Facts as they are written in NDJSON: instants stay ISO strings. */
export type Outcome = 'success' | 'failure' | 'cancelled' | 'running'

export interface DeploymentFact {
  kind: 'deployment'
  source: string
  id: string
  service: string
  environment: string
  repository: string
  sha?: string
  ref?: string
  version?: string
  startedAt?: string
  finishedAt?: string
  outcome: Outcome
  range?: { base: string; commits: string[] }
  isRollback?: boolean
  isRework?: boolean
  firstCommitAt?: string
}

export interface ChangeFact {
  kind: 'change'
  source: string
  id: string
  repository: string
  number: number
  title: string
  author: string
  isBot: boolean
  labels: string[]
  branch?: string
  openedAt: string
  readyAt?: string
  firstReviewAt?: string
  approvedAt?: string
  mergedAt: string
  commits: { sha: string; authoredAt: string }[]
  headSha?: string
  mergeSha?: string
  changedFiles?: number
}

export interface CommitFact {
  kind: 'commit'
  source: string
  id: string
  repository: string
  sha: string
  parents: string[]
  authoredAt: string
  committedAt: string
  author?: string
  isBot?: boolean
  message?: string
  paths?: string[]
  change?: string
}

export interface IncidentFact {
  kind: 'incident'
  source: string
  id: string
  service: string
  services?: string[]
  environment?: string
  title?: string
  startedAt: string
  openedAt?: string
  acknowledgedAt?: string
  resolvedAt?: string
  causedBy?: { deploymentId?: string; sha?: string; version?: string }
  deployTriggered?: boolean
}

export interface RunFact {
  kind: 'run'
  source: string
  id: string
  repository: string
  workflow: string
  sha?: string
  branch?: string
  attempt: number
  startedAt: string
  finishedAt?: string
  outcome: Outcome
}

export type Fact = DeploymentFact | ChangeFact | CommitFact | IncidentFact | RunFact

/** Epoch milliseconds of an ISO instant. */
export function at(iso: string): number {
  const milliseconds = Date.parse(iso)
  if (Number.isNaN(milliseconds)) throw new Error(`not an instant: ${iso}`)
  return milliseconds
}

/** "A fact is upserted by `(kind, source, id)`: … seeing it with new content replaces the old one." */
export function upserted(facts: readonly Fact[], note: Note): Fact[] {
  const byKey = new Map<string, Fact>()
  for (const fact of facts) {
    const key = JSON.stringify([fact.kind, fact.source, fact.id])
    if (byKey.has(key)) note('fact: delivered again')
    byKey.set(key, fact)
  }
  return [...byKey.values()]
}

/** A commit of one repository. */
export function commitKey(repository: string, sha: string): string {
  return `${repository}@${sha}`
}

export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
