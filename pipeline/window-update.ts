import type { Edition } from '../core/bands.ts'
import { calendarOf } from '../core/calendar.ts'
import { lowerBound } from '../core/statistics.ts'
import type { PointToSave } from '../store/store.ts'
import {
  askedFor,
  hourOf,
  pointsOfWindows,
  statePoints,
  stateSeries,
  windowEnds,
  windowSeriesNames,
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
  remove: { series: string; at: number; nanos: number }[]
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
  const asked = askedFor(options.windowsDays, () => ends)
  return [...pointsOfWindows(owner, asked, options.edition), ...statePoints(owner, hourOf(observed.until))]
}

/**
 * The windows of an owner that have to be written again: those that contain one of `times` (ascending), those
 * that ended since they were last written, and those that were held. The running day's former hour goes.
 */
export function changedWindows(
  owner: WindowOwner,
  from: number | null,
  written: Observed,
  observed: Observed,
  times: readonly number[],
  options: WindowOptions,
): WindowUpdate {
  const update: WindowUpdate = { save: [], remove: [] }
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
  const stale = askedFor(options.windowsDays, (days) =>
    ends.filter((end) => {
      if (end > newAfter) return true
      const next = lowerBound(times, calendar.daysBefore(end, days))
      return next < times.length && times[next]! < end
    }),
  )
  // A single window needs no order, and the shorter ones are a small part of the longest.
  const isOneEach = stale.every((asked) => asked.ends.length < 2)
  for (const asked of isOneEach ? stale.map((each) => [each]) : [stale])
    update.save = [...update.save, ...pointsOfWindows(owner, asked, options.edition)]
  const former = windowEnds(owner.timezone, from, written.until).at(-1)
  const isMidnight = former !== undefined && calendar.dayOf(former) === former
  if (moved && former !== undefined && !isMidnight && former !== hourOf(observed.until)) {
    for (const series of windowSeriesNames(owner, options.windowsDays))
      update.remove.push({ series, at: former, nanos: 0 })
  }
  // There is one of these at a time: that of the hour, for as long as there is something to say.
  const hour = hourOf(observed.until)
  const state = statePoints(owner, hour)
  update.save.push(...state)
  for (const at of new Set([hourOf(written.until), hour])) {
    if (at !== hour || state.length === 0) update.remove.push({ series: stateSeries(owner), at, nanos: 0 })
  }
  return update
}
