import type { PointToSave, Store } from '../store/store.ts'
import { askedFor, pointsOfWindows, type WindowOwner } from '../transforms/window-points.ts'
import { changedWindows, type WindowChange, type WindowOptions, type WindowUpdate } from './window-update.ts'

/** An owner whose windows are brought up to date. */
export interface WindowPlan {
  /** Of the points in the store. */
  owner: string
  windows: WindowOwner
  change: WindowChange
}

/** A window that had ended, with its fields before and after. */
export interface RestatedWindow {
  series: string
  at: number
  before: string | null
  after: string
}

/**
 * Writes what changedWindows tells, of all plans at once: a thousand services move on every hour. Returns how many
 * points changed, and which windows had ended before.
 */
export async function writeWindows(
  { points }: Store,
  plans: readonly WindowPlan[],
  options: WindowOptions,
): Promise<{ changed: number; restated: RestatedWindow[] }> {
  const planned = plans.map((plan) => {
    const update = changedWindows(plan.windows, plan.change, options)
    const late = lateIn(plan, update)
    return { plan, update, late }
  })
  const late = planned.flatMap((each) => each.late)
  const before = late.length === 0 ? [] : await points.fieldsAt(late)
  const restated = late
    .map(({ series, at, fields }, index) => ({ series, at, before: before[index]!, after: fields }))
    .filter((window) => window.before !== window.after)

  const moves = planned.flatMap(({ plan, update }) => update.carry.map((move) => ({ ...move, plan })))
  const carried = moves.length === 0 ? { changed: 0, missing: [] } : await points.carry(moves)
  const removals = planned.flatMap(({ update }) => update.remove)
  const removed = removals.length === 0 ? 0 : await points.remove(removals)
  const saves = new Map<string, PointToSave[]>()
  const save = (owner: string, list: readonly PointToSave[]) => {
    if (list.length > 0) saves.set(owner, [...(saves.get(owner) ?? []), ...list])
  }
  for (const { plan, update } of planned) save(plan.owner, update.save)
  // Nothing moves that was not there: then it is made after all.
  for (const move of carried.missing) save(move.plan.owner, madeFor(move, move.plan, options))
  const saved = saves.size === 0 ? 0 : await points.saveAll(saves)
  return { changed: carried.changed + removed + saved, restated }
}

/** The points of windows that had ended when they were last written, and may say something else now. */
function lateIn({ change }: WindowPlan, { save }: WindowUpdate): PointToSave[] {
  if (change.times.length === 0) return []
  const { until, changesUntil, incidentsUntil } = change.written
  // What was held had no number yet.
  const past = Math.min(until, changesUntil, incidentsUntil)
  return save.filter(({ at, passing }) => at <= past && !passing)
}

function madeFor(
  { series, to, days, fields }: WindowUpdate['carry'][number],
  { windows, change }: WindowPlan,
  options: WindowOptions,
): PointToSave[] {
  if (fields !== undefined) return [{ series, at: to, nanos: 0, fields, passing: true }]
  const asked = askedFor(options.windowsDays, windows.timezone, change.observed.until, (each) =>
    each === days ? [to] : [],
  )
  return pointsOfWindows(windows, asked, options.edition)
}
