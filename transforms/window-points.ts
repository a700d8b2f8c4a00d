import type { Edition } from '../core/bands.ts'
import { calendarOf, dayMs, hourMs } from '../core/calendar.ts'
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
 * The end of the running day that was written, where another has taken its place since: the next hour, or at the end
 * of a day that ends between two full hours the midnight. Undefined where it stays.
 */
export function passedEnd(
  timezone: string,
  from: number,
  writtenUntil: number,
  until: number,
): number | undefined {
  // The longest local day has some hours more than 24.
  const last = (at: number) => windowEnds(timezone, Math.max(from, at - 2 * dayMs), at).at(-1)
  const former = last(writtenUntil)
  if (former === undefined || former === last(until)) return undefined
  return calendarOf(timezone).dayOf(former) === former ? undefined : former
}

/**
 * The one window for which `dora_flow` is written: a month, if it is configured, else the longest. One length shows
 * how things go; the others would double the points for what a report can tell at any time.
 */
export function flowDays(windowsDays: readonly number[]): number {
  return windowsDays.includes(30) ? 30 : Math.max(...windowsDays)
}

/**
 * What is asked for where these windows end at these instants, observed until then. Flow is told of the weeks that
 * ended, and of the last midnight: until the next takes its place.
 */
export function askedFor(
  windowsDays: readonly number[],
  timezone: string,
  until: number,
  endsOf: (days: number) => readonly number[],
): Asked[] {
  const windows = windowsDays.map((days) => ({ days, ends: endsOf(days), withChanges: false }))
  const days = flowDays(windowsDays)
  const latest = calendarOf(timezone).dayOf(until)
  const ends = endsOf(days).filter((end) => end === latest || isFlowKept(timezone, end))
  return [...windows, { days, ends, withChanges: true, onlyChanges: true }]
}

/** Whether a week begins there: a point of flow that stays. */
export function isFlowKept(timezone: string, at: number): boolean {
  const { dayOf, weekday } = calendarOf(timezone)
  return dayOf(at) === at && weekday(at) === 1
}

export function flowSeriesName(owner: WindowOwner, windowsDays: readonly number[]): string {
  return seriesOf('dora_flow', owner, flowDays(windowsDays))
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

/** The `dora_window` points of an owner; where changes are asked for, those of `dora_flow`, unless they are held. */
export function pointsOfWindows(
  owner: WindowOwner,
  asked: readonly Asked[],
  edition: Edition,
): EncodedPoint[] {
  const calendar = calendarOf(owner.timezone)
  const values = windowSeries(owner.members, asked, calendar)
  const points: EncodedPoint[] = []
  for (const [which, { days, ends, withChanges }] of asked.entries()) {
    const series = seriesOf(withChanges ? 'dora_flow' : 'dora_window', owner, days)
    const fieldsOf = windowFieldsWriter(edition, owner.service !== all)
    const flowFieldsOf = flowFieldsWriter()
    for (const [index, at] of ends.entries()) {
      const value = values[which]!(index)
      if (value === null) continue
      const isLast = index === ends.length - 1
      if (!withChanges) {
        // Only the last can be the running day's: all others are midnights.
        points.push(pointOf(series, at, fieldsOf(value), isLast && calendar.dayOf(at) !== at))
        continue
      }
      const { changes, held, coverageDays } = value
      if (changes === undefined || held.includes('leadTime')) continue
      const passes = isLast && !isFlowKept(owner.timezone, at)
      points.push(pointOf(series, at, flowFieldsOf(changes, coverageDays), passes))
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
  const { sinceLastDeployment, openFailures, oldestOpenFailure, failureStreak } = standingAt(
    owner.members,
    at,
  )
  const fields = {
    ...(sinceLastDeployment === null ? {} : { since_last_deployment_s: sinceLastDeployment }),
    ...(openFailures === null ? {} : { open_failures: { int: openFailures } }),
    ...(oldestOpenFailure === null ? {} : { oldest_open_failure_s: oldestOpenFailure }),
    ...(failureStreak === null ? {} : { failure_streak: { int: failureStreak } }),
  }
  if (Object.keys(fields).length === 0) return []
  return [pointOf(stateSeries(owner), at, encodeFields(fields), true)]
}

export function stateSeries({ service, team, environment }: WindowOwner): string {
  return encodeSeries('dora_state', { environment, service, team })
}
