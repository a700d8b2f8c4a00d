import type { Rollout } from '../transforms/rollout.ts'

/** Rollouts by column, as changes are packed: see packed-changes.ts. */
export interface PackedRollouts {
  /** The numbers of every rollout, one after another; NaN for undefined. */
  numbers: Float64Array
  flags: Uint8Array
  /** Of those that have one. */
  ranges: Map<number, NonNullable<Rollout['range']>>
  /** The texts of every rollout, one after another; null for undefined. */
  texts: (string | null)[]
}

const numbersEach = 3
const textsEach = 7

const succeeded = 1
const shared = 2
const rollback = { known: 4, is: 8 }
const rework = { known: 16, is: 32 }

export function packRollouts(rollouts: readonly Rollout[]): PackedRollouts {
  const numbers = new Float64Array(rollouts.length * numbersEach)
  const flags = new Uint8Array(rollouts.length)
  const ranges: PackedRollouts['ranges'] = new Map()
  const texts: (string | null)[] = []
  for (const [index, rollout] of rollouts.entries()) {
    const number = index * numbersEach
    numbers[number] = rollout.begunAt
    numbers[number + 1] = rollout.at
    numbers[number + 2] = rollout.firstCommitAt ?? NaN
    flags[index] =
      (rollout.succeeded ? succeeded : 0) |
      (rollout.shared ? shared : 0) |
      bitsOf(rollout.isRollback, rollback) |
      bitsOf(rollout.isRework, rework)
    if (rollout.range !== undefined) ranges.set(index, rollout.range)
    const { source, id, environment, repository, sha, version, url } = rollout
    texts.push(source, id, environment, repository, sha ?? null, version ?? null, url)
  }
  return { numbers, flags, ranges, texts }
}

export function unpackRollouts({ numbers, flags, ranges, texts }: PackedRollouts): Rollout[] {
  return Array.from(flags, (bits, index) => {
    const number = index * numbersEach
    const text = index * textsEach
    const firstCommitAt = numbers[number + 2]!
    return {
      source: texts[text]!,
      id: texts[text + 1]!,
      environment: texts[text + 2]!,
      repository: texts[text + 3]!,
      sha: texts[text + 4] ?? undefined,
      version: texts[text + 5] ?? undefined,
      begunAt: numbers[number]!,
      at: numbers[number + 1]!,
      succeeded: (bits & succeeded) !== 0,
      range: ranges.get(index),
      isRollback: choiceOf(bits, rollback),
      isRework: choiceOf(bits, rework),
      firstCommitAt: Number.isNaN(firstCommitAt) ? undefined : firstCommitAt,
      url: texts[text + 6]!,
      shared: (bits & shared) !== 0,
    }
  })
}

function bitsOf(choice: boolean | undefined, { known, is }: { known: number; is: number }): number {
  if (choice === undefined) return 0
  return choice ? known | is : known
}

function choiceOf(bits: number, { known, is }: { known: number; is: number }): boolean | undefined {
  return (bits & known) === 0 ? undefined : (bits & is) !== 0
}
