import { replay, type Firing } from '../alerts/backtest.ts'
import { shareOf, summarize, type Span, type Summary } from '../alerts/backtest-summary.ts'
import { leastOf, sweepOf } from '../alerts/backtest-sweep.ts'
import type { Rule } from '../alerts/rule.ts'
import { calendarOf } from '../core/calendar.ts'
import { knownSubjects } from './evaluate-slot.ts'
import { inOneZone, ownersOf } from './owners.ts'
import { readPast } from './backtest-past.ts'
import type { Pipeline } from './refresh.ts'
import { slotPoints } from './slot-points.ts'

/** When a rule would have fired over the stored points. */
export interface Backtested {
  rule: Rule
  /** From the first instant at which there are points to the last; undefined where there are none. */
  span: Span | undefined
  /** How many instants were looked at, of the zone that has most of them. */
  slots: number
  /** How much lies between two of them, mostly. */
  everyMs: number | undefined
  /** In order of their beginning. */
  firings: Firing[]
  summary: Summary
  /** Other thresholds, in order, and the rule's own. */
  sweep: { threshold: number; isOwn: boolean; fired: number; share: number }[]
}

/** Tries a rule on the points of the past as they are known now, at every instant of which points are stored. */
export async function backtest(
  pipeline: Pick<Pipeline, 'store' | 'derivation'>,
  rule: Rule,
  asked: { from: number; to: number; service?: string | undefined },
): Promise<Backtested> {
  const { store, derivation } = pipeline
  const { timezone } = derivation
  const rules = sweepOf(rule)
  const isKnown = await knownSubjects(store, pipeline)
  const zones = await readPast(store, rule, {
    ...asked,
    owners: ownersOf(store, derivation),
  })
  const firings = new Map(rules.map((each) => [each, [] as Firing[]]))
  for (const zone of zones) {
    const found = await replay(rules, {
      slots: zone.slots,
      pointsAt: (slot) => slotPoints(zone.store, [rule], slot, inOneZone(zone.timezone)),
      history: zone.history,
      calendar: calendarOf(timezone),
      isKnown,
    })
    for (const [each, own] of found) firings.get(each)!.push(...own)
  }
  const instants = zones.flatMap(({ slots }) => (slots.length === 0 ? [] : [slots[0]!, slots.at(-1)!]))
  const span = instants.length === 0 ? undefined : { from: Math.min(...instants), to: Math.max(...instants) }
  const longest = zones.map(({ slots }) => slots).toSorted((a, b) => b.length - a.length)[0] ?? []
  const own = firings.get(rule)!.sort((a, b) => a.from - b.from)
  const whole = span ?? asked
  return {
    rule,
    span,
    slots: longest.length,
    everyMs: usualStep(longest),
    firings: own,
    summary: summarize(own, whole, calendarOf(timezone)),
    sweep: rules.map((each) => ({
      threshold: leastOf(each),
      isOwn: each === rule,
      fired: firings.get(each)!.length,
      share: shareOf(firings.get(each)!, whole),
    })),
  }
}

/** The median of what lies between two instants. */
function usualStep(instants: readonly number[]): number | undefined {
  const steps = instants.slice(1).map((at, index) => at - instants[index]!)
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)]
}
