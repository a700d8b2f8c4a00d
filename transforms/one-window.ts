import type { Calendar } from '../core/calendar.ts'
import { lowerBound, percentileAmong } from '../core/statistics.ts'
import { leftOutOfLeadTime, rangeOf, type CountedEvents } from './counted-events.ts'
import type { Percentiles } from './samples.ts'
import { failed, rework, rollback, succeeded } from './window-events.ts'
import type { Span, WindowNumbers } from './windows.ts'

/**
 * The numbers of a single window over the pooled events of all members: what a series of one span tells, in one walk
 * over the columns. Nothing enters or leaves, so that no order is made; the running hour asks for this of every pool.
 */
export function numbersOfOne(
  members: readonly CountedEvents[],
  span: Span,
  { calendar, attributions }: { calendar: Calendar; attributions: number },
): WindowNumbers {
  return {
    ...deploymentsIn(members, span, calendar),
    leadTime: leadTimesIn(members, span),
    recoveryTime: recoveryTimesIn(members, span),
    incidents: incidentsIn(members, span, attributions),
  }
}

function deploymentsIn(members: readonly CountedEvents[], { from, to }: Span, calendar: Calendar) {
  const counts = { deployments: 0, successful: 0, failed: 0, rework: 0, rollbacks: 0, deploymentDays: 0 }
  const midnights = calendar.midnights(from, to)
  const isOnDay = new Uint8Array(midnights.length + 1)
  for (const { deploymentAt, deploymentFlags } of members) {
    const [first, end] = rangeOf(deploymentAt, from, to)
    if (first === end) continue
    let day = lowerBound(midnights, deploymentAt[first]! + 1)
    for (let row = first; row < end; row += 1) {
      const flag = deploymentFlags[row]!
      if (flag & failed) counts.failed += 1
      if (flag & rework) counts.rework += 1
      if (flag & rollback) counts.rollbacks += 1
      if (!(flag & succeeded)) continue
      counts.successful += 1
      while (day < midnights.length && midnights[day]! <= deploymentAt[row]!) day += 1
      isOnDay[day] = 1
    }
    counts.deployments += end - first
  }
  for (const day of isOnDay) counts.deploymentDays += day
  return counts
}

function leadTimesIn(members: readonly CountedEvents[], { from, to }: Span): WindowNumbers['leadTime'] {
  const ranges = members.map(({ leadAt }) => rangeOf(leadAt, from, to))
  const samples = samplesIn(
    members.map(({ leadMs }) => leadMs),
    ranges,
  )
  let excludedBots = 0
  for (const [index, { leadLeftOut }] of members.entries()) {
    const [first, end] = ranges[index]!
    for (let row = first; row < end; row += 1) if (leadLeftOut[row]! & leftOutOfLeadTime) excludedBots += 1
  }
  return { ...percentilesOf(samples), p95: percentileAmong(samples, samples.length, 0.95), excludedBots }
}

function recoveryTimesIn(
  members: readonly CountedEvents[],
  { from, to }: Span,
): WindowNumbers['recoveryTime'] {
  const ranges = members.map(({ failureAt }) => rangeOf(failureAt, from, to))
  const column = (name: 'recoveryMs' | 'fromDeploymentMs') =>
    percentilesOf(
      samplesIn(
        members.map((member) => member[name]),
        ranges,
      ),
    )
  let failures = 0
  let open = 0
  for (const [index, { failureOpen }] of members.entries()) {
    const [first, end] = ranges[index]!
    failures += end - first
    for (let row = first; row < end; row += 1) open += failureOpen[row]!
  }
  const leading = column('recoveryMs')
  return {
    ...leading,
    open,
    unknown: failures - leading.n - open,
    fromDeployment: column('fromDeploymentMs'),
  }
}

function incidentsIn(
  members: readonly CountedEvents[],
  { from, to }: Span,
  attributions: number,
): WindowNumbers['incidents'] {
  const ranges = members.map(({ incidentAt }) => rangeOf(incidentAt, from, to))
  let started = 0
  let attributed = 0
  for (const [index, { incidentAttributed }] of members.entries()) {
    const [first, end] = ranges[index]!
    started += end - first
    for (let row = first; row < end; row += 1) if (incidentAttributed[row]! & attributions) attributed += 1
  }
  const samples = samplesIn(
    members.map(({ incidentMs }) => incidentMs),
    ranges,
  )
  return { started, attributed, recoveryTime: percentilesOf(samples) }
}

/** The samples of the columns in their ranges; NaN is none. */
function samplesIn(
  columns: readonly Float64Array[],
  ranges: readonly (readonly [first: number, end: number])[],
): Float64Array {
  let most = 0
  for (const [first, end] of ranges) most += end - first
  const samples = new Float64Array(most)
  let size = 0
  for (const [index, column] of columns.entries()) {
    const [first, end] = ranges[index]!
    for (let row = first; row < end; row += 1) {
      const value = column[row]!
      // Faster than Number.isNaN: NaN alone is not itself.
      // oxlint-disable-next-line no-self-compare
      if (value === value) samples[size++] = value
    }
  }
  return samples.subarray(0, size)
}

/** Of samples that may be rearranged. */
function percentilesOf(samples: Float64Array): Percentiles {
  const percentile = (p: number) => percentileAmong(samples, samples.length, p)
  return { n: samples.length, p50: percentile(0.5), p90: percentile(0.9) }
}
