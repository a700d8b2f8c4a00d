import { lowerBound } from '../core/statistics.ts'
import type { Span } from './windows.ts'

/** Which events enter and leave at each of a series of spans; an event is a position in the flattened columns. */
export interface Timeline {
  /** How many events there are, over all columns. */
  size: number
  /** Lets what comes and goes with a span do so; tells whether anything did. */
  move(span: number, apply: (event: number, by: 1 | -1) => void): boolean
  /** The values of further columns, flattened as the times were. */
  flatten<Column extends Float64Array | Uint8Array>(columns: readonly Column[], into: Column): Column
}

/**
 * The timeline of several columns of ascending times over spans whose starts and ends ascend. Every event is looked
 * at once, whatever the number of columns and spans: for the windows of a year over a thousand services a look at
 * every column at every window would be most of the work.
 */
export function timeline(columns: readonly Float64Array[], spans: readonly Span[]): Timeline {
  const count = spans.length
  const starts = Float64Array.from(spans, ({ from }) => from)
  const ends = Float64Array.from(spans, ({ to }) => to)
  const parts = columns.map((at): [first: number, end: number] => {
    const first = lowerBound(at, starts[0]!)
    return [first, Math.max(first, lowerBound(at, ends[count - 1]!))]
  })
  const size = parts.reduce((sum, [first, end]) => sum + end - first, 0)
  const flatten: Timeline['flatten'] = (others, into) => {
    let offset = 0
    for (const [index, column] of others.entries()) {
      const part = column.subarray(...parts[index]!)
      into.set(part, offset)
      offset += part.length
    }
    return into
  }
  if (count === 1) return { size, move: enterAll(size), flatten }

  const entersAt = new Int32Array(size)
  const leavesAt = new Int32Array(size)
  let event = 0
  for (const [index, at] of columns.entries()) {
    const [first, end] = parts[index]!
    let enter = 0
    let leave = 0
    for (let position = first; position < end; position += 1) {
      const time = at[position]!
      while (ends[enter]! <= time) enter += 1
      while (leave < count && starts[leave]! <= time) leave += 1
      // Between two spans it is in neither.
      entersAt[event] = leave > enter ? enter : count
      leavesAt[event] = leave > enter ? leave : count
      event += 1
    }
  }
  const enters = sortedBy(entersAt, count)
  const leaves = sortedBy(leavesAt, count)

  return {
    size,
    move(span, apply) {
      const lastEnter = enters.from[span + 1]!
      const lastLeave = leaves.from[span + 1]!
      for (let index = enters.from[span]!; index < lastEnter; index += 1) apply(enters.events[index]!, 1)
      for (let index = leaves.from[span]!; index < lastLeave; index += 1) apply(leaves.events[index]!, -1)
      return lastEnter > enters.from[span]! || lastLeave > leaves.from[span]!
    },
    flatten,
  }
}

/** In a single span everything that is looked at is in it, and nothing leaves. */
function enterAll(size: number): Timeline['move'] {
  return (_, apply) => {
    for (let event = 0; event < size; event += 1) apply(event, 1)
    return size > 0
  }
}

/** Events by the span they belong to (a counting sort); those at `count` belong to none. */
function sortedBy(spanOf: Int32Array, count: number): { from: Int32Array; events: Int32Array } {
  const from = new Int32Array(count + 2)
  for (const span of spanOf) from[span + 1]! += 1
  for (let span = 0; span <= count; span += 1) from[span + 1]! += from[span]!
  const next = from.slice()
  const events = new Int32Array(spanOf.length)
  for (let event = 0; event < spanOf.length; event += 1) events[next[spanOf[event]!]!++] = event
  return { from, events }
}
