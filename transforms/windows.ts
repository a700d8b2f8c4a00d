import type { Calendar } from '../core/calendar.ts'
import {
  fixedPercentiles,
  lowerBound,
  slidingPercentiles,
  type SlidingPercentiles,
} from '../core/statistics.ts'
import { withoutCopies } from './copies.ts'
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
 */
export function windowNumbers(
  given: readonly WindowEvents[],
  spans: readonly Span[],
  calendar: Calendar,
): WindowNumbers[] {
  if (spans.length === 0) return []
  const all: Span = { from: spans[0]!.from, to: spans.at(-1)!.to }
  const count = { deployments: 0, successful: 0, failed: 0, rework: 0, rollbacks: 0 }
  const other = { bots: 0, open: 0, started: 0, attributed: 0 }
  const days = new Map<number, number>()
  const moves: ((span: Span) => void)[] = []

  const members = withoutCopies(given)
  // One environment counts what failed one of its deployments; a pool has those of the others too.
  const attributions = given.length > 1 ? attributed : attributedHere
  for (const { deploymentAt, deploymentFlags, botAt } of members) {
    follow(deploymentAt, (position, by) => {
      const flags = deploymentFlags[position]!
      count.deployments += by
      if (flags & succeeded) {
        count.successful += by
        const day = calendar.dayOf(deploymentAt[position]!)
        const left = (days.get(day) ?? 0) + by
        if (left === 0) days.delete(day)
        else days.set(day, left)
      }
      if (flags & failed) count.failed += by
      if (flags & rework) count.rework += by
      if (flags & rollback) count.rollbacks += by
    })
    follow(botAt, (_, by) => {
      other.bots += by
    })
  }
  for (const { failureAt, failureOpen } of members) {
    follow(failureAt, (position, by) => {
      if (failureOpen[position] === 1) other.open += by
    })
  }
  for (const { incidentAt, incidentAttributed } of members) {
    follow(incidentAt, (position, by) => {
      other.started += by
      if (incidentAttributed[position]! & attributions) other.attributed += by
    })
  }
  const leadTime = pool(members.map(({ leadAt, leadMs }) => [leadAt, leadMs]))
  const recovery = pool(members.map(({ failureAt, recoveryMs }) => [failureAt, recoveryMs]))
  const fromDeployment = pool(members.map(({ failureAt, fromDeploymentMs }) => [failureAt, fromDeploymentMs]))
  const incidentRecovery = pool(members.map(({ incidentAt, incidentMs }) => [incidentAt, incidentMs]))

  return spans.map((span) => {
    for (const move of moves) move(span)
    return {
      ...count,
      deploymentDays: days.size,
      leadTime: { ...percentiles(leadTime), p95: leadTime.percentile(0.95), excludedBots: other.bots },
      recoveryTime: {
        ...percentiles(recovery),
        open: other.open,
        unknown: count.failed - recovery.size - other.open,
        fromDeployment: percentiles(fromDeployment),
      },
      incidents: {
        started: other.started,
        attributed: other.attributed,
        recoveryTime: percentiles(incidentRecovery),
      },
    }
  })

  /** Lets the events of one column come and go with the spans. */
  function follow(at: Float64Array, apply: (position: number, by: 1 | -1) => void): void {
    let head = lowerBound(at, all.from)
    let tail = head
    if (head === at.length || at[head]! >= all.to) return
    moves.push(({ from, to }) => {
      while (head < at.length && at[head]! < to) apply(head++, 1)
      while (tail < head && at[tail]! < from) apply(tail++, -1)
    })
  }

  /** Percentiles over one column of all members; NaN is no sample. */
  function pool(columns: readonly (readonly [at: Float64Array, value: Float64Array])[]): SlidingPercentiles {
    const firsts = columns.map(([at]) => lowerBound(at, all.from))
    const parts = columns.map(([at, value], index) => value.subarray(firsts[index], lowerBound(at, all.to)))
    const values = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
    let offset = 0
    const shifts = parts.map((part, index) => {
      values.set(part, offset)
      offset += part.length
      return offset - part.length - firsts[index]!
    })
    // In a single window nothing leaves, and a tree of ranks would cost more than it saves.
    const sliding = spans.length === 1 ? fixedPercentiles(values) : slidingPercentiles(values)
    for (const [index, [at, value]] of columns.entries()) {
      const shift = shifts[index]!
      follow(at, (position, by) => {
        if (Number.isNaN(value[position]!)) return
        if (by > 0) sliding.add(shift + position)
        else sliding.remove(shift + position)
      })
    }
    return sliding
  }
}

function percentiles(of: SlidingPercentiles): Percentiles {
  return { n: of.size, p50: of.percentile(0.5), p90: of.percentile(0.9) }
}
