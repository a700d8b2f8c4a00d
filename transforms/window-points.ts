import type { Edition } from '../core/bands.ts'
import { calendarOf, hourMs } from '../core/calendar.ts'
import { encodeSeries } from '../core/line-protocol.ts'
import { windowSeries, type Asked, type Member } from './members.ts'
import { windowFieldsWriter } from './window-fields.ts'

/** A point as the outbox keeps it: series and fields in line protocol. Epoch ms and nanoseconds below it. */
export interface EncodedPoint {
  series: string
  at: number
  nanos: number
  fields: string
  /** Of the running day: the next hour replaces it. */
  passing?: true
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
  return pointsOfWindows(owner, [{ days, ends }], edition)
}

/** The same for windows of several lengths. */
export function pointsOfWindows(
  owner: WindowOwner,
  asked: readonly Asked[],
  edition: Edition,
): EncodedPoint[] {
  const { service, team, environment, members } = owner
  const calendar = calendarOf(owner.timezone)
  const values = windowSeries(members, asked, calendar)
  const points: EncodedPoint[] = []
  for (const [which, { days, ends }] of asked.entries()) {
    const series = encodeSeries('dora_window', { environment, service, team, window: `${days}d` })
    const fieldsOf = windowFieldsWriter(edition, service !== all)
    for (const [index, at] of ends.entries()) {
      const value = values[which]!(index)
      if (value === null) continue
      const point: EncodedPoint = { series, at, nanos: 0, fields: fieldsOf(value) }
      // Only the last can be the running day's: all others are midnights.
      if (index === ends.length - 1 && calendar.dayOf(at) !== at) point.passing = true
      points.push(point)
    }
  }
  return points
}
