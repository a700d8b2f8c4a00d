import type { Change } from '../../core/fact.ts'
import type { History } from './history.ts'
import type { MergeMessage } from './messages.ts'
import { createRanges } from './ranges.ts'
import type { Ranges } from './ranges.ts'

/** A commit whose message speaks of a pull request or of a merged branch. */
export interface Candidate {
  index: number
  message: MergeMessage
}

/** What decides which candidates are changes. */
export interface Setting {
  source: string
  repository: string
  history: History
  /** The branch's first-parent commits, newest first. */
  line: readonly number[]
  branch: string
  /** Commits that were deployed by a tag. */
  deployed: ReadonlySet<number>
}

export interface FoundChange {
  change: Change
  /** The other commits with its number: a new one among them may have changed which is chosen. */
  rivals: string[]
}

/**
 * The changes that a history tells of. Of several commits with one number (a merge and its cherry-picks) one is
 * the change: that on the branch before others, a merge before a squashed commit, then the earliest.
 */
export function findChanges(candidates: readonly Candidate[], setting: Setting): FoundChange[] {
  const { history, repository } = setting
  if (candidates.length === 0) return []
  const onBranch = new Set(setting.line)
  const ranges = createRanges(history)
  const byNumber = new Map<number, Candidate[]>()
  const merges: Candidate[] = []
  /** How often each branch was merged without a request. */
  const times = new Map<string, number>()
  for (const candidate of candidates) {
    const { number } = candidate.message
    if (number === undefined) {
      if (!onBranch.has(candidate.index) || !isMerge(history, candidate)) continue
      merges.push(candidate)
      const branch = candidate.message.branch ?? ''
      times.set(branch, (times.get(branch) ?? 0) + 1)
      continue
    }
    const same = byNumber.get(number)
    if (same) same.push(candidate)
    else byNumber.set(number, [candidate])
  }

  const found: FoundChange[] = []
  const numbered = new Set<number>()
  for (const [number, same] of byNumber) {
    same.sort((a, b) => rank(b) - rank(a) || earlier(history, a, b))
    const [chosen, ...others] = same as [Candidate, ...Candidate[]]
    numbered.add(chosen.index)
    const change = changeOf(chosen, `${repository}!${number}`, ranges, setting)
    found.push({ change, rivals: others.map(({ index }) => history.shas[index]!) })
    // Two merges on one branch are two changes: numbers begin anew where a repository moved to another forge.
    for (const other of others) if (rank(other) === 3) merges.push(other)
  }
  for (const merge of merges) {
    const id = `${repository}!${history.shas[merge.index]!.slice(0, 12)}`
    if (merge.message.number === undefined) {
      // A branch that is merged again and again lives on: its commits are changes, its merges are none.
      if (times.get(merge.message.branch ?? '') !== 1 || !isOwnChange(merge, numbered, ranges, setting))
        continue
    }
    found.push({ change: changeOf(merge, id, ranges, setting), rivals: [] })
  }
  return found

  function rank(candidate: Candidate): number {
    return (onBranch.has(candidate.index) ? 2 : 0) + (isMerge(history, candidate) ? 1 : 0)
  }
}

function isMerge(history: History, { index }: Candidate): boolean {
  return history.parents(index).length > 1
}

function earlier(history: History, a: Candidate, b: Candidate): number {
  const [first, second] = [history.shas[a.index]!, history.shas[b.index]!]
  return history.committedAt(a.index) - history.committedAt(b.index) || (first < second ? -1 : 1)
}

/**
 * Whether two branches that were merged without a request are a change: not where the branch was brought up
 * to date with itself, where a release was merged back, or where what comes in are changes by themselves
 * or nothing but merges.
 */
function isOwnChange(
  { index, message }: Candidate,
  numbered: ReadonlySet<number>,
  ranges: Ranges,
  { history, branch, deployed }: Setting,
): boolean {
  if (message.branch === branch) return false
  const [first, ...others] = history.parents(index)
  const brought = ranges(others, [first!])
  if (brought === undefined || brought.some((each) => deployed.has(each) || numbered.has(each))) return false
  return brought.some((each) => history.parents(each).length < 2)
}

/**
 * The change of a merge has the commits that came in by it; that of a squashed request has only itself, for the
 * commits that were written are not in the history.
 */
function changeOf({ index, message }: Candidate, id: string, ranges: Ranges, setting: Setting): Change {
  const { history, source, repository } = setting
  const { number, title, branch } = message
  const [first, ...others] = history.parents(index)
  const isMerged = others.length > 0
  // Where a shallow clone does not say what came in, the first commit remains unknown.
  const brought = isMerged ? (ranges(others, [first!]) ?? []) : [index]
  const head = isMerged && others.length === 1 ? others[0] : undefined
  const signed = head !== undefined && history.isKnown(head) ? head : index
  return {
    kind: 'change',
    source,
    id,
    repository,
    number: number ?? 0,
    title,
    author: history.author(signed),
    isBot: history.isBot(signed),
    labels: [],
    ...(branch !== undefined && { branch }),
    mergedAt: history.committedAt(index),
    commits: brought.map((each) => ({ sha: history.shas[each]!, authoredAt: history.authoredAt(each) })),
    ...(head !== undefined && { headSha: history.shas[head]! }),
    mergeSha: history.shas[index]!,
  }
}
