import { formatQuantity } from './quantity.ts'
import { metricOf } from './metrics.ts'
import type { Rule } from './rule.ts'

/** How far from the rule's own the thresholds are that are tried beside it. */
const factors = [0.5, 0.7, 0.85, 1, 1.2, 1.5, 2]
/** Of small numbers that are counted, how many more or fewer. */
const differences = [-2, -1, 0, 1, 2, 3, 5]
const small = 10

/**
 * The rule with thresholds around its own, from the one that fires first on. Severities and the clear threshold move
 * along. The rule itself is among them as it is.
 */
export function sweepOf(rule: Rule): Rule[] {
  const own = leastOf(rule)
  const isCounted = !rule.isRelative && metricOf(rule.metric).unit === 'count' && own < small
  const moves = isCounted
    ? differences.map((by) => (value: number) => value + by)
    : factors.map((factor) => (value: number) => base(rule) + (value - base(rule)) * factor)
  const variants = new Map<number, Rule>()
  for (const move of moves) {
    const least = readable(rule, move(own))
    if (isSame(least, own) || !isPossible(rule, least)) continue
    variants.set(least, movedTo(rule, move, least))
  }
  variants.set(own, rule)
  const order = rule.direction === 'above' ? 1 : -1
  return [...variants].sort(([a], [b]) => order * (a - b)).map(([, variant]) => variant)
}

/** The threshold from which on it fires. */
export function leastOf({ thresholds }: Rule): number {
  return thresholds.at(-1)!.value
}

/** As it would be written in a rule, near enough: `above 15 %`. */
export function thresholdText(rule: Rule, value = leastOf(rule)): string {
  const text = rule.isRelative
    ? `${rounded(100 * value)} %`
    : formatQuantity(value, metricOf(rule.metric).unit)
  return `${rule.direction} ${text}`
}

/** What thresholds are distances from: of shares of what was before, that nothing changed. */
function base({ isRelative }: Rule): number {
  return isRelative ? 1 : 0
}

function movedTo(rule: Rule, move: (value: number) => number, least: number): Rule {
  const own = leastOf(rule)
  const usual = rule.direction === 'above' ? 0.9 : 1.1
  // Where nothing was said about it, it is what it would be of the other threshold.
  const clear = isSame(rule.clear, own * usual) ? least * usual : move(rule.clear)
  const thresholds = rule.thresholds.map((each) => ({
    ...each,
    value: each.value === own ? least : move(each.value),
  }))
  return { ...rule, thresholds, clear: Math.max(0, clear) }
}

function isPossible(rule: Rule, least: number): boolean {
  if (least < 0 || (least === 0 && rule.direction === 'below')) return false
  return rule.isRelative || metricOf(rule.metric).unit !== 'rate' || least < 1
}

function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b))
}

/** A threshold that somebody would write. */
function readable(rule: Rule, value: number): number {
  if (rule.isRelative || metricOf(rule.metric).unit !== 'duration') return rounded(value)
  const step = [3600, 60].find((seconds) => value >= 10 * seconds) ?? 1
  return Math.round(value / step) * step
}

function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
