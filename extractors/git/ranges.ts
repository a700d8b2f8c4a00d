import type { History } from './history.ts'

/**
 * The commits reachable from one of `tips` and from none of `excluded`, newest first, as `git rev-list`
 * answers it; undefined where the answer depends on commits that are not known.
 */
export type Ranges = (tips: readonly number[], excluded: readonly number[]) => number[] | undefined

const wanted = 1
const unwanted = 2

/**
 * Prepares a complete history for many such questions. The commits are laid out so that each stands before
 * its parents and neighbours in time are neighbours in the layout; a question then scans from its tips to
 * where the two sides have met, which for a pull request is a short way.
 */
export function createRanges(history: History): Ranges {
  const order = layOut(history)
  const position = new Int32Array(order.length)
  for (const [at, index] of order.entries()) position[index] = at
  const marks = new Uint8Array(order.length)

  return (tips, excluded) => {
    const found: number[] = []
    let first = order.length
    let last = 0
    /** Positions that are wanted so far and were not come to. */
    let pending = 0
    let isCut = false

    function mark(index: number, by: number): void {
      const at = position[index]!
      const before = marks[at]!
      const after = before | by
      if (before === after) return
      marks[at] = after
      if (after === wanted) pending += 1
      if (before === wanted) pending -= 1
      if (at < first) first = at
      if (at > last) last = at
      if (!history.isKnown(index)) isCut = true
    }

    for (const index of tips) mark(index, wanted)
    for (const index of excluded) mark(index, unwanted)
    for (let at = first; pending > 0 && at < order.length; at += 1) {
      const side = marks[at]!
      if (side === 0) continue
      const index = order[at]!
      if (side === wanted) {
        pending -= 1
        found.push(index)
      }
      for (const parent of history.parents(index)) mark(parent, side)
    }
    if (first <= last) marks.fill(0, first, last + 1)
    return isCut ? undefined : found
  }
}

/** Every commit before its parents, else the newer one first; what is not known comes last. */
function layOut(history: History): Int32Array {
  const dates = correctedDates(history)
  const order = Int32Array.from(dates.keys())
  return order.sort((a, b) => dates[b]! - dates[a]! || a - b)
}

/**
 * The commit date, or where a clock was wrong the smallest instant after the dates of the parents: so that
 * descending order never puts a parent before its child. (Git keeps the same in its commit-graph files.)
 */
function correctedDates(history: History): Float64Array {
  const dates = new Float64Array(history.shas.length)
  for (let tip = 0; tip < dates.length; tip += 1) {
    const stack = [tip]
    while (stack.length > 0) {
      const index = stack.at(-1)!
      if (dates[index] !== 0) {
        stack.pop()
        continue
      }
      const parents = history.parents(index)
      const open = parents.filter((parent) => dates[parent] === 0)
      if (open.length > 0) {
        stack.push(...open)
        continue
      }
      let date = history.isKnown(index) ? Math.max(2, history.committedAt(index)) : 1
      for (const parent of parents) date = Math.max(date, dates[parent]! + 1)
      dates[index] = date
      stack.pop()
    }
  }
  return dates
}
