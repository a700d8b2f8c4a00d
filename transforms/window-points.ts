import type { Edition } from '../core/bands.ts'
import { calendarOf, hourMs } from '../core/calendar.ts'
import { encodeFields, encodeSeries } from '../core/line-protocol.ts'
import { windowSeries, type Asked, type Member } from './members.ts'
import { flowFieldsWriter } from './flow-fields.ts'
import { standingAt } from './standing.ts'
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

/**
 * The one window for which `dora_flow` is written: a month, if it is configured, else the longest. One length shows
 * how things go; the others would double the points for what a report can tell at any time.
 */
export function flowDays(windowsDays: readonly number[]): number {
  return windowsDays.includes(30) ? 30 : Math.max(...windowsDays)
}

/** What is asked for where these windows end at these instants: flow only where one of them is a midnight. */
export function askedFor(
  windowsDays: readonly number[],
  timezone: string,
  endsOf: (days: number) => readonly number[],
): Asked[] {
  const { dayOf } = calendarOf(timezone)
  const daysOfFlow = flowDays(windowsDays)
  return windowsDays.map((days) => {
    const ends = endsOf(days)
    // Only the last can be no midnight.
    const withChanges = days === daysOfFlow && ends.length > 0 && dayOf(ends[0]!) === ends[0]
    return { days, ends, withChanges }
  })
}

/** The series of an owner's windows of a length: it loses its point when the running day moves on. */
export function windowSeriesName(owner: WindowOwner, days: number): string {
  return seriesOf('dora_window', owner, days)
}

function seriesOf(
  measurement: string,
  { environment, service, team }: Pick<WindowOwner, 'environment' | 'service' | 'team'>,
  days: number,
): string {
  return encodeSeries(measurement, { environment, service, team, window: `${days}d` })
}

/**
 * The `dora_window` points of an owner and, where changes are asked for and not held, those of `dora_flow`: flow moves
 * slowly, and is written for whole days only.
 */
export function pointsOfWindows(
  owner: WindowOwner,
  asked: readonly Asked[],
  edition: Edition,
): EncodedPoint[] {
  const calendar = calendarOf(owner.timezone)
  const values = windowSeries(owner.members, asked, calendar)
  const points: EncodedPoint[] = []
  for (const [which, { days, ends, withChanges }] of asked.entries()) {
    const series = seriesOf('dora_window', owner, days)
    const flowSeries = withChanges ? seriesOf('dora_flow', owner, days) : ''
    const fieldsOf = windowFieldsWriter(edition, owner.service !== all)
    const flowFieldsOf = flowFieldsWriter()
    for (const [index, at] of ends.entries()) {
      const value = values[which]!(index)
      if (value === null) continue
      // Only the last can be the running day's: all others are midnights.
      const passes = index === ends.length - 1 && calendar.dayOf(at) !== at
      points.push(pointOf(series, at, fieldsOf(value), passes))
      const { changes, held, coverageDays } = value
      if (passes || changes === undefined || held.includes('leadTime')) continue
      points.push(pointOf(flowSeries, at, flowFieldsOf(changes, coverageDays), false))
    }
  }
  return points
}

function pointOf(series: string, at: number, fields: string, passes: boolean): EncodedPoint {
  const point: EncodedPoint = { series, at, nanos: 0, fields }
  if (passes) point.passing = true
  return point
}

/** How an owner stands at an instant, as its `dora_state` point; none where nothing is covered by then. */
export function statePoints(owner: WindowOwner, at: number): EncodedPoint[] {
  const { sinceLastDeployment, openFailures } = standingAt(owner.members, at)
  const fields = {
    ...(sinceLastDeployment === null ? {} : { since_last_deployment_s: sinceLastDeployment }),
    ...(openFailures === null ? {} : { open_failures: { int: openFailures } }),
  }
  if (Object.keys(fields).length === 0) return []
  return [pointOf(stateSeries(owner), at, encodeFields(fields), true)]
}

export function stateSeries({ service, team, environment }: WindowOwner): string {
  return encodeSeries('dora_state', { environment, service, team })
}
