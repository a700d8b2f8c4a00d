import type { Deployment, FactKind, Run } from '../../core/fact.ts'
import type { Io } from '../../core/io.ts'
import type { Page, Since } from '../extractor.ts'
import type { Client } from './client.ts'
import type { RepositoryState, State } from './cursor.ts'
import type { Origin } from './rows.ts'
import type { RepositorySettings, Settings } from './settings.ts'

export const dayMs = 86_400_000

/** What one refresh of the source knows. */
export interface Reading {
  source: string
  settings: Settings
  client: Client
  io: Io
  since: Since
  state: State
  /**
   * What the streams' `at` becomes: the start of the refresh, by the server's clock or by ours, whichever is
   * earlier, less the overlap.
   */
  readonly startAt: number
  /** How far back a first refresh reads. */
  historyFrom: number
  /** In a sweep: everything from here on is read again. */
  sweepFrom?: number
  /** Ids of the facts of this refresh, by kind. */
  seen: Record<FactKind, Set<string>>
  /** Ids of what was stored when first asked for, of the swept days. */
  stored(kind: FactKind): Promise<Set<string>>
  /** The stored runs that had not ended, by repository. */
  openRuns: Map<string, Run[]>
  /** What asking again for the running deployments gave, by repository. */
  reopened: Map<string, Page>
}

/** What a merged pull request says of the commit that it became. */
export interface MergedFiles {
  paths: string[]
  /** Author dates of its own commits, epoch ms. */
  authoredAt: number[]
}

/** One repository in a refresh. */
export interface Repository {
  name: string
  settings: RepositorySettings
  state: RepositoryState
  /** Whether a service counts only some paths of it. */
  wantsPaths: boolean
  /** The files of merged pull requests by the sha of their squash or merge commit. */
  mergedFiles: Map<string, MergedFiles>
}

/** Whether paths are wanted and commits were read without them, so that history has to be read again. */
export function lacksPaths({ wantsPaths, state }: Repository): boolean {
  return wantsPaths && !state.commits?.paths
}

export function originOf(reading: Reading, repository: Repository): Origin {
  const { branch } = repository.state
  return { source: reading.source, repository: repository.name, ...(branch !== undefined && { branch }) }
}

/** The variables that name a repository in GraphQL. */
export function ownerAndName(name: string): { owner: string; name: string } {
  const slash = name.indexOf('/')
  return { owner: name.slice(0, slash), name: name.slice(slash + 1) }
}

/** The cursor after what has been yielded so far. */
export function cursorOf(reading: Reading): string {
  return JSON.stringify(reading.state)
}

/** An empty page that moves the cursor to what has been yielded so far. */
export function checkpoint(reading: Reading): Page {
  return { facts: [], cursor: cursorOf(reading) }
}

/**
 * Keeps what later steps need of deployments: running ones are asked for again, a finished one's commit has
 * to become known, and the first success is where history may end. What finished before `since` was kept by
 * an earlier refresh.
 */
export function noteDeployments(
  reading: Reading,
  repository: Repository,
  facts: Deployment[],
  since = 0,
): void {
  const { state } = repository
  const wanted = new Map(state.wanted?.map((each) => [each.sha, each]))
  for (const fact of facts) {
    reading.seen.deployment.add(fact.id)
    const { sha, outcome, finishedAt, environment } = fact
    if (outcome !== 'running') delete reading.state.openDeployments[fact.id]
    if (sha === undefined || finishedAt === undefined || outcome === 'cancelled') continue
    const first = outcome === 'success' && finishedAt < (state.baseline?.at ?? Number.POSITIVE_INFINITY)
    if (first) state.baseline = { sha, at: finishedAt }
    if (finishedAt < since) continue
    const production = /prod|live/i.test(environment) || wanted.get(sha)?.production === true
    wanted.set(sha, { sha, at: finishedAt, production })
  }
  if (wanted.size > 0) state.wanted = [...wanted.values()]
}
