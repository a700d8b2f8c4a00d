import type { Change, Commit } from '../core/fact.ts'

/**
 * One repository's commits and merged pull requests in dense columns: an index stands for a sha, so that
 * walking a history of 100,000 commits touches no strings. Shas that are only named (as a parent, or in a
 * pull request) have an index too and are not known. The form is a cache of the facts, made to be loaded fast;
 * nothing outside transforms/ looks inside.
 */
export interface Repository {
  name: string
  shas: string[]
  /** known, bot, revert, paths known; see the constants below. */
  flags: Uint8Array
  authoredAt: Float64Array
  committedAt: Float64Array
  /** Indices of the first and second parent, -1 for none; `moreParents` holds the rest of an octopus. */
  firstParent: Int32Array
  secondParent: Int32Array
  moreParents: Map<number, number[]>
  /** The id of the change that the source says a commit came in with. */
  changeIds: Map<number, string>
  paths: Map<number, string[]>
  changes: PullRequest[]
  /** Names of the sources, and which of them told of a commit. */
  sources: string[]
  sourceOf: Uint8Array
}

/** A change with its shas as indices. */
export interface PullRequest {
  id: string
  source: string
  title: string
  author: string
  labels: string[]
  branch: string
  isBot: boolean
  firstCommitAt: number | undefined
  openedAt: number | undefined
  readyAt: number | undefined
  firstReviewAt: number | undefined
  approvedAt: number | undefined
  mergedAt: number
  /** -1 where unknown. */
  merge: number
  head: number
  commits: number[]
  /** Lines added and deleted; undefined where unknown. */
  size: number | undefined
  changedFiles: number | undefined
  url: string
}

const known = 1
const bot = 2
const revert = 4
const pathsKnown = 8

export const isKnown = (repository: Repository, index: number) =>
  index < repository.flags.length && (repository.flags[index]! & known) !== 0
export const isBot = (repository: Repository, index: number) => (repository.flags[index]! & bot) !== 0
export const isRevert = (repository: Repository, index: number) => (repository.flags[index]! & revert) !== 0
export const hasPaths = (repository: Repository, index: number) =>
  index < repository.flags.length && (repository.flags[index]! & pathsKnown) !== 0
export const isMerge = (repository: Repository, index: number) => repository.secondParent[index]! >= 0

/** Git's and GitHub's title of a revert; a revert of a revert brings the change back and is none. */
export function isRevertTitle(title: string): boolean {
  return title.startsWith('Revert "') && !title.startsWith('Revert "Revert ')
}

export function emptyRepository(name: string): Repository {
  return {
    name,
    shas: [],
    flags: new Uint8Array(0),
    authoredAt: new Float64Array(0),
    committedAt: new Float64Array(0),
    firstParent: new Int32Array(0),
    secondParent: new Int32Array(0),
    moreParents: new Map(),
    changeIds: new Map(),
    paths: new Map(),
    changes: [],
    sources: [],
    sourceOf: new Uint8Array(0),
  }
}

/**
 * The repository with these facts added. Returns undefined where a fact is about a commit or change that it
 * has already: then it has to be compiled anew from all facts, for what was replaced cannot be taken back here.
 */
export function addFacts(before: Repository, facts: readonly (Commit | Change)[]): Repository | undefined {
  const index = new Map<string, number>()
  for (const [position, sha] of before.shas.entries()) index.set(sha, position)
  const shas = [...before.shas]
  const indexOf = (sha: string): number => {
    let position = index.get(sha)
    if (position === undefined) {
      position = shas.length
      index.set(sha, position)
      shas.push(sha)
    }
    return position
  }

  const commits = new Map<number, Commit>()
  const changes = new Map<string, PullRequest>()
  const hasChange = new Set(before.changes.map((change) => change.id))
  for (const fact of facts) {
    if (fact.kind === 'commit') {
      const position = indexOf(fact.sha)
      if (isKnown(before, position) || commits.has(position)) return undefined
      for (const parent of fact.parents) indexOf(parent)
      commits.set(position, fact)
    } else {
      if (hasChange.has(fact.id) || changes.has(fact.id)) return undefined
      changes.set(fact.id, pullRequest(fact, indexOf))
    }
  }

  const count = shas.length
  const repository: Repository = {
    name: before.name,
    shas,
    flags: grown(before.flags, new Uint8Array(count)),
    authoredAt: grown(before.authoredAt, new Float64Array(count)),
    committedAt: grown(before.committedAt, new Float64Array(count)),
    firstParent: grown(before.firstParent, new Int32Array(count).fill(-1)),
    secondParent: grown(before.secondParent, new Int32Array(count).fill(-1)),
    moreParents: new Map(before.moreParents),
    changeIds: new Map(before.changeIds),
    paths: new Map(before.paths),
    changes: [...before.changes, ...changes.values()],
    sources: [...before.sources],
    sourceOf: grown(before.sourceOf, new Uint8Array(count)),
  }
  for (const [position, commit] of commits) {
    repository.flags[position] =
      known |
      (commit.isBot ? bot : 0) |
      (commit.message !== undefined && isRevertTitle(commit.message) ? revert : 0) |
      (commit.paths ? pathsKnown : 0)
    if (!repository.sources.includes(commit.source)) repository.sources.push(commit.source)
    repository.sourceOf[position] = repository.sources.indexOf(commit.source)
    repository.authoredAt[position] = commit.authoredAt
    repository.committedAt[position] = commit.committedAt
    const parents = commit.parents.map(indexOf)
    repository.firstParent[position] = parents[0] ?? -1
    repository.secondParent[position] = parents[1] ?? -1
    if (parents.length > 2) repository.moreParents.set(position, parents.slice(2))
    if (commit.change !== undefined) repository.changeIds.set(position, commit.change)
    if (commit.paths) repository.paths.set(position, commit.paths)
  }
  return repository
}

function pullRequest(change: Change, indexOf: (sha: string) => number): PullRequest {
  const hasSize = change.additions !== undefined && change.deletions !== undefined
  return {
    id: change.id,
    source: change.source,
    title: change.title,
    author: change.author,
    labels: change.labels,
    branch: change.branch ?? '',
    isBot: change.isBot,
    firstCommitAt:
      change.commits.length > 0
        ? change.commits.reduce((earliest, { authoredAt }) => Math.min(earliest, authoredAt), Infinity)
        : undefined,
    openedAt: change.openedAt,
    readyAt: change.readyAt,
    firstReviewAt: change.firstReviewAt,
    approvedAt: change.approvedAt,
    mergedAt: change.mergedAt,
    merge: change.mergeSha === undefined ? -1 : indexOf(change.mergeSha),
    head: change.headSha === undefined ? -1 : indexOf(change.headSha),
    commits: change.commits.map(({ sha }) => indexOf(sha)),
    size: hasSize ? change.additions! + change.deletions! : undefined,
    changedFiles: change.changedFiles,
    url: change.url ?? '',
  }
}

function grown<Column extends Uint8Array | Int32Array | Float64Array>(before: Column, after: Column): Column {
  after.set(before)
  return after
}

/** A repository from all its facts, in any order; where two sources tell of one commit or change, they are joined. */
export function compileRepository(name: string, facts: readonly (Commit | Change)[]): Repository {
  const repository = addFacts(emptyRepository(name), facts)
  return repository ?? addFacts(emptyRepository(name), joined(facts))!
}

/**
 * One fact for each commit and change. The source that says more leads, then the first by name; what it
 * leaves open is filled from the others, so that paths from git and pull requests from the forge add up.
 */
function joined(facts: readonly (Commit | Change)[]): (Commit | Change)[] {
  const ordered = facts.toSorted(
    (a, b) =>
      Object.keys(b).length - Object.keys(a).length ||
      compareText(a.source, b.source) ||
      compareText(a.id, b.id),
  )
  const byKey = new Map<string, Commit | Change>()
  for (const fact of ordered) {
    const key = fact.kind === 'commit' ? fact.sha : `!${fact.id}`
    const leading = byKey.get(key)
    byKey.set(key, leading ? { ...fact, ...leading } : fact)
  }
  return [...byKey.values()]
}

export function compareText(a: string, b: string): number {
  if (a < b) return -1
  return a > b ? 1 : 0
}
