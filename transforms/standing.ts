import { lowerBound } from '../core/statistics.ts'
import type { Coverage } from './coverage.ts'
import { succeeded, type WindowEvents } from './window-events.ts'

/** How things stand at an instant, whatever the windows. Null where nothing was covered by then. */
export interface Standing {
  /** Seconds since the last successful deployment; null where there was none. */
  sinceLastDeployment: number | null
  /** Failed deployments that have not recovered; null while incidents are held. */
  openFailures: number | null
}

/** What it is told of: all that is known, also from before the coverage. */
export interface Standable {
  known: WindowEvents
  coverage: Coverage
}

/** Over several members the latest deployment of any, and every open failure once. */
export function standingAt(members: readonly Standable[], at: number): Standing {
  const covered = members.filter(({ coverage: { from } }) => from !== null && from < at)
  if (covered.length === 0) return { sinceLastDeployment: null, openFailures: null }
  let last = -Infinity
  let open = 0
  const seen = new Set<string>()
  for (const { known } of covered) {
    last = Math.max(last, lastSuccess(known, at))
    const end = lowerBound(known.failureAt, at)
    for (let row = 0; row < end; row += 1) {
      if (known.failureOpen[row] === 0) continue
      const key = known.sharedFailures.get(row)
      if (key !== undefined && seen.has(key)) continue
      if (key !== undefined) seen.add(key)
      open += 1
    }
  }
  const isHeld = covered.some(({ coverage }) => coverage.incidentsUntil < Math.min(coverage.until, at))
  return {
    sinceLastDeployment: last === -Infinity ? null : (at - last) / 1000,
    openFailures: isHeld ? null : open,
  }
}

function lastSuccess({ deploymentAt, deploymentFlags }: WindowEvents, before: number): number {
  for (let row = lowerBound(deploymentAt, before) - 1; row >= 0; row -= 1) {
    if (deploymentFlags[row]! & succeeded) return deploymentAt[row]!
  }
  return -Infinity
}
