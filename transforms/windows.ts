import type { Calendar } from '../core/calendar.ts'
import { withoutCopies } from './copies.ts'
import { leftOutOfLeadTime, type CountedEvents } from './counted-events.ts'
import { deploymentCounts } from './deployment-counts.ts'
import { batchNumbers, flowNumbers, type BatchNumbers, type FlowNumbers } from './flow-numbers.ts'
import { mergedCounts, type MergedNumbers } from './merged-counts.ts'
import type { MergedEvents } from './merged-events.ts'
import { arranged, samplesOf, unlessSame, type Percentiles } from './samples.ts'
import { timeline, type Timeline } from './timeline.ts'
import { attributed, attributedHere } from './window-events.ts'

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
  // One environment counts what failed one of its deployments; a pool has those of the others too.
  const attributions = given.length > 1 ? attributed : attributedHere
  const incidentsIn = incidentCounts(members, lineOf('incidentAt'), attributions)

  const asked = series.filter(({ withChanges }) => withChanges)
  const changesIn =
    asked.length === 0
      ? undefined
      : changeNumbers(members, { deploymentLine, leadLine }, mergesOf(given, reachOf(asked), isSingle))

  return series.map(({ spans, withChanges }) => {
    const deployments = deploymentsIn(spans)
    const leadTime = leadTimesIn(spans)
    const recoveryTime = recoveryTimesIn(spans)
    const incidents = incidentsIn(spans)
    const changes = withChanges ? changesIn?.(spans) : undefined
    return (span) => ({
      numbers: {
        ...deployments(span),
        leadTime: leadTime(span),
        recoveryTime: recoveryTime(span),
        incidents: incidents(span),
      },
      changes: changes?.(span),
    })
  })
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
    return (span) => ({ ...flow(span), ...batches(span), merged: merged(span) })
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

function leadTimes(members: readonly CountedEvents[], line: Timeline) {
  const samplesIn = samplesOf(
    arranged(
      line,
      members.map(({ leadMs }) => leadMs),
    ),
  )
  const leftOut = line.arrange(
    members.map(({ leadLeftOut }) => leadLeftOut),
    new Uint8Array(line.size),
  )
  return (spans: readonly Span[]): ((span: number) => WindowNumbers['leadTime']) => {
    const samples = samplesIn(spans)
    const move = line.sweep(spans)
    let excludedBots = 0
    const apply = (event: number, by: 1 | -1) => {
      if (leftOut[event]! & leftOutOfLeadTime) excludedBots += by
      samples.apply(event, by)
    }
    const told = unlessSame(() => {
      const { n, p50, p90 } = samples.percentiles()
      return { n, p50, p90, p95: samples.values.percentile(0.95), excludedBots }
    })
    return (span) => told(move(span, apply))
  }
}

function recoveryTimes(members: readonly CountedEvents[], line: Timeline) {
  const column = (name: 'recoveryMs' | 'fromDeploymentMs') =>
    samplesOf(
      arranged(
        line,
        members.map((member) => member[name]),
      ),
    )
  const leadingIn = column('recoveryMs')
  const fromDeploymentIn = column('fromDeploymentMs')
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
      const { n, p50, p90 } = leading.percentiles()
      return { n, p50, p90, open, unknown: failures - n - open, fromDeployment: fromDeployment.percentiles() }
    })
    return (span) => told(move(span, apply))
  }
}

function incidentCounts(members: readonly CountedEvents[], line: Timeline, attributions: number) {
  const samplesIn = samplesOf(
    arranged(
      line,
      members.map(({ incidentMs }) => incidentMs),
    ),
  )
  const flags = line.arrange(
    members.map(({ incidentAttributed }) => incidentAttributed),
    new Uint8Array(line.size),
  )
  return (spans: readonly Span[]): ((span: number) => WindowNumbers['incidents']) => {
    const samples = samplesIn(spans)
    const move = line.sweep(spans)
    let started = 0
    let attributedCount = 0
    const apply = (event: number, by: 1 | -1) => {
      started += by
      if (flags[event]! & attributions) attributedCount += by
      samples.apply(event, by)
    }
    const told = unlessSame(() => ({
      started,
      attributed: attributedCount,
      recoveryTime: samples.percentiles(),
    }))
    return (span) => told(move(span, apply))
  }
}

type TimeColumn = 'deploymentAt' | 'leadAt' | 'failureAt' | 'incidentAt'
