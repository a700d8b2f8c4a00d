import type { Calendar } from '../core/calendar.ts'
import {
  fixedPercentiles,
  ranksOf,
  slidingPercentiles,
  wilson,
  type Ranks,
  type SlidingPercentiles,
} from '../core/statistics.ts'
import { again, failed, type CiEvents } from './ci.ts'
import { coverageDays } from './coverage.ts'
import { timeline, type Timeline } from './timeline.ts'
import type { Duration, Rate } from './measures.ts'
import type { Span } from './windows.ts'

/** What one window tells of CI. Durations in seconds; null where there is no value. */
export interface CiValue {
  from: number
  to: number
  coverageDays: number
  /** Attempts that succeeded or failed. */
  runs: number
  failed: number
  reruns: number
  duration: Duration
  failureRate: Rate
  rerunRate: Rate
  timeToGreen: Duration & { red: number }
}

/** The part of time in which runs were observed. Epoch ms. */
export interface CiCoverage {
  /** The configured `since`, else the first finished run; null where there is neither. */
  from: number | null
  until: number
}

/** Windows of so many calendar days that end at `ends` (ascending). */
export interface AskedCi {
  days: number
  ends: readonly number[]
}

/** The value of one window after the other: asked in order, none left out. Null where it is not covered. */
export type CiValueOf = (index: number) => CiValue | null

/**
 * The values of the windows asked for, over the pooled events of workflows: of one, of all of a service, or of all
 * repositories of a team. Events are clipped to the coverage by whoever calls.
 */
export function ciSeries(
  events: readonly CiEvents[],
  coverage: CiCoverage,
  asked: readonly AskedCi[],
  calendar: Calendar,
): CiValueOf[] {
  const series = asked.map(({ days, ends }) =>
    ends.map((to): Span => ({ from: calendar.daysBefore(to, days), to })),
  )
  const lineOf = (column: 'at' | 'commitAt') =>
    timeline(
      events.map((each) => each[column]),
      reachOf(series),
      series.length === 1 && series[0]!.length === 1,
    )
  const runsIn = runCounts(events, lineOf('at'))
  const commitsIn = commitCounts(events, lineOf('commitAt'))
  const observed = { ...coverage, changesUntil: coverage.until, incidentsUntil: coverage.until }

  return asked.map(({ days }, which) => {
    const spans = series[which]!
    const runs = runsIn(spans)
    const commits = commitsIn(spans)
    return (index) => {
      const { from, to } = spans[index]!
      const counted = runs(index)
      const timeToGreen = commits(index)
      const covered = coverageDays(observed, spans[index]!, days)
      return covered === null ? null : { from, to, coverageDays: covered, ...counted, timeToGreen }
    }
  })
}

function reachOf(series: readonly (readonly Span[])[]): Span {
  const reach: Span = { from: Infinity, to: -Infinity }
  for (const spans of series) {
    if (spans.length === 0) continue
    reach.from = Math.min(reach.from, spans[0]!.from)
    reach.to = Math.max(reach.to, spans.at(-1)!.to)
  }
  return reach
}

function runCounts(events: readonly CiEvents[], line: Timeline) {
  const samplesIn = samples(
    line,
    events.map(({ durationMs }) => durationMs),
  )
  const flags = line.arrange(
    events.map((each) => each.flags),
    new Uint8Array(line.size),
  )
  return (spans: readonly Span[]) => {
    const move = line.sweep(spans)
    const { values, apply } = samplesIn(spans)
    let runs = 0
    let failures = 0
    let reruns = 0
    const count = (event: number, by: 1 | -1) => {
      runs += by
      if (flags[event]! & failed) failures += by
      if (flags[event]! & again) reruns += by
      apply(event, by)
    }
    return (span: number): Omit<CiValue, 'from' | 'to' | 'coverageDays' | 'timeToGreen'> => {
      move(span, count)
      return {
        runs,
        failed: failures,
        reruns,
        duration: durationOf(values),
        failureRate: rateOf(failures, runs),
        rerunRate: rateOf(reruns, runs),
      }
    }
  }
}

function commitCounts(events: readonly CiEvents[], line: Timeline) {
  const samplesIn = samples(
    line,
    events.map(({ greenMs }) => greenMs),
  )
  const isRed = line.arrange(
    events.map((each) => each.red),
    new Uint8Array(line.size),
  )
  return (spans: readonly Span[]) => {
    const move = line.sweep(spans)
    const { values, apply } = samplesIn(spans)
    let red = 0
    const count = (event: number, by: 1 | -1) => {
      if (isRed[event] === 1) red += by
      apply(event, by)
    }
    return (span: number): CiValue['timeToGreen'] => {
      move(span, count)
      return { ...durationOf(values), red }
    }
  }
}

/** Percentiles over one column of all parts, for each series of spans; NaN is no sample. */
function samples(line: Timeline, columns: readonly Float64Array[]) {
  const flat = line.arrange(columns, new Float64Array(line.size))
  let ranks: Ranks | undefined
  return (spans: readonly Span[]) => {
    // In a single window nothing leaves, and a tree of ranks would cost more than it saves.
    const values =
      spans.length === 1 ? fixedPercentiles(flat) : slidingPercentiles(flat, (ranks ??= ranksOf(flat)))
    const apply = (event: number, by: 1 | -1) => {
      if (Number.isNaN(flat[event]!)) return
      if (by > 0) values.add(event)
      else values.remove(event)
    }
    return { values, apply }
  }
}

function durationOf(of: SlidingPercentiles): Duration {
  return { n: of.size, p50: seconds(of.percentile(0.5)), p90: seconds(of.percentile(0.9)) }
}

function rateOf(count: number, of: number): Rate {
  return { value: of === 0 ? null : count / of, ...(wilson(count, of) ?? { low: null, high: null }) }
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000
}
