import {
  hotfix,
  labelled,
  large,
  leftOutOfMerged,
  merged,
  ofLabelled,
  pooledMerges,
  weekend,
  type MergedEvents,
} from './merged-events.ts'
import { timeline } from './timeline.ts'
import type { Span } from './windows.ts'

/** What was merged in one window. */
export interface MergedNumbers {
  changes: number
  large: number
  weekend: number
  excludedBots: number
  hotfixes: number
  labelled: number
  /** The changes that `labelled` is a share of. */
  ofLabelled: number
}

/** The changes merged in each span of a series; what several members have counts once. */
export function mergedCounts(given: readonly MergedEvents[], reach: Span, isSingle: boolean) {
  const members = pooledMerges(given)
  const line = timeline(
    members.map(({ at }) => at),
    reach,
    isSingle,
  )
  const flags = line.arrange(
    members.map((member) => member.flags),
    new Uint8Array(line.size),
  )
  return (spans: readonly Span[]): ((span: number) => MergedNumbers) => {
    const move = line.sweep(spans)
    let count: MergedNumbers = {
      changes: 0,
      large: 0,
      weekend: 0,
      excludedBots: 0,
      hotfixes: 0,
      labelled: 0,
      ofLabelled: 0,
    }
    const apply = (event: number, by: 1 | -1) => {
      const flag = flags[event]!
      if (flag & merged) count.changes += by
      if (flag & large) count.large += by
      if (flag & weekend) count.weekend += by
      if (flag & leftOutOfMerged) count.excludedBots += by
      if (flag & hotfix) count.hotfixes += by
      if (flag & labelled) count.labelled += by
      if (flag & ofLabelled) count.ofLabelled += by
    }
    return (span) => {
      // Another object where something moved: what is told of the former stays as it is.
      const before = count
      count = { ...before }
      if (!move(span, apply)) count = before
      return count
    }
  }
}
