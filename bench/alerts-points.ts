import { dayMs, hourMs } from '../core/calendar.ts'
import { encodeFields, encodeSeries } from '../core/line-protocol.ts'
import type { FieldValue } from '../core/point.ts'
import type { PointToSave } from '../store/store.ts'
import { serviceName, teamName } from './history.ts'
import { randomFrom, type Random } from './random.ts'

/** The hour at which rules are evaluated: of a running day, so that its points pass. */
export const slot = Date.UTC(2026, 2, 10, 9)
const midnight = slot - 9 * hourMs
const windows = [7, 30, 90]

/** How a service is doing: deployments a day, and how many of a hundred fail. */
interface Pace {
  perDay: number
  failing: number
  leadTimeS: number
}

function paceOf(random: Random): Pace {
  return {
    perDay: random.pick([0.1, 0.5, 1, 2, 5]),
    // One in twelve is in trouble.
    failing: random.chance(0.08) ? 45 : random.between(2, 12),
    leadTimeS: random.between(1, 200) * 3600,
  }
}

/**
 * The points of services, and of their teams, as a refresh leaves them at the slot: three windows, flow and state, and
 * of earlier days the midnights with which rules compare.
 */
export function* slotWorld(services: number): Generator<readonly [owner: string, points: PointToSave[]]> {
  const random = randomFrom(11)
  const teams = new Set<string>()
  const midnights = [0, 1, 2, 3, 7, 14, 30, 90].map((days) => midnight - days * dayMs)
  for (let service = 0; service < services; service += 1) {
    const pace = paceOf(random)
    const tags = { environment: 'production', service: serviceName(service), team: teamName(service) }
    const now = { ...pace, leadTimeS: pace.leadTimeS * (random.chance(0.1) ? 2 : 1) }
    const points = [
      ...windows.flatMap((days) => [
        { ...windowPoint(tags, days, slot, now, random), passing: true as const },
        ...midnights.map((at) => windowPoint(tags, days, at, pace, random)),
      ]),
      flowPoint(tags, midnight, pace, random),
      flowPoint(tags, midnight - dayMs, pace, random),
      { ...statePoint(tags, pace, random), passing: true as const },
      ...changePoints(tags, pace, now, random),
    ]
    yield [tags.service, points]
    if (teams.has(tags.team)) continue
    teams.add(tags.team)
    const pool = { environment: '*', service: '*', team: tags.team }
    yield [
      `team ${tags.team}`,
      windows.map((days) => ({ ...windowPoint(pool, days, slot, pace, random), passing: true as const })),
    ]
  }
}

/** A year of midnights of all windows, and the changes of it, which take longer or shorter from time to time. */
export function* yearWorld(
  services: number,
  days: number,
): Generator<readonly [owner: string, points: PointToSave[]]> {
  const random = randomFrom(12)
  for (let service = 0; service < services; service += 1) {
    const tags = { environment: 'production', service: serviceName(service), team: teamName(service) }
    const pace = paceOf(random)
    const changes = encodeSeries('dora_change', { ...tags, source: 'github' })
    const points: PointToSave[] = []
    for (let day = days; day >= 0; day -= 1) {
      const at = midnight - day * dayMs
      if (random.chance(0.02)) pace.failing = random.between(2, 45)
      if (random.chance(0.01)) pace.leadTimeS = random.between(1, 200) * 3600
      for (const length of windows) points.push(windowPoint(tags, length, at, pace, random))
      for (let change = 0; change < pace.perDay * 2 * random.next(); change += 1)
        points.push({
          series: changes,
          at: at - random.between(1, 23) * hourMs,
          nanos: points.length,
          fields: encodeFields(changeFields(tags, pace, change, random)),
        })
    }
    yield [tags.service, points]
  }
}

function windowPoint(
  tags: Record<string, string>,
  days: number,
  at: number,
  { perDay, failing, leadTimeS }: Pace,
  random: Random,
): PointToSave {
  const n = Math.round(perDay * days * (0.9 + random.next() / 5))
  const failed = Math.round((n * failing) / 100)
  const leadTime = leadTimeS * (0.8 + random.next() / 2.5)
  const counted = (value: number): FieldValue => ({ int: value })
  const fields = {
    n: counted(n),
    coverage_days: days,
    deployments: counted(n),
    successful: counted(n - failed),
    rollbacks: counted(0),
    deployment_days: counted(Math.min(days, n)),
    deployment_frequency_per_day: n / days,
    ...(tags['service'] === '*' ? {} : { deployment_frequency_band: 'elite' }),
    rework: counted(failed),
    ...(n === 0 ? {} : { rework_rate: failed / n, rework_rate_low: 0.01, rework_rate_high: 0.2 }),
    lead_time_n: counted(n),
    ...(n === 0
      ? {}
      : { lead_time_p50_s: leadTime, lead_time_p90_s: 3 * leadTime, lead_time_p95_s: 5 * leadTime }),
    lead_time_excluded_bots: counted(0),
    failed: counted(failed),
    ...(n === 0
      ? {}
      : {
          change_fail_rate: failed / n,
          change_fail_rate_low: 0.01,
          change_fail_rate_high: 0.6,
          change_fail_rate_band: 'high',
        }),
    recovery_time_n: counted(failed),
    ...(failed === 0 ? {} : { recovery_time_p50_s: 3000 + random.next(), recovery_time_p90_s: 9000 }),
    recovery_time_open: counted(0),
    recovery_time_unknown: counted(0),
    recovery_time_from_deployment_n: counted(failed),
    incidents_started: counted(failed),
    incidents_attributed: counted(failed),
    incident_recovery_time_n: counted(failed),
  }
  return {
    series: encodeSeries('dora_window', { ...tags, window: `${days}d` }),
    at,
    nanos: 0,
    fields: encodeFields(fields),
  }
}

function flowPoint(
  tags: Record<string, string>,
  at: number,
  { perDay, leadTimeS }: Pace,
  random: Random,
): PointToSave {
  const n = { int: Math.round(perDay * 30) }
  const phase = () => leadTimeS * random.next()
  const fields: Record<string, FieldValue> = { coverage_days: 30 }
  for (const name of ['coding', 'pickup', 'review', 'deploy', 'batch_age']) {
    fields[`${name}_n`] = n
    fields[`${name}_p50_s`] = phase()
    fields[`${name}_p90_s`] = phase()
  }
  Object.assign(fields, {
    deployment_size_n: n,
    deployment_size_p50: 2,
    merged_changes: n,
    weekend_merges: n,
  })
  const series = encodeSeries('dora_flow', { ...tags, window: '30d' })
  return { series, at, nanos: 0, fields: encodeFields(fields) }
}

function statePoint(tags: Record<string, string>, { perDay, failing }: Pace, random: Random): PointToSave {
  const fields = {
    since_last_deployment_s: (86_400 / perDay) * random.next(),
    open_failures: { int: failing > 40 ? 1 : 0 },
  }
  return { series: encodeSeries('dora_state', tags), at: slot, nanos: 0, fields: encodeFields(fields) }
}

/** The changes of two months: slower ones in the last of them where the service became slower. */
function changePoints(tags: Record<string, string>, before: Pace, now: Pace, random: Random): PointToSave[] {
  const series = encodeSeries('dora_change', { ...tags, source: 'github' })
  return Array.from({ length: Math.round(60 * Math.min(1, before.perDay)) }, (_, index) => {
    const at = slot - random.between(1, 60 * 24) * hourMs
    const pace = at < slot - 30 * dayMs ? before : now
    return { series, at, nanos: index, fields: encodeFields(changeFields(tags, pace, index, random)) }
  })
}

function changeFields(tags: Record<string, string>, { leadTimeS }: Pace, index: number, random: Random) {
  return { id: `${tags['service']}#${index}`, lead_time_s: leadTimeS * (0.3 + 2 * random.next()) }
}
