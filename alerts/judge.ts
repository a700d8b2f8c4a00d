import type { Observation } from './observation.ts'
import type { Rule } from './rule.ts'
import { binomialDrop, binomialRise, wilsonBound } from './significance.ts'
import type { Verdict } from './state.ts'

/** What a number is compared with: the same one window before, and the samples of both where they are asked for. */
export interface Before {
  observation: Observation | undefined
  /** How much more often a sample of now is larger than one of before than chance would have it; a normal score. */
  rise(): number | undefined
}

/** Below this an exact test's difference is no chance. */
const significance = 0.01
/** The normal score of the same. */
const significantRise = 2.58

export interface Judgement {
  verdict: Verdict
  /** The threshold that was reached, or the first that would be; in the unit of the value. */
  threshold: number
}

/** What a rule says of a subject: pure, so that a rule can be tried on any stretch of the past. */
export function judge(rule: Rule, now: Observation, before: Before | undefined): Judgement {
  const { value, n } = now
  const base = rule.isRelative ? before?.observation?.value : 1
  const least = rule.thresholds.at(-1)!.value
  if (value === undefined) return unknown(n === 0 ? 'no samples' : 'no value', least)
  if (n !== undefined && n < rule.minSamples) return unknown(`${n} of ${rule.minSamples} samples`, least)
  if (base === undefined) return unknown('nothing to compare with', least)
  if (rule.isRelative && before?.observation?.n !== undefined && before.observation.n < rule.minSamples)
    return unknown('too few samples to compare with', least)
  if (base === 0 && rule.isRelative) return unknown('it was 0 before', least)
  const isPast = (than: number) => (rule.direction === 'above' ? value > than : value < than)
  for (const { severity, value: threshold } of rule.thresholds) {
    if (!isPast(threshold * base)) continue
    if (!rule.isNaive && !isSignificant(rule, now, before, threshold)) continue
    return { verdict: { kind: 'breach', severity }, threshold: threshold * base }
  }
  const kind = isPast(rule.clear * base) ? 'between' : 'clear'
  return { verdict: { kind }, threshold: least * base }
}

function unknown(reason: string, threshold: number): Judgement {
  return { verdict: { kind: 'unknown', reason }, threshold }
}

/** Whether chance alone would hardly show a number past the threshold. */
function isSignificant(rule: Rule, now: Observation, before: Before | undefined, threshold: number): boolean {
  if (rule.isRelative) return isSignificantChange(rule, now, before!)
  if (now.count === undefined || now.n === undefined) return true
  const bound = wilsonBound(now.count, now.n, rule.direction === 'above' ? 'lower' : 'upper')
  return bound !== null && (rule.direction === 'above' ? bound > threshold : bound < threshold)
}

function isSignificantChange(rule: Rule, now: Observation, { observation, rise }: Before): boolean {
  const before = observation!
  if (now.n === undefined && now.count !== undefined && before.count !== undefined) {
    const days = rule.windowDays!
    const probability = rule.direction === 'below' ? binomialDrop : binomialRise
    const p = probability(now.count, before.count, days, days)
    return p < significance
  }
  if (now.count !== undefined && before.count !== undefined && now.n !== undefined) {
    // A rate: what it was before is the limit that its bound has to lie past.
    const bound = wilsonBound(now.count, now.n, rule.direction === 'above' ? 'lower' : 'upper')
    return bound !== null && (rule.direction === 'above' ? bound > before.value! : bound < before.value!)
  }
  const score = rise()
  // Nothing is known of what it is made of: the bare number has to do.
  if (score === undefined) return true
  return rule.direction === 'above' ? score > significantRise : score < -significantRise
}
