import type { Change, Commit } from '../core/fact.ts'

/**
 * One repository's commits and merged pull requests in dense columns: an index stands for a sha, so that
 * walking a history of 100,000 commits touches no strings. Shas that are only named (as a parent, or in a
 * pull request) have an index too and are not known. The form is a cache of the facts, made to be loaded fast and to
 * grow in place; columns may have room to spare at their end. Nothing outside transforms/ looks inside.
 */
export interface Repository {
  name: string
  shas: string[]
  /** known, bot, revert, paths known, claimed; see the constants below. */
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
  /** How many facts it was made of. */
  facts: number
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
/** A pull request claims it: it is no change of its own. */
const claimed = 16

export const isKnown = (repository: Repository, index: number) =>
  index < repository.flags.length && (repository.flags[index]! & known) !== 0
export const isBot = (repository: Repository, index: number) => (repository.flags[index]! & bot) !== 0
export const isRevert = (repository: Repository, index: number) => (repository.flags[index]! & revert) !== 0
export const hasPaths = (repository: Repository, index: number) =>
  index < repository.flags.length && (repository.flags[index]! & pathsKnown) !== 0
export const isClaimed = (repository: Repository, index: number) => (repository.flags[index]! & claimed) !== 0
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
    facts: 0,
  }
}

/** Makes room for `count` commits, with some to spare: a repository that grows every hour is rarely copied. */
export function makeRoom(repository: Repository, count: number): void {
  if (repository.flags.length >= count) return
  const room = count + (count >> 3) + 16
  repository.flags = grown(repository.flags, new Uint8Array(room))
  repository.authoredAt = grown(repository.authoredAt, new Float64Array(room))
  repository.committedAt = grown(repository.committedAt, new Float64Array(room))
  repository.firstParent = grown(repository.firstParent, new Int32Array(room).fill(-1))
  repository.secondParent = grown(repository.secondParent, new Int32Array(room).fill(-1))
  repository.sourceOf = grown(repository.sourceOf, new Uint8Array(room))
}

/** Writes what a commit says at its index; `indexOf` gives its parents theirs. */
export function writeCommit(
  repository: Repository,
  index: number,
  commit: Commit,
  indexOf: (sha: string) => number,
): void {
  repository.flags[index]! |=
    known |
    (commit.isBot ? bot : 0) |
    (commit.message !== undefined && isRevertTitle(commit.message) ? revert : 0) |
    (commit.paths ? pathsKnown : 0)
  let source = repository.sources.indexOf(commit.source)
  if (source < 0) source = repository.sources.push(commit.source) - 1
  repository.sourceOf[index] = source
  repository.authoredAt[index] = commit.authoredAt
  repository.committedAt[index] = commit.committedAt
  const parents = commit.parents.map(indexOf)
  repository.firstParent[index] = parents[0] ?? -1
  repository.secondParent[index] = parents[1] ?? -1
  if (parents.length > 2) repository.moreParents.set(index, parents.slice(2))
  if (commit.change !== undefined) repository.changeIds.set(index, commit.change)
  if (commit.paths) repository.paths.set(index, commit.paths)
}

export function claim({ flags }: Repository, index: number): void {
  flags[index]! |= claimed
}

export function pullRequest(change: Change, indexOf: (sha: string) => number): PullRequest {
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

export function compareText(a: string, b: string): number {
  if (a < b) return -1
  return a > b ? 1 : 0
}
