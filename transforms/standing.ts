import { lowerBound } from '../core/statistics.ts'
import type { Coverage } from './coverage.ts'
import { failed, succeeded, type WindowEvents } from './window-events.ts'

/** How things stand at an instant, whatever the windows. Null where nothing was covered by then. */
export interface Standing {
  /** Seconds since the last successful deployment; null where there was none. */
  sinceLastDeployment: number | null
  /** Failed deployments that have not recovered; null while incidents are held. */
  openFailures: number | null
  /** Seconds since the impact of the oldest of those began, 0 where there is none; null while incidents are held. */
  oldestOpenFailure: number | null
  /** How many of the last deployments failed, one after the other; null while incidents are held. */
  failureStreak: number | null
}

/** What it is told of: all that is known, also from before the coverage. */
export interface Standable {
  known: WindowEvents
  coverage: Coverage
}

const nothing: Standing = {
  sinceLastDeployment: null,
  openFailures: null,
  oldestOpenFailure: null,
  failureStreak: null,
}

/** Over several members the latest deployment of any, every open failure once, and the longest streak of any. */
export function standingAt(members: readonly Standable[], at: number): Standing {
  const covered = members.filter(({ coverage: { from } }) => from !== null && from < at)
  if (covered.length === 0) return nothing
  let last = -Infinity
  let streak = 0
  let open = 0
  let oldest = Infinity
  const seen = new Set<string>()
  for (const { known } of covered) {
    last = Math.max(last, lastSuccess(known, at))
    streak = Math.max(streak, failedInARow(known, at))
    const end = lowerBound(known.failureAt, at)
    for (let row = 0; row < end; row += 1) {
      if (known.failureOpen[row] === 0) continue
      oldest = Math.min(oldest, known.openSince[row]!)
      const key = known.sharedFailures.get(row)
      if (key !== undefined && seen.has(key)) continue
      if (key !== undefined) seen.add(key)
      open += 1
    }
  }
  const sinceLastDeployment = last === -Infinity ? null : (at - last) / 1000
  const isHeld = covered.some(({ coverage }) => coverage.incidentsUntil < Math.min(coverage.until, at))
  if (isHeld) return { ...nothing, sinceLastDeployment }
  return {
    sinceLastDeployment,
    openFailures: open,
    // An incident may begin after the instant: that is as old as nothing.
    oldestOpenFailure: Math.max(0, (at - oldest) / 1000),
    failureStreak: streak,
  }
}

function lastSuccess({ deploymentAt, deploymentFlags }: WindowEvents, before: number): number {
  for (let row = lowerBound(deploymentAt, before) - 1; row >= 0; row -= 1) {
    if (deploymentFlags[row]! & succeeded) return deploymentAt[row]!
  }
  return -Infinity
}

/** Back from the last deployment to the first that did not fail. */
function failedInARow({ deploymentAt, deploymentFlags }: WindowEvents, before: number): number {
  const end = lowerBound(deploymentAt, before)
  let row = end
  while (row > 0 && deploymentFlags[row - 1]! & failed) row -= 1
  return end - row
}
