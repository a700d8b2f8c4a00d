import type { Edition } from '../core/bands.ts'
import { calendarOf } from '../core/calendar.ts'
import { lowerBound } from '../core/statistics.ts'
import type { Carried, PointPlace, PointToSave } from '../store/store.ts'
import type { Member } from '../transforms/members.ts'
import { timeColumns } from '../transforms/window-events.ts'
import {
  askedFor,
  flowSeriesName,
  hourOf,
  isFlowKept,
  passedEnd,
  pointsOfWindows,
  statePoints,
  stateSeries,
  windowEnds,
  windowSeriesName,
  type WindowOwner,
} from '../transforms/window-points.ts'

/** Until when windows can be written, or were. */
export interface Observed {
  until: number
  changesUntil: number
  incidentsUntil: number
}

export interface WindowUpdate {
  save: PointToSave[]
  remove: PointPlace[]
  /** Points that move to the present hour: windows of so many days say the same as before, the state something else. */
  carry: (Carried & { days?: number })[]
}

export interface WindowOptions {
  edition: Edition
  windowsDays: readonly number[]
}

/** Every window of an owner from the start of its coverage. */
export function allWindows(
  owner: WindowOwner,
  from: number | null,
  observed: Observed,
  options: WindowOptions,
): PointToSave[] {
  if (from === null) return []
  const ends = windowEnds(owner.timezone, from, observed.until)
  const asked = askedFor(options.windowsDays, owner.timezone, observed.until, () => ends)
  return [...pointsOfWindows(owner, asked, options.edition), ...statePoints(owner, hourOf(observed.until))]
}

export interface WindowChange {
  /** The start of the owner's coverage. */
  from: number | null
  /** Until when its windows were written, and until when they can be. */
  written: Observed
  observed: Observed
  /** The instants that were restated, ascending. */
  times: readonly number[]
}

/**
 * The windows of an owner that have to be written again: those that contain one of `times`, those that ended since
 * they were last written, and those that were held. The running day's former hour goes.
 */
export function changedWindows(
  owner: WindowOwner,
  change: WindowChange,
  options: WindowOptions,
): WindowUpdate {
  const { from, written, observed, times } = change
  const update: WindowUpdate = { save: [], remove: [], carry: [] }
  if (from === null) return update
  const moved =
    written.until !== observed.until ||
    written.changesUntil !== observed.changesUntil ||
    written.incidentsUntil !== observed.incidentsUntil
  if (!moved && times.length === 0) return update

  const calendar = calendarOf(owner.timezone)
  const newAfter = moved
    ? Math.min(hourOf(written.until), written.changesUntil, written.incidentsUntil)
    : Infinity
  const first = Math.min(newAfter, times[0] ?? Infinity)
  const ends = windowEnds(owner.timezone, Math.max(from, first), observed.until)
  const former = passedEnd(owner.timezone, from, written.until, observed.until)
  const hour = hourOf(observed.until)
  const [end] = ends
  const isCarried = former !== undefined && ends.length === 1 && calendar.dayOf(end!) !== end
  const still = isCarried ? stillWindows(change, former, end!, owner, options) : []
  const stale = askedFor(options.windowsDays, owner.timezone, observed.until, (days) =>
    ends.filter((at) => {
      if (still.includes(days)) return false
      if (at > newAfter) return true
      const next = lowerBound(times, calendar.daysBefore(at, days))
      return next < times.length && times[next]! < at
    }),
  ).filter((asked) => asked.ends.length > 0)
  // A single window needs no order, and the shorter ones are a small part of the longest.
  const isOneEach = stale.every((asked) => asked.ends.length < 2)
  for (const asked of isOneEach ? stale.map((each) => [each]) : [stale])
    update.save = [...update.save, ...pointsOfWindows(owner, asked, options.edition)]
  if (former !== undefined) {
    for (const days of options.windowsDays) {
      const series = windowSeriesName(owner, days)
      if (still.includes(days)) update.carry.push({ series, from: former, to: end!, days })
      else update.remove.push({ series, at: former, nanos: 0 })
    }
  }
  const flow = formerFlow(owner, written.until, observed.until, options.windowsDays)
  if (flow) update.remove.push(flow)
  // There is one of these at a time: that of the hour, for as long as there is something to say.
  const [state] = statePoints(owner, hour)
  const before = hourOf(written.until)
  if (state && before === hour) update.save.push(state)
  else if (state) update.carry.push({ series: state.series, from: before, to: hour, fields: state.fields })
  else
    for (const at of new Set([before, hour])) update.remove.push({ series: stateSeries(owner), at, nanos: 0 })
  return update
}

/** Yesterday's point of flow, where today's takes its place. */
function formerFlow(
  owner: WindowOwner,
  written: number,
  until: number,
  windowsDays: readonly number[],
): PointPlace | undefined {
  const { dayOf } = calendarOf(owner.timezone)
  const at = dayOf(written)
  if (at === dayOf(until) || isFlowKept(owner.timezone, at)) return undefined
  return { series: flowSeriesName(owner, windowsDays), at, nanos: 0 }
}

/**
 * The lengths of windows that nothing enters or leaves while they move on from one hour to another, and that are
 * covered from end to end and held in neither: their numbers are the same.
 */
function stillWindows(
  { from, written, observed, times }: WindowChange,
  former: number,
  end: number,
  { timezone, members }: WindowOwner,
  { windowsDays }: WindowOptions,
): number[] {
  const wasHeld = Math.min(written.changesUntil, written.incidentsUntil) < former
  const isHeld = Math.min(observed.changesUntil, observed.incidentsUntil) < end
  if (times.length > 0 || wasHeld || isHeld) return []
  const columns = columnsOf(members)
  if (columns.some((at) => hasBetween(at, former, end))) return []
  const calendar = calendarOf(timezone)
  return windowsDays.filter((days) => {
    const start = calendar.daysBefore(former, days)
    const next = calendar.daysBefore(end, days)
    return from! <= start && !columns.some((at) => hasBetween(at, start, next))
  })
}

/** The times of everything that windows are made of, whatever the coverage. */
function columnsOf(members: readonly Member[]): Float64Array[] {
  const columns: Float64Array[] = []
  for (const { known, mergedAt } of members) columns.push(...timeColumns(known), mergedAt)
  return columns
}

function hasBetween(at: Float64Array, from: number, to: number): boolean {
  return (at[lowerBound(at, from)] ?? Infinity) < to
}
