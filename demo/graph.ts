import type { CommitRecord, RepositoryRecord } from './model.ts'
import { digest } from './random.ts'
import { countUntil } from './sorted.ts'

export type NewCommit = Omit<CommitRecord, 'sha' | 'index'>

/** Adds a commit; its sha follows from the seed, the repository, its place and its parents. */
export function addCommit(repository: RepositoryRecord, seed: string, commit: NewCommit): CommitRecord {
  const index = repository.commits.length
  const parents = commit.parents.map((parent) => parent.sha).join(' ')
  const sha = digest(`${seed} ${repository.fullName} ${index} ${parents}`)
  const made = { ...commit, sha, index }
  repository.commits.push(made)
  repository.commitBySha.set(sha, made)
  return made
}

/** Makes a commit the head of the default branch. */
export function advance(repository: RepositoryRecord, commit: CommitRecord, at: number): void {
  repository.heads.push({ at, commit })
}

/** The head of the default branch at an instant; undefined before the first. */
export function headAt(repository: RepositoryRecord, at: number): CommitRecord | undefined {
  return repository.heads[countUntil(repository.heads, at, (head) => head.at) - 1]?.commit
}

/** Everything reachable from a commit, the latest committed first, as GitHub lists a history. */
export function historyOf(from: CommitRecord): CommitRecord[] {
  const seen = new Set([from])
  const stack = [from]
  while (stack.length > 0) {
    for (const parent of stack.pop()!.parents) {
      if (seen.has(parent)) continue
      seen.add(parent)
      stack.push(parent)
    }
  }
  return [...seen].sort((a, b) => b.committedAt - a.committedAt || b.index - a.index)
}

export interface Comparison {
  /** Reachable from the head and not from the base, oldest first. */
  ahead: CommitRecord[]
  behindCount: number
  mergeBase: CommitRecord | undefined
}

const ofHead = 1
const ofBase = 2

/** What a head has that a base has not. Visits little more than the difference. */
export function compare(base: CommitRecord, head: CommitRecord): Comparison {
  const marks = new Map<CommitRecord, number>([[head, ofHead]])
  marks.set(base, (marks.get(base) ?? 0) | ofBase)
  const open = new Set(marks.keys())
  const ahead: CommitRecord[] = []
  let behindCount = 0
  let mergeBase: CommitRecord | undefined
  // Parents have smaller indexes, so once a commit is taken nobody can add a mark to it.
  while ([...open].some((commit) => marks.get(commit) !== (ofHead | ofBase))) {
    const commit = latest(open)
    const mark = marks.get(commit)!
    open.delete(commit)
    if (mark === ofHead) ahead.push(commit)
    else if (mark === ofBase) behindCount += 1
    else mergeBase ??= commit
    for (const parent of commit.parents) {
      marks.set(parent, (marks.get(parent) ?? 0) | mark)
      open.add(parent)
    }
  }
  if (!mergeBase && open.size > 0) mergeBase = latest(open)
  return { ahead: ahead.toReversed(), behindCount, mergeBase }
}

function latest(commits: ReadonlySet<CommitRecord>): CommitRecord {
  let found: CommitRecord | undefined
  for (const commit of commits) if (!found || commit.index > found.index) found = commit
  return found!
}
