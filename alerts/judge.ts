import { leastKnownWindows } from './comparison.ts'
import { metricOf } from './metrics.ts'
import type { Observation } from './observation.ts'
import type { Rule } from './rule.ts'
import { fisherDrop, fisherRise, type Counted } from './significance-fisher.ts'
import { binomialDrop, binomialRise, wilsonBound } from './significance.ts'
import type { Spread } from './spread.ts'
import type { Verdict } from './state.ts'

/** What a number is compared with: of these what its rule asks for. */
export interface Before {
  /** The same before. */
  observation?: Observation | undefined
  /**
   * How much more often a sample of now is larger than one of before than chance would have it: a normal score.
   * Undefined where there are no samples, or the bare number says enough.
   */
  rise?: number | undefined
  /** How it is distributed over the windows before. */
  spread?: Spread | undefined
  /** How many of how many there are in the last part of the window, where that is asked. */
  recent?: { count: number; n: number } | undefined
}

/** Below this an exact test's difference is no chance. */
const significance = 0.01
/** The normal score of the same. */
const significantRise = 2.58

export interface Judgement {
  verdict: Verdict
  /** The threshold that was reached, or the first that would be; in the unit of the value. Undefined where nobody knows. */
  threshold: number | undefined
  /** What it was compared with, in the same. */
  base?: number | undefined
}

/** What a rule says of a subject: pure, so that a rule can be tried on any stretch of the past. */
export function judge(rule: Rule, now: Observation, before: Before | undefined): Judgement {
  const { value, n } = now
  const least = rule.thresholds.at(-1)!.value
  const limit = (threshold: number) => limitOf(rule, threshold, before)
  const problem = cannotCompare(rule, before)
  const threshold = problem === undefined ? limit(least) : undefined
  if (value === undefined) return unknown(n === 0 ? 'no samples' : 'no value', threshold)
  if (n !== undefined && n < rule.minSamples) return unknown(`${n} of ${rule.minSamples} samples`, threshold)
  if (problem !== undefined) return unknown(problem, threshold)

  const isPast = (number: number, than: number) =>
    rule.direction === 'above' ? number > limit(than) : number < limit(than)
  const base = baseOf(rule, before)
  for (const { severity, value: one } of rule.thresholds) {
    if (!isPast(value, one)) continue
    if (rule.comparison?.kind === 'dropped' && isPast(base!, one)) continue
    if (!isLarge(rule, value) || !isStill(rule, before, one)) continue
    if (!rule.isNaive && !isSignificant(rule, now, before, limit(one))) continue
    return { verdict: { kind: 'breach', severity }, threshold: limit(one), base }
  }
  return { verdict: { kind: isBetween() ? 'between' : 'clear' }, threshold, base }

  /** Past what is good again, and so is all else that a breach takes. */
  function isBetween(): boolean {
    if (!isPast(value!, rule.clear) || !isLarge(rule, value! / 0.9)) return false
    if (rule.comparison?.kind === 'dropped' && isPast(base!, least)) return false
    return isStill(rule, before, rule.clear) || (before?.recent?.n ?? 0) === 0
  }
}

function unknown(reason: string, threshold: number | undefined): Judgement {
  return { verdict: { kind: 'unknown', reason }, threshold }
}

/** Why there is nothing to compare with; undefined where there is. */
function cannotCompare(rule: Rule, before: Before | undefined): string | undefined {
  const { comparison } = rule
  if (comparison === undefined || comparison.kind === 'budget') return undefined
  if (comparison.kind === 'spread') {
    const { known = 0, deviation = 0 } = before?.spread ?? {}
    if (known < leastKnownWindows) return `${known} of ${leastKnownWindows} windows to compare with`
    return deviation === 0 ? 'it never was another number before' : undefined
  }
  const { value, n } = before?.observation ?? {}
  if (value === undefined) return 'nothing to compare with'
  if (n !== undefined && n < rule.minSamples) return 'too few samples to compare with'
  // Of what has no window nothing before and something now is a rise, if it is large enough.
  return value === 0 && ['previous', 'baseline'].includes(comparison.kind) ? 'it was 0 before' : undefined
}

function baseOf({ comparison }: Rule, before: Before | undefined): number | undefined {
  if (comparison?.kind === 'spread') return spreadAt(before!.spread!, 0)
  return comparison === undefined ? undefined : before?.observation?.value
}

/** A threshold as it is for what a subject is compared with, in the unit of the value. */
export function limitOf(
  { comparison, direction }: Pick<Rule, 'comparison' | 'direction'>,
  threshold: number,
  before: Before | undefined,
): number {
  switch (comparison?.kind) {
    case undefined:
    case 'dropped':
      return threshold
    case 'budget':
      return threshold * comparison.rate
    case 'spread':
      return spreadAt(before!.spread!, direction === 'above' ? threshold : -threshold)
    case 'previous':
    case 'baseline':
    case 'earlier':
      return threshold * before!.observation!.value!
  }
}

/** So many deviations from the mean. */
function spreadAt({ mean, deviation, isLog }: Spread, deviations: number): number {
  const at = mean + deviations * deviation
  return isLog ? Math.exp(at) : at
}

function isLarge({ atLeast }: Rule, value: number): boolean {
  return atLeast === undefined || value >= atLeast
}

/** Whether it goes on: in the last part of the window it is past the threshold, too. */
function isStill({ comparison }: Rule, before: Before | undefined, threshold: number): boolean {
  if (comparison?.kind !== 'budget' || comparison.alsoInMs === undefined) return true
  const { count, n } = before?.recent ?? { count: 0, n: 0 }
  return n > 0 && count / n > threshold * comparison.rate
}

/** Whether chance alone would hardly show a number past the limit. */
function isSignificant(rule: Rule, now: Observation, before: Before | undefined, limit: number): boolean {
  switch (rule.comparison?.kind) {
    case undefined:
    case 'budget':
    case 'spread':
      return isRatePast(rule, now, limit) ?? true
    case 'dropped':
      // What it was before is on the good side of the edge: that is what the bound has to lie past.
      return isRatePast(rule, now, limit) ?? isSignificantChange(rule, now, before!)
    case 'previous':
    case 'baseline':
      return isSignificantChange(rule, now, before!)
    case 'earlier':
      return true
  }
}

/** Whether the bound of a rate is past a limit, too; undefined for what is no rate. */
function isRatePast(rule: Rule, { count, n }: Observation, limit: number): boolean | undefined {
  if (count === undefined || n === undefined) return undefined
  const bound = wilsonBound(count, n, rule.direction === 'above' ? 'lower' : 'upper')
  return bound !== null && (rule.direction === 'above' ? bound > limit : bound < limit)
}

function isSignificantChange(rule: Rule, now: Observation, { observation, rise }: Before): boolean {
  const before = observation!
  const isBelow = rule.direction === 'below'
  if (isCounted(now) && isCounted(before))
    return (isBelow ? fisherDrop : fisherRise)(now, before) < significance
  if (now.count !== undefined && before.count !== undefined) {
    const probability = isBelow ? binomialDrop : binomialRise
    const days = rule.windowDays!
    const daysBefore = rule.comparison?.kind === 'baseline' ? rule.comparison.days : days
    return (
      probability(now.count, before.count, daysOf(rule, now, days), daysOf(rule, before, daysBefore)) <
      significance
    )
  }
  // Nothing is known of what it is made of: the bare number has to do.
  if (rise === undefined) return true
  return isBelow ? rise < -significantRise : rise > significantRise
}

/** Of a rate it is known how many of how many. */
function isCounted(observation: Observation): observation is Observation & Counted {
  return observation.count !== undefined && observation.n !== undefined
}

/** The days in which so many were counted: of a frequency those that were covered, of which none at all tells nothing. */
function daysOf({ metric }: Rule, { count, value }: Observation, days: number): number {
  const covered = metricOf(metric).unit === 'perDay' ? count! / value! : days
  return covered > 0 && covered < days ? covered : days
}
