import type { Calendar } from '../core/calendar.ts'
import {
  fixedPercentiles,
  ranksOf,
  slidingPercentiles,
  type Ranks,
  type SlidingPercentiles,
} from '../core/statistics.ts'
import { withoutCopies } from './copies.ts'
import { deploymentCounts } from './deployment-counts.ts'
import { timeline, type Timeline } from './timeline.ts'
import { attributed, attributedHere, type WindowEvents } from './window-events.ts'

/** Half-open, epoch ms. */
export interface Span {
  from: number
  to: number
}

/** What was counted in one window. Durations in ms, null where there is no sample. */
export interface WindowNumbers {
  deployments: number
  successful: number
  failed: number
  rework: number
  rollbacks: number
  deploymentDays: number
  leadTime: { n: number; p50: number | null; p90: number | null; p95: number | null; excludedBots: number }
  recoveryTime: Percentiles & { open: number; unknown: number; fromDeployment: Percentiles }
  incidents: { started: number; attributed: number; recoveryTime: Percentiles }
}

export interface Percentiles {
  n: number
  p50: number | null
  p90: number | null
}

/** The numbers of one span after the other: asked in order, none left out. */
export type NumbersOf = (span: number) => WindowNumbers

/**
 * The pooled events of all members, ready for `series` of spans: returns the numbers of each series. The starts and
 * ends of a series must ascend: one pass lets every event enter and leave once. A deployment or incident that several
 * members have counts once. Groups of numbers that did not change from one span to the next are the same object.
 */
export function windowNumbers(
  given: readonly WindowEvents[],
  series: readonly (readonly Span[])[],
  calendar: Calendar,
): NumbersOf[] {
  const members = withoutCopies(given)
  const lineOf = (at: TimeColumn) =>
    timeline(
      members.map((member) => member[at]),
      reachOf(series),
      series.length === 1 && series[0]!.length === 1,
    )
  const deploymentsIn = deploymentCounts(members, lineOf('deploymentAt'), calendar)
  const leadTimesIn = leadTimes(members, lineOf('leadAt'), lineOf('botAt'))
  const recoveryTimesIn = recoveryTimes(members, lineOf('failureAt'))
  // One environment counts what failed one of its deployments; a pool has those of the others too.
  const attributions = given.length > 1 ? attributed : attributedHere
  const incidentsIn = incidentCounts(members, lineOf('incidentAt'), attributions)

  return series.map((spans) => {
    const deployments = deploymentsIn(spans)
    const leadTime = leadTimesIn(spans)
    const recoveryTime = recoveryTimesIn(spans)
    const incidents = incidentsIn(spans)
    return (span) => ({
      ...deployments(span),
      leadTime: leadTime(span),
      recoveryTime: recoveryTime(span),
      incidents: incidents(span),
    })
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

function leadTimes(members: readonly WindowEvents[], line: Timeline, bots: Timeline) {
  const samplesIn = samples(members, line, 'leadMs')
  return (spans: readonly Span[]): ((span: number) => WindowNumbers['leadTime']) => {
    const { values, apply } = samplesIn(spans)
    const move = line.sweep(spans)
    const moveBots = bots.sweep(spans)
    let excludedBots = 0
    const applyBot = (_: number, by: 1 | -1) => {
      excludedBots += by
    }
    const told = unlessSame(() => {
      const { n, p50, p90 } = percentiles(values)
      return { n, p50, p90, p95: values.percentile(0.95), excludedBots }
    })
    return (span) => {
      const moved = move(span, apply)
      const movedBots = moveBots(span, applyBot)
      return told(moved || movedBots)
    }
  }
}

function recoveryTimes(members: readonly WindowEvents[], line: Timeline) {
  const leadingIn = samples(members, line, 'recoveryMs')
  const fromDeploymentIn = samples(members, line, 'fromDeploymentMs')
  const isOpen = line.arrange(
    members.map(({ failureOpen }) => failureOpen),
    new Uint8Array(line.size),
  )
  return (spans: readonly Span[]): ((span: number) => WindowNumbers['recoveryTime']) => {
    const leading = leadingIn(spans)
    const fromDeployment = fromDeploymentIn(spans)
    const move = line.sweep(spans)
    let open = 0
    let failures = 0
    const apply = (event: number, by: 1 | -1) => {
      failures += by
      if (isOpen[event] === 1) open += by
      leading.apply(event, by)
      fromDeployment.apply(event, by)
    }
    const told = unlessSame(() => {
      const { n, p50, p90 } = percentiles(leading.values)
      return {
        n,
        p50,
        p90,
        open,
        unknown: failures - n - open,
        fromDeployment: percentiles(fromDeployment.values),
      }
    })
    return (span) => told(move(span, apply))
  }
}

function incidentCounts(members: readonly WindowEvents[], line: Timeline, attributions: number) {
  const samplesIn = samples(members, line, 'incidentMs')
  const flags = line.arrange(
    members.map(({ incidentAttributed }) => incidentAttributed),
    new Uint8Array(line.size),
  )
  return (spans: readonly Span[]): ((span: number) => WindowNumbers['incidents']) => {
    const { values, apply: applySample } = samplesIn(spans)
    const move = line.sweep(spans)
    let started = 0
    let attributedCount = 0
    const apply = (event: number, by: 1 | -1) => {
      started += by
      if (flags[event]! & attributions) attributedCount += by
      applySample(event, by)
    }
    const told = unlessSame(() => ({
      started,
      attributed: attributedCount,
      recoveryTime: percentiles(values),
    }))
    return (span) => told(move(span, apply))
  }
}

type TimeColumn = 'deploymentAt' | 'leadAt' | 'botAt' | 'failureAt' | 'incidentAt'
type ValueColumn = 'leadMs' | 'recoveryMs' | 'fromDeploymentMs' | 'incidentMs'

/** Percentiles over one column of all members, for each series of spans; NaN is no sample. */
function samples(members: readonly WindowEvents[], line: Timeline, column: ValueColumn) {
  const flat = line.arrange(
    members.map((member) => member[column]),
    new Float64Array(line.size),
  )
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

/** The same object as last time where nothing moved. */
function unlessSame<Told>(tell: () => Told): (moved: boolean) => Told {
  let last: Told | undefined
  return (moved) => {
    if (moved || last === undefined) last = tell()
    return last
  }
}

function percentiles(of: SlidingPercentiles): Percentiles {
  return { n: of.size, p50: of.percentile(0.5), p90: of.percentile(0.9) }
}
