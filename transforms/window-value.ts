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

/** The value of a window from what was counted in it. What is held has no value, and no zero either. */
export function windowValue(numbers: WindowNumbers, span: Span, days: number, held: Held[]): WindowValue {
  const { deployments, successful, rework, leadTime, recoveryTime, incidents } = numbers
  const hasChanges = !held.includes('leadTime')
  const hasIncidents = !held.includes('incidents')
  return {
    ...span,
    coverageDays: days,
    deployments,
    successful,
    failed: hasIncidents ? numbers.failed : null,
    rework: hasChanges ? rework : null,
    rollbacks: numbers.rollbacks,
    deploymentDays: numbers.deploymentDays,
    deploymentFrequency: successful / days,
    leadTime: hasChanges
      ? { ...inSeconds(leadTime), p95: seconds(leadTime.p95), excludedBots: leadTime.excludedBots }
      : { ...noDuration, p95: null, excludedBots: 0 },
    changeFailRate: hasIncidents ? rateOf(numbers.failed, deployments) : noRate,
    recoveryTime: hasIncidents
      ? {
          ...inSeconds(recoveryTime),
          open: recoveryTime.open,
          unknown: recoveryTime.unknown,
          fromDeployment: inSeconds(recoveryTime.fromDeployment),
        }
      : { ...noDuration, open: 0, unknown: 0, fromDeployment: noDuration },
    reworkRate: hasChanges ? rateOf(rework, deployments) : noRate,
    incidents: hasIncidents
      ? { ...incidents, recoveryTime: inSeconds(incidents.recoveryTime) }
      : { started: 0, attributed: 0, recoveryTime: noDuration },
    held,
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
