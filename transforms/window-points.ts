import type { Edition } from '../core/bands.ts'
import { calendarOf, hourMs } from '../core/calendar.ts'
import { encodeFields, encodeSeries } from '../core/line-protocol.ts'
import type { FieldValue } from '../core/point.ts'
import { windowValues, type Member } from './members.ts'
import { windowBands } from './report.ts'
import type { WindowValue } from './window-value.ts'

/** A point as the outbox keeps it: series and fields in line protocol. Epoch ms and nanoseconds below it. */
export interface EncodedPoint {
  series: string
  at: number
  nanos: number
  fields: string
}

/** Whose windows: a service's, or those of a pool. `*` in a tag stands for all. */
export interface WindowOwner {
  service: string
  team: string
  environment: string
  timezone: string
  members: readonly Member[]
}

/** The tag value of a service without a team; every series of a measurement has the same tags. */
export const noTeam = 'none'
export const all = '*'

/** The last full hour: the running day's windows end there, so that they do not depend on the minute. */
export function hourOf(at: number): number {
  return Math.floor(at / hourMs) * hourMs
}

/** The ends of an owner's daily windows in (after, until]: local midnights and, for the running day, the hour. */
export function windowEnds(timezone: string, after: number, until: number): number[] {
  const hour = hourOf(until)
  const ends = calendarOf(timezone)
    .midnights(after + 1, until)
    .filter((at) => at > after)
  if (hour > after && hour > (ends.at(-1) ?? -Infinity)) ends.push(hour)
  return ends
}

/** The `dora_window` points of one owner at the given ends, for windows of `days` calendar days. */
export function windowPoints(
  owner: WindowOwner,
  ends: readonly number[],
  days: number,
  edition: Edition,
): EncodedPoint[] {
  const { service, team, environment, members } = owner
  const series = encodeSeries('dora_window', { environment, service, team, window: `${days}d` })
  const values = windowValues(members, ends, days, calendarOf(owner.timezone))
  const points: EncodedPoint[] = []
  for (const [index, value] of values.entries()) {
    if (value === null) continue
    const fields = encodeFields(fieldsOf(value, edition, service !== all))
    points.push({ series, at: ends[index]!, nanos: 0, fields })
  }
  return points
}

/** Every number of a window; what is null or held is absent, and its n is there unless it is held. */
function fieldsOf(value: WindowValue, edition: Edition, isService: boolean): Record<string, FieldValue> {
  const { leadTime, recoveryTime, incidents, held } = value
  const bands = windowBands(value, edition, isService)
  const fields: Record<string, FieldValue> = {
    n: { int: value.deployments },
    coverage_days: value.coverageDays,
    deployments: { int: value.deployments },
    successful: { int: value.successful },
    rollbacks: { int: value.rollbacks },
    deployment_days: { int: value.deploymentDays },
    deployment_frequency_per_day: value.deploymentFrequency,
  }
  const put = (name: string, field: number | string | null) => {
    if (field !== null) fields[name] = field
  }
  put('deployment_frequency_band', bands.deploymentFrequency)
  if (!held.includes('leadTime')) {
    fields['rework'] = { int: value.rework ?? 0 }
    put('rework_rate', value.reworkRate.value)
    put('rework_rate_low', value.reworkRate.low)
    put('rework_rate_high', value.reworkRate.high)
    fields['lead_time_n'] = { int: leadTime.n }
    put('lead_time_p50_s', leadTime.p50)
    put('lead_time_p90_s', leadTime.p90)
    put('lead_time_p95_s', leadTime.p95)
    fields['lead_time_excluded_bots'] = { int: leadTime.excludedBots }
    put('lead_time_band', bands.leadTime)
  }
  if (!held.includes('incidents')) {
    fields['failed'] = { int: value.failed ?? 0 }
    put('change_fail_rate', value.changeFailRate.value)
    put('change_fail_rate_low', value.changeFailRate.low)
    put('change_fail_rate_high', value.changeFailRate.high)
    put('change_fail_rate_band', bands.changeFailRate)
    fields['recovery_time_n'] = { int: recoveryTime.n }
    put('recovery_time_p50_s', recoveryTime.p50)
    put('recovery_time_p90_s', recoveryTime.p90)
    put('recovery_time_band', bands.recoveryTime)
    fields['recovery_time_open'] = { int: recoveryTime.open }
    fields['recovery_time_unknown'] = { int: recoveryTime.unknown }
    fields['recovery_time_from_deployment_n'] = { int: recoveryTime.fromDeployment.n }
    put('recovery_time_from_deployment_p50_s', recoveryTime.fromDeployment.p50)
    put('recovery_time_from_deployment_p90_s', recoveryTime.fromDeployment.p90)
    fields['incidents_started'] = { int: incidents.started }
    fields['incidents_attributed'] = { int: incidents.attributed }
    fields['incident_recovery_time_n'] = { int: incidents.recoveryTime.n }
    put('incident_recovery_time_p50_s', incidents.recoveryTime.p50)
    put('incident_recovery_time_p90_s', incidents.recoveryTime.p90)
  }
  return fields
}
