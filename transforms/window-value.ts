import {
  changeValuer,
  heldChangeValue,
  type BotLabel,
  type BotLabels,
  type ChangeValue,
} from './change-value.ts'
import type { Held } from './coverage.ts'
import {
  inSeconds,
  noDuration,
  noRate,
  rateMaker,
  remembered,
  seconds,
  type Duration,
  type Rate,
} from './measures.ts'
import type { ChangeNumbers, Span, WindowNumbers } from './windows.ts'

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
  leadTime: Duration & { p95: number | null; bots: BotLabel; excludedBots: number }
  changeFailRate: Rate
  recoveryTime: Duration & { open: number; unknown: number; fromDeployment: Duration }
  reworkRate: Rate
  incidents: { started: number; attributed: number; recoveryTime: Duration }
  held: Held[]
  /** Where it was asked for. */
  changes: ChangeValue | undefined
}

/**
 * Makes the values of consecutive windows from what was counted in them. What is held has no value, and no zero
 * either. Groups that are the same object as in the window before stay so.
 */
export function windowValuer(
  bots: BotLabels,
): (
  counted: { numbers: WindowNumbers; changes: ChangeNumbers | undefined },
  span: Span,
  days: number,
  held: Held[],
) => WindowValue {
  const leadTimeOf = remembered((leadTime: WindowNumbers['leadTime']) => ({
    ...inSeconds(leadTime),
    p95: seconds(leadTime.p95),
    bots: bots.leadTime,
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

  const noLeadTime = { ...noDuration, p95: null, bots: bots.leadTime, excludedBots: 0 }
  const changeValueOf = changeValuer(bots)
  const heldChanges = heldChangeValue(bots)

  const rateOf = rateMaker()
  return ({ numbers, changes }, span, days, held) => {
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
      changes: changes && (hasChanges ? changeValueOf(changes, days) : heldChanges),
    }
  }
}

const noRecovery = { ...noDuration, open: 0, unknown: 0, fromDeployment: noDuration }
const noIncidents = { started: 0, attributed: 0, recoveryTime: noDuration }
