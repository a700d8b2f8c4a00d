import { lowerBound } from '../core/statistics.ts'
import type { Span } from './windows.ts'

/** Events of several columns in one order of time; an event is a position in that order. */
export interface Timeline {
  size: number
  /** Their times. */
  readonly at: Float64Array
  /** The values of further columns, in the order of the events. */
  arrange<Column extends Float64Array | Uint8Array>(columns: readonly Column[], into: Column): Column
  /** What enters and leaves with each of a series of spans, whose starts and ends ascend. */
  sweep(spans: readonly Span[]): Sweep
}

/** Lets what comes and goes with a span do so; tells whether anything did. Asked span by span, none left out. */
export type Sweep = (span: number, apply: (event: number, by: 1 | -1) => void) => boolean

/**
 * The timeline of several columns of ascending times, as far as `reach` goes. The columns are merged once, so that
 * every series of spans takes two steps for each event, whatever the number of columns and spans. Where there is only
 * one span, which is the reach itself, the order says nothing and is not made.
 */
export function timeline(columns: readonly Float64Array[], reach: Span, isSingle: boolean): Timeline {
  const parts = columns.map((at): [first: number, end: number] => {
    const first = lowerBound(at, reach.from)
    return [first, Math.max(first, lowerBound(at, reach.to))]
  })
  const size = parts.reduce((sum, [first, end]) => sum + end - first, 0)

  function flatten<Column extends Float64Array | Uint8Array>(
    others: readonly Column[],
    into: Column,
  ): Column {
    let offset = 0
    for (const [index, column] of others.entries()) {
      const part = column.subarray(...parts[index]!)
      into.set(part, offset)
      offset += part.length
    }
    return into
  }

  let flat: Float64Array | undefined
  const times = () => (flat ??= flatten(columns, new Float64Array(size)))
  const order = isSingle || columns.length < 2 ? undefined : mergedOrder(times(), endsOf(parts))
  const arrange: Timeline['arrange'] = (others, into) => {
    if (!order) return flatten(others, into)
    const values = flatten(others, into.slice() as typeof into)
    for (let event = 0; event < size; event += 1) into[event] = values[order[event]!]!
    return into
  }
  const ordered = order && arrange(columns, new Float64Array(size))
  return {
    size,
    // Of a single span the times of most columns are never asked for.
    get at() {
      return ordered ?? times()
    },
    arrange,
    sweep: (spans) => (isSingle ? enterAll(size) : sweepOver(ordered ?? times(), spans)),
  }
}

function sweepOver(at: Float64Array, spans: readonly Span[]): Sweep {
  let entering = spans.length === 0 ? 0 : lowerBound(at, spans[0]!.from)
  let leaving = entering
  return (span, apply) => {
    const { from, to } = spans[span]!
    const before = entering + leaving
    for (; entering < at.length && at[entering]! < to; entering += 1) apply(entering, 1)
    for (; leaving < entering && at[leaving]! < from; leaving += 1) apply(leaving, -1)
    return entering + leaving > before
  }
}

/** In a single span everything that is looked at is in it, and nothing leaves. */
function enterAll(size: number): Sweep {
  return (_, apply) => {
    for (let event = 0; event < size; event += 1) apply(event, 1)
    return size > 0
  }
}

function endsOf(parts: readonly (readonly [first: number, end: number])[]): number[] {
  let total = 0
  return parts.map(([first, end]) => (total += end - first))
}

/** The order of times that ascend in runs, which end at `ends`: runs are merged two by two until one is left. */
function mergedOrder(at: Float64Array, ends: readonly number[]): Int32Array {
  let order = new Int32Array(at.length).map((_, index) => index)
  let merged = new Int32Array(at.length)
  for (let runs = ends; runs.length > 1;) {
    const longer: number[] = []
    for (let run = 0; run < runs.length; run += 2) {
      const first = longer.at(-1) ?? 0
      const end = runs[run + 1] ?? runs[run]!
      mergeTwo(at, order, merged, [first, runs[run]!, end])
      longer.push(end)
    }
    const former = order
    order = merged
    merged = former
    runs = longer
  }
  return order
}

function mergeTwo(
  at: Float64Array,
  order: Int32Array,
  into: Int32Array,
  [first, middle, end]: readonly [number, number, number],
): void {
  let left = first
  let right = middle
  for (let next = first; next < end; next += 1) {
    const takesLeft = right >= end || (left < middle && at[order[left]!]! <= at[order[right]!]!)
    into[next] = takesLeft ? order[left++]! : order[right++]!
  }
}
