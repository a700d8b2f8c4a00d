import type { BotChoices } from '../core/bots.ts'
import type { Calendar } from '../core/calendar.ts'
import { coverageDays, heldIn, type Coverage, type Held } from './coverage.ts'
import { botLabels } from './change-value.ts'
import type { CountedEvents } from './counted-events.ts'
import type { MergedEvents } from './merged-events.ts'
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
  readonly events: CountedEvents
  /** Everything known, whatever the coverage. */
  known: WindowEvents
  /** The same object for all environments of a service. */
  readonly merged: MergedEvents
  /** When everything known was merged, whatever the coverage. */
  mergedAt: Float64Array
  bots: BotChoices
  coverage: Coverage
}

/** Windows of so many calendar days that end at `ends` (ascending). */
export interface Asked {
  days: number
  ends: readonly number[]
  /** Whether flow, batches and merged changes are wanted, too. */
  withChanges: boolean
  /** Nothing else is wanted: all other numbers are left at zero. */
  onlyChanges?: boolean
}

/** The value of one window after the other: asked in order, none left out. Null where it is not covered. */
export type ValueOf = (index: number) => WindowValue | null

/**
 * The values of the windows asked for, over the pooled samples of the members: one for a service's own windows, many
 * for a team's or the organisation's. A pool is covered as long as the longest covered of its members.
 */
export function windowSeries(
  members: readonly Member[],
  asked: readonly Asked[],
  calendar: Calendar,
): ValueOf[] {
  const observed = members.filter(({ coverage }) => coverage.from !== null)
  const series = asked.map(({ days, ends, withChanges, onlyChanges = false }) => ({
    spans: ends.map((to): Span => ({ from: calendar.daysBefore(to, days), to })),
    withChanges,
    onlyChanges,
  }))
  const numbers = windowNumbers(observed, series, calendar)
  const bots = botLabels(observed)
  const coverages = distinct(observed)

  return asked.map(({ days }, which) => {
    const { spans } = series[which]!
    const numbersOf = numbers[which]!
    const valueOf = windowValuer(bots)
    return (index) => {
      const span = spans[index]!
      const counted = numbersOf(index)
      let covered: number | null = null
      for (const coverage of coverages) {
        const own = coverageDays(coverage, span, days)
        if (own !== null && (covered === null || own > covered)) covered = own
      }
      return covered === null ? null : valueOf(counted, span, covered, heldInAny(coverages, span))
    }
  })
}

/** The values of the windows of `days` calendar days that end at `ends` (ascending). */
export function windowValues(
  members: readonly Member[],
  ends: readonly number[],
  days: number,
  calendar: Calendar,
): (WindowValue | null)[] {
  const [valueOf] = windowSeries(members, [{ days, ends, withChanges: true }], calendar)
  return ends.map((_, index) => valueOf!(index))
}

const nothingHeld: Held[] = []

function heldInAny(coverages: readonly Coverage[], span: Span): Held[] {
  if (coverages.every((coverage) => heldIn(coverage, span).length === 0)) return nothingHeld
  return [...new Set(coverages.flatMap((coverage) => heldIn(coverage, span)))].sort()
}

/** Most services share one coverage, and a thousand of them are asked for every window. */
function distinct(members: readonly Member[]): Coverage[] {
  const found: Coverage[] = []
  let last: Coverage | undefined
  for (const { coverage } of members) {
    if (last && isSame(last, coverage)) continue
    last = coverage
    if (!found.some((each) => isSame(each, coverage))) found.push(coverage)
  }
  return found
}

function isSame(a: Coverage, b: Coverage): boolean {
  return (
    a.from === b.from &&
    a.until === b.until &&
    a.changesUntil === b.changesUntil &&
    a.incidentsUntil === b.incidentsUntil
  )
}
