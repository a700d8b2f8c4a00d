import type { Calendar } from '../core/calendar.ts'
import { coverageDays, heldIn, type Coverage, type Held } from './coverage.ts'
import type { WindowEvents } from './window-events.ts'
import { windowValuer, type WindowValue } from './window-value.ts'
import { windowNumbers, type Span } from './windows.ts'

/** One service in one environment, as windows are made of it. */
export interface Member {
  service: string
  team: string | null
  environment: string
  timezone: string
  /** Only what lies in the coverage: clipped once, for every window asks. */
  events: WindowEvents
  coverage: Coverage
}

/**
 * The values of the windows of `days` calendar days that end at `ends` (ascending), over the pooled samples of
 * the members: one for a service's own windows, many for a team's or the organisation's. Null where not covered.
 * A pool is covered as long as the longest covered of its members.
 */
export function windowValues(
  members: readonly Member[],
  ends: readonly number[],
  days: number,
  calendar: Calendar,
): (WindowValue | null)[] {
  const observed = members.filter(({ coverage }) => coverage.from !== null)
  const spans = ends.map((to) => ({ from: calendar.daysBefore(to, days), to }))
  const numbers = windowNumbers(
    observed.map(({ events }) => events),
    spans,
    calendar,
  )
  const coverages = distinct(observed.map(({ coverage }) => coverage))

  const valueOf = windowValuer()

  return spans.map((span, index) => {
    let covered: number | null = null
    for (const coverage of coverages) {
      const own = coverageDays(coverage, span, days)
      if (own !== null && (covered === null || own > covered)) covered = own
    }
    return covered === null ? null : valueOf(numbers[index]!, span, covered, heldInAny(coverages, span))
  })
}

const nothingHeld: Held[] = []

function heldInAny(coverages: readonly Coverage[], span: Span): Held[] {
  if (coverages.every((coverage) => heldIn(coverage, span).length === 0)) return nothingHeld
  return [...new Set(coverages.flatMap((coverage) => heldIn(coverage, span)))].sort()
}

/** Most services share one coverage, and a thousand of them are asked for every window. */
function distinct(coverages: readonly Coverage[]): Coverage[] {
  return [...new Map(coverages.map((coverage) => [JSON.stringify(coverage), coverage])).values()]
}
