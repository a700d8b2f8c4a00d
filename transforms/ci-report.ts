import { calendarOf, isoOf } from '../core/calendar.ts'
import { workflowsOf, type CiOwner } from './ci-points.ts'
import { ciSeries, type CiValue } from './ci-windows.ts'
import { all, noTeam } from './window-points.ts'

/** CI of one workflow of a service, or of all of them (`*`), of a team or of the organisation (service `*`). */
export interface CiEntry {
  service: string
  team: string | null
  workflow: string
  windows: Record<string, ReportedCi | null>
}

type ReportedCi = Omit<CiValue, 'from' | 'to'> & { from: string; to: string }

/** The report's entries of one owner: a workflow is there if it ran in the longest of the windows. */
export function ciEntries(owner: CiOwner, asOf: number, windowsDays: readonly number[]): CiEntry[] {
  const { service, team, coverage, timezone } = owner
  const longest = windowsDays.indexOf(Math.max(...windowsDays))
  return workflowsOf(owner).flatMap(({ workflow, events }) => {
    // A window by itself costs the least: nothing has to be put in order.
    const values = windowsDays.map((days) => {
      const [valueOf] = ciSeries(events, coverage, [{ days, ends: [asOf] }], calendarOf(timezone))
      return valueOf!(0)
    })
    if (workflow !== all && (values[longest]?.runs ?? 0) === 0) return []
    const windows = windowsDays.map((days, index) => [`${days}d`, reported(values[index]!)] as const)
    return [{ service, team: team === noTeam ? null : team, workflow, windows: Object.fromEntries(windows) }]
  })
}

function reported(value: CiValue | null): ReportedCi | null {
  return value && { ...value, from: isoOf(value.from), to: isoOf(value.to) }
}
