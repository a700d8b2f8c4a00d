import type { Calendar } from '../core/calendar.ts'
import { withoutCopies } from './copies.ts'
import type { CountedEvents } from './counted-events.ts'
import { deploymentCounts } from './deployment-counts.ts'
import { batchNumbers, flowNumbers, type BatchNumbers, type FlowNumbers } from './flow-numbers.ts'
import { mergedCounts, type MergedNumbers } from './merged-counts.ts'
import type { MergedEvents } from './merged-events.ts'
import { numbersOfOne } from './one-window.ts'
import type { Percentiles } from './samples.ts'
import { timeline, type Timeline } from './timeline.ts'
import { attributed, attributedHere } from './window-events.ts'
import { incidentCounts, leadTimes, recoveryTimes } from './window-samples.ts'

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

/** What goes on before a deployment, and what it carries. */
export interface ChangeNumbers extends FlowNumbers, BatchNumbers {
  merged: MergedNumbers
}

/** What windows are made of: one service in one environment, or several in a pool. */
export interface Counted {
  events: CountedEvents
  merged: MergedEvents
}

/** Spans whose starts and ends ascend, and whether the numbers of changes are wanted beside the others. */
export interface Series {
  spans: readonly Span[]
  withChanges: boolean
  /** Nothing but changes is wanted: everything else is left at zero. */
  onlyChanges?: boolean
}

/** The numbers of one span after the other: asked in order, none left out. */
export type NumbersOf = (span: number) => { numbers: WindowNumbers; changes: ChangeNumbers | undefined }

/**
 * The pooled events of all members, ready for several series of spans: returns the numbers of each series. One pass
 * lets every event enter and leave once. A deployment, incident or merged change that several members have counts
 * once. Groups of numbers that did not change from one span to the next are the same object.
 */
export function windowNumbers(
  given: readonly Counted[],
  series: readonly Series[],
  calendar: Calendar,
): NumbersOf[] {
  const members = withoutCopies(given.map(({ events }) => events))
  const reach = reachOf(series)
  const isSingle = series.length === 1 && series[0]!.spans.length === 1
  // One environment counts what failed one of its deployments; a pool has those of the others too.
  const attributions = given.length > 1 ? attributed : attributedHere
  if (isSingle && !series[0]!.withChanges) {
    const [{ spans }] = series as [Series]
    return [
      () => ({ numbers: numbersOfOne(members, spans[0]!, { calendar, attributions }), changes: undefined }),
    ]
  }
  const lineOf = (at: TimeColumn) =>
    timeline(
      members.map((member) => member[at]),
      reach,
      isSingle,
    )
  const deploymentLine = lineOf('deploymentAt')
  const leadLine = lineOf('leadAt')
  const deploymentsIn = deploymentCounts(members, deploymentLine, calendar)
  const leadTimesIn = leadTimes(members, leadLine)
  const recoveryTimesIn = recoveryTimes(members, lineOf('failureAt'))
  const incidentsIn = incidentCounts(members, lineOf('incidentAt'), attributions)

  const asked = series.filter(({ withChanges }) => withChanges)
  const changesIn =
    asked.length === 0
      ? undefined
      : changeNumbers(members, { deploymentLine, leadLine }, mergesOf(given, reachOf(asked), isSingle))

  return series.map(({ spans, withChanges, onlyChanges }) => {
    const changes = withChanges ? changesIn?.(spans) : undefined
    if (onlyChanges) return (span) => ({ numbers: nothing, changes: changes?.(span) })
    const deployments = deploymentsIn(spans)
    const leadTime = leadTimesIn(spans)
    const recoveryTime = recoveryTimesIn(spans)
    const incidents = incidentsIn(spans)
    return (span) => {
      const count = deployments(span)
      const numbers = {
        deployments: count.deployments,
        successful: count.successful,
        failed: count.failed,
        rework: count.rework,
        rollbacks: count.rollbacks,
        deploymentDays: count.deploymentDays,
        leadTime: leadTime(span),
        recoveryTime: recoveryTime(span),
        incidents: incidents(span),
      }
      return { numbers, changes: changes?.(span) }
    }
  })
}

const noSamples: Percentiles = { n: 0, p50: null, p90: null }
const nothing: WindowNumbers = {
  deployments: 0,
  successful: 0,
  failed: 0,
  rework: 0,
  rollbacks: 0,
  deploymentDays: 0,
  leadTime: { ...noSamples, p95: null, excludedBots: 0 },
  recoveryTime: { ...noSamples, open: 0, unknown: 0, fromDeployment: noSamples },
  incidents: { started: 0, attributed: 0, recoveryTime: noSamples },
}

function mergesOf(given: readonly Counted[], reach: Span, isSingle: boolean) {
  return mergedCounts(
    given.map(({ merged }) => merged),
    reach,
    isSingle,
  )
}

function changeNumbers(
  members: readonly CountedEvents[],
  { deploymentLine, leadLine }: { deploymentLine: Timeline; leadLine: Timeline },
  mergedIn: ReturnType<typeof mergedCounts>,
) {
  const flowIn = flowNumbers(members, leadLine)
  const batchesIn = batchNumbers(members, deploymentLine)
  return (spans: readonly Span[]): ((span: number) => ChangeNumbers) => {
    const flow = flowIn(spans)
    const batches = batchesIn(spans)
    const merged = mergedIn(spans)
    return (span) => {
      const { flow: phases, reviewTime } = flow(span)
      const { deploymentSize, batchAge } = batches(span)
      return { flow: phases, reviewTime, deploymentSize, batchAge, merged: merged(span) }
    }
  }
}

function reachOf(series: readonly Series[]): Span {
  const reach: Span = { from: Infinity, to: -Infinity }
  for (const { spans } of series) {
    if (spans.length === 0) continue
    reach.from = Math.min(reach.from, spans[0]!.from)
    reach.to = Math.max(reach.to, spans.at(-1)!.to)
  }
  return reach
}

type TimeColumn = 'deploymentAt' | 'leadAt' | 'failureAt' | 'incidentAt'
