import {
  fixedPercentiles,
  ranksOf,
  slidingPercentiles,
  sortedPercentiles,
  type Ranks,
  unorderedPercentiles,
  type SlidingPercentiles,
} from '../core/statistics.ts'
import type { Timeline } from './timeline.ts'
import type { Span } from './windows.ts'

/** In the unit of the samples; null where there is none. */
export interface Percentiles {
  n: number
  p50: number | null
  p90: number | null
}

/** The samples of one column that are in the current span of a series. */
export interface Samples {
  values: SlidingPercentiles
  /** Tells whether the event has a sample. */
  apply(event: number, by: 1 | -1): boolean
  /** The same object as last time where nothing moved. */
  percentiles(): Percentiles
}

/** Up to so many are kept in order: to move half of them costs no more than to walk a tree. */
const fewAtOnce = 1000

/** Whether a sample is in few of the spans: then it is cheaper to look at all that are in one than to keep an order. */
function movesFar([first, second]: readonly Span[]): boolean {
  return first !== undefined && second !== undefined && second.to - first.to >= (first.to - first.from) / 6
}

/** About how many are in one span: samples are spread over all of them. */
function atOnce(samples: number, spans: readonly Span[]): number {
  const [first] = spans
  const last = spans.at(-1)
  if (first === undefined || last === undefined) return samples
  return (samples * (first.to - first.from)) / (last.to - first.from)
}

/** The samples of a column in the order of a line, for each series of spans; NaN is no sample. */
export function samplesOf(flat: Float64Array): (spans: readonly Span[]) => Samples {
  let ranks: Ranks | undefined
  function percentilesOver(spans: readonly Span[]): SlidingPercentiles {
    // In a single window nothing leaves.
    if (spans.length === 1) return fixedPercentiles(flat)
    if (movesFar(spans)) return unorderedPercentiles(flat)
    if (atOnce(flat.length, spans) <= fewAtOnce) return sortedPercentiles(flat)
    return slidingPercentiles(flat, (ranks ??= ranksOf(flat)))
  }
  return (spans) => {
    const values = percentilesOver(spans)
    let told: Percentiles | undefined
    return {
      values,
      apply(event, by) {
        // Faster than Number.isNaN: NaN alone is not itself.
        const value = flat[event]!
        // oxlint-disable-next-line no-self-compare
        if (value !== value) return false
        told = undefined
        if (by > 0) values.add(event)
        else values.remove(event)
        return true
      },
      percentiles() {
        told ??= { n: values.size, p50: values.percentile(0.5), p90: values.percentile(0.9) }
        return told
      },
    }
  }
}

/** A column of all members in the order of their line. */
export function arranged(line: Timeline, columns: readonly Float64Array[]): Float64Array {
  return line.arrange(columns, new Float64Array(line.size))
}

/** The same object as last time where nothing moved. */
export function unlessSame<Told>(tell: () => Told): (moved: boolean) => Told {
  let last: Told | undefined
  return (moved) => {
    if (moved || last === undefined) last = tell()
    return last
  }
}
