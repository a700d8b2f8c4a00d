import { wilson } from '../core/statistics.ts'
import type { Held } from './coverage.ts'
import type { Span, WindowNumbers } from './windows.ts'

/** A window as it is reported: frequencies per day, durations in seconds, null where there is no value. */
export interface WindowValue {
  from: number
  to: number
  coverageDays: number
  deployments: number
  successful: number
  failed: number | null
  rework: number | null
  rollbacks: number
  deploymentDays: number
  deploymentFrequency: number
  leadTime: Duration & { p95: number | null; excludedBots: number }
  changeFailRate: Rate
  recoveryTime: Duration & { open: number; unknown: number; fromDeployment: Duration }
  reworkRate: Rate
  incidents: { started: number; attributed: number; recoveryTime: Duration }
  held: Held[]
}

/** Seconds. */
export interface Duration {
  n: number
  p50: number | null
  p90: number | null
}

/** A share of the finished deployments, with its 95 % Wilson interval. */
export interface Rate {
  value: number | null
  low: number | null
  high: number | null
}

const noDuration: Duration = { n: 0, p50: null, p90: null }
const noRate: Rate = { value: null, low: null, high: null }

/**
 * Makes the values of consecutive windows from what was counted in them. What is held has no value, and no zero
 * either. Groups that are the same object as in the window before stay so.
 */
export function windowValuer(): (
  numbers: WindowNumbers,
  span: Span,
  days: number,
  held: Held[],
) => WindowValue {
  const leadTimeOf = remembered((leadTime: WindowNumbers['leadTime']) => ({
    ...inSeconds(leadTime),
    p95: seconds(leadTime.p95),
    excludedBots: leadTime.excludedBots,
  }))
  const recoveryTimeOf = remembered((recoveryTime: WindowNumbers['recoveryTime']) => ({
    ...inSeconds(recoveryTime),
    open: recoveryTime.open,
    unknown: recoveryTime.unknown,
    fromDeployment: inSeconds(recoveryTime.fromDeployment),
  }))
  const incidentsOf = remembered((incidents: WindowNumbers['incidents']) => ({
    ...incidents,
    recoveryTime: inSeconds(incidents.recoveryTime),
  }))

  return (numbers, span, days, held) => {
    const { deployments, successful, rework } = numbers
    const hasChanges = !held.includes('leadTime')
    const hasIncidents = !held.includes('incidents')
    return {
      from: span.from,
      to: span.to,
      coverageDays: days,
      deployments,
      successful,
      failed: hasIncidents ? numbers.failed : null,
      rework: hasChanges ? rework : null,
      rollbacks: numbers.rollbacks,
      deploymentDays: numbers.deploymentDays,
      deploymentFrequency: successful / days,
      leadTime: hasChanges ? leadTimeOf(numbers.leadTime) : noLeadTime,
      changeFailRate: hasIncidents ? rateOf(numbers.failed, deployments) : noRate,
      recoveryTime: hasIncidents ? recoveryTimeOf(numbers.recoveryTime) : noRecovery,
      reworkRate: hasChanges ? rateOf(rework, deployments) : noRate,
      incidents: hasIncidents ? incidentsOf(numbers.incidents) : noIncidents,
      held,
    }
  }
}

const noLeadTime = { ...noDuration, p95: null, excludedBots: 0 }
const noRecovery = { ...noDuration, open: 0, unknown: 0, fromDeployment: noDuration }
const noIncidents = { started: 0, attributed: 0, recoveryTime: noDuration }

/** The same result for the same object as last time. */
export function remembered<From extends object, To>(make: (from: From) => To): (from: From) => To {
  let last: { from: From; to: To } | undefined
  return (from) => {
    if (last?.from !== from) last = { from, to: make(from) }
    return last.to
  }
}

function rateOf(count: number, of: number): Rate {
  return { value: of === 0 ? null : count / of, ...(wilson(count, of) ?? { low: null, high: null }) }
}

function inSeconds({ n, p50, p90 }: Duration): Duration {
  return { n, p50: seconds(p50), p90: seconds(p90) }
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000
}
