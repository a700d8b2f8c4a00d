import type { PullRequest } from '../transforms/repository.ts'

/** Changes by column: numbers as bytes and texts together are written and read several times as fast as objects. */
export interface PackedChanges {
  /** The numbers of every change, one after another; NaN for undefined. */
  numbers: Float64Array
  bots: Uint8Array
  /** How many commits each has, and all of them one after another. */
  counts: Int32Array
  commits: Int32Array
  /** Of those that have any. */
  labels: Map<number, string[]>
  /** The texts of every change, one after another. */
  texts: string[]
}

const numbersEach = 10
const textsEach = 6

export function packChanges(changes: readonly PullRequest[]): PackedChanges {
  const numbers = new Float64Array(changes.length * numbersEach)
  const bots = new Uint8Array(changes.length)
  const counts = new Int32Array(changes.length)
  const labels = new Map<number, string[]>()
  const texts: string[] = []
  const commits: number[] = []
  let cell = 0
  for (const [index, change] of changes.entries()) {
    numbers[cell] = change.firstCommitAt ?? NaN
    numbers[cell + 1] = change.openedAt ?? NaN
    numbers[cell + 2] = change.readyAt ?? NaN
    numbers[cell + 3] = change.firstReviewAt ?? NaN
    numbers[cell + 4] = change.approvedAt ?? NaN
    numbers[cell + 5] = change.mergedAt
    numbers[cell + 6] = change.merge
    numbers[cell + 7] = change.head
    numbers[cell + 8] = change.size ?? NaN
    numbers[cell + 9] = change.changedFiles ?? NaN
    cell += numbersEach
    bots[index] = change.isBot ? 1 : 0
    counts[index] = change.commits.length
    for (const commit of change.commits) commits.push(commit)
    if (change.labels.length > 0) labels.set(index, change.labels)
    texts.push(change.id, change.source, change.title, change.author, change.branch, change.url)
  }
  return { numbers, bots, counts, commits: Int32Array.from(commits), labels, texts }
}

export function unpackChanges(packed: PackedChanges): PullRequest[] {
  const { numbers, bots, counts, commits, labels, texts } = packed
  const changes: PullRequest[] = []
  let from = 0
  for (const [index, count] of counts.entries()) {
    const number = index * numbersEach
    const text = index * textsEach
    changes.push({
      id: texts[text]!,
      source: texts[text + 1]!,
      title: texts[text + 2]!,
      author: texts[text + 3]!,
      labels: labels.get(index) ?? [],
      branch: texts[text + 4]!,
      isBot: bots[index] === 1,
      firstCommitAt: known(numbers[number]!),
      openedAt: known(numbers[number + 1]!),
      readyAt: known(numbers[number + 2]!),
      firstReviewAt: known(numbers[number + 3]!),
      approvedAt: known(numbers[number + 4]!),
      mergedAt: numbers[number + 5]!,
      merge: numbers[number + 6]!,
      head: numbers[number + 7]!,
      commits: [...commits.subarray(from, from + count)],
      size: known(numbers[number + 8]!),
      changedFiles: known(numbers[number + 9]!),
      url: texts[text + 5]!,
    })
    from += count
  }
  return changes
}

function known(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value
}
