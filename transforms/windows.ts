import type { Calendar } from '../core/calendar.ts'
import { fixedPercentiles, slidingPercentiles, type SlidingPercentiles } from '../core/statistics.ts'
import { withoutCopies } from './copies.ts'
import { timeline } from './timeline.ts'
import {
  attributed,
  attributedHere,
  failed,
  rework,
  rollback,
  succeeded,
  type WindowEvents,
} from './window-events.ts'

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

/**
 * The numbers of each span over the pooled events of all members. The spans' starts and ends must ascend: one
 * pass lets every event enter and leave once. A deployment or incident that several members have counts once.
 * Groups of numbers that did not change from one span to the next are the same object.
 */
export function windowNumbers(
  given: readonly WindowEvents[],
  spans: readonly Span[],
  calendar: Calendar,
): WindowNumbers[] {
  if (spans.length === 0) return []
  const members = withoutCopies(given)
  const deployments = deploymentCounts(members, spans, calendar)
  const leadTime = leadTimes(members, spans)
  const recoveryTime = recoveryTimes(members, spans)
  // One environment counts what failed one of its deployments; a pool has those of the others too.
  const incidents = incidentCounts(members, spans, given.length > 1 ? attributed : attributedHere)
  return spans.map((_, span) => ({
    ...deployments(span),
    leadTime: leadTime(span),
    recoveryTime: recoveryTime(span),
    incidents: incidents(span),
  }))
}

type Counts = Pick<
  WindowNumbers,
  'deployments' | 'successful' | 'failed' | 'rework' | 'rollbacks' | 'deploymentDays'
>

function deploymentCounts(members: readonly WindowEvents[], spans: readonly Span[], calendar: Calendar) {
  const columns = members.map(({ deploymentAt }) => deploymentAt)
  const line = timeline(columns, spans)
  const flags = line.flatten(
    members.map(({ deploymentFlags }) => deploymentFlags),
    new Uint8Array(line.size),
  )
  const dayOf = line.flatten(columns, new Float64Array(line.size)).map((at) => calendar.dayOf(at))
  const days = new Map<number, number>()
  const count: Counts = {
    deployments: 0,
    successful: 0,
    failed: 0,
    rework: 0,
    rollbacks: 0,
    deploymentDays: 0,
  }

  function apply(event: number, by: 1 | -1): void {
    const flag = flags[event]!
    count.deployments += by
    if (flag & failed) count.failed += by
    if (flag & rework) count.rework += by
    if (flag & rollback) count.rollbacks += by
    if (!(flag & succeeded)) return
    count.successful += by
    const left = (days.get(dayOf[event]!) ?? 0) + by
    if (left === 0) days.delete(dayOf[event]!)
    else days.set(dayOf[event]!, left)
  }
  return (span: number): Counts => {
    line.move(span, apply)
    count.deploymentDays = days.size
    return count
  }
}

function leadTimes(members: readonly WindowEvents[], spans: readonly Span[]) {
  const { line, values, apply } = sliding(members, spans, 'leadAt', 'leadMs')
  const bots = timeline(
    members.map(({ botAt }) => botAt),
    spans,
  )
  let excludedBots = 0
  const told = unlessSame(() => ({ ...percentiles(values), p95: values.percentile(0.95), excludedBots }))
  return (span: number): WindowNumbers['leadTime'] => {
    const moved = line.move(span, apply)
    const movedBots = bots.move(span, (_, by) => {
      excludedBots += by
    })
    return told(moved || movedBots)
  }
}

function recoveryTimes(members: readonly WindowEvents[], spans: readonly Span[]) {
  const leading = sliding(members, spans, 'failureAt', 'recoveryMs')
  const fromDeployment = sliding(members, spans, 'failureAt', 'fromDeploymentMs')
  const isOpen = leading.line.flatten(
    members.map(({ failureOpen }) => failureOpen),
    new Uint8Array(leading.line.size),
  )
  let open = 0
  let failures = 0
  const told = unlessSame(() => ({
    ...percentiles(leading.values),
    open,
    unknown: failures - leading.values.size - open,
    fromDeployment: percentiles(fromDeployment.values),
  }))
  return (span: number): WindowNumbers['recoveryTime'] => {
    fromDeployment.line.move(span, fromDeployment.apply)
    const moved = leading.line.move(span, (event, by) => {
      failures += by
      if (isOpen[event] === 1) open += by
      leading.apply(event, by)
    })
    return told(moved)
  }
}

function incidentCounts(members: readonly WindowEvents[], spans: readonly Span[], attributions: number) {
  const { line, values, apply } = sliding(members, spans, 'incidentAt', 'incidentMs')
  const flags = line.flatten(
    members.map(({ incidentAttributed }) => incidentAttributed),
    new Uint8Array(line.size),
  )
  let started = 0
  let attributedCount = 0
  const told = unlessSame(() => ({ started, attributed: attributedCount, recoveryTime: percentiles(values) }))
  return (span: number): WindowNumbers['incidents'] => {
    const moved = line.move(span, (event, by) => {
      started += by
      if (flags[event]! & attributions) attributedCount += by
      apply(event, by)
    })
    return told(moved)
  }
}

type TimeColumn = 'leadAt' | 'failureAt' | 'incidentAt'
type ValueColumn = 'leadMs' | 'recoveryMs' | 'fromDeploymentMs' | 'incidentMs'

/** Percentiles over one column of all members; NaN is no sample. */
function sliding(
  members: readonly WindowEvents[],
  spans: readonly Span[],
  at: TimeColumn,
  value: ValueColumn,
) {
  const line = timeline(
    members.map((member) => member[at]),
    spans,
  )
  const flat = line.flatten(
    members.map((member) => member[value]),
    new Float64Array(line.size),
  )
  // In a single window nothing leaves, and a tree of ranks would cost more than it saves.
  const values = spans.length === 1 ? fixedPercentiles(flat) : slidingPercentiles(flat)
  const apply = (event: number, by: 1 | -1) => {
    if (Number.isNaN(flat[event]!)) return
    if (by > 0) values.add(event)
    else values.remove(event)
  }
  return { line, values, apply }
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
