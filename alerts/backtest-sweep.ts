import { metricOf, type Unit } from './metrics.ts'
import { formatQuantity } from './quantity.ts'
import type { Rule } from './rule.ts'

/** How far from the rule's own the thresholds are that are tried beside it. */
const factors = [0.5, 0.7, 0.85, 1.2, 1.5, 2]
/** Of small numbers that are counted, how many more or fewer. */
const differences = [-2, -1, 1, 2, 3, 5]

/** What the thresholds of a rule are written in. */
interface Scale {
  /** What they are distances from. */
  base: number
  /** What they are below. */
  most: number
  /** Small ones are moved by whole numbers. */
  isCounted: (value: number) => boolean
  /** The next one that somebody would write. */
  readable: (value: number) => number
  text: (value: number) => string
  /** They count how far it is on the bad side: the larger, the later it fires, whatever the direction. */
  isDistance?: true
}

/** Shares of what was before: distances from that nothing changed. */
const shares: Scale = {
  base: 1,
  most: Infinity,
  isCounted: () => false,
  readable: threeDigits,
  text: (value) => `${threeDigits(100 * value)} %`,
}

function quantities(unit: Unit): Scale {
  return {
    base: 0,
    most: unit === 'rate' ? 1 : Infinity,
    isCounted: (value) => unit === 'count' && value < 10,
    readable: unit === 'duration' ? wholeHours : threeDigits,
    text: (value) => formatQuantity(value, unit),
  }
}

/** Multiples of a budget, or standard deviations. */
function plain(suffix: string, most = Infinity): Scale {
  return {
    base: 0,
    most,
    isCounted: () => false,
    readable: threeDigits,
    text: (value) => `${threeDigits(value)}${suffix}`,
    isDistance: true,
  }
}

function scaleOf({ metric, comparison }: Rule): Scale {
  switch (comparison?.kind) {
    case undefined:
    case 'dropped':
      return quantities(metricOf(metric).unit)
    case 'budget':
      // With all of them nothing is past it.
      return plain('x', 1 / comparison.rate)
    case 'spread':
      return plain('sd')
    default:
      return shares
  }
}

/**
 * The rule with thresholds around its own, from the one that fires first on. Severities and the clear threshold move
 * along. The rule itself is among them as it is.
 */
export function sweepOf(rule: Rule): Rule[] {
  const own = leastOf(rule)
  const { base, most, isCounted, readable, isDistance } = scaleOf(rule)
  const moves = isCounted(own)
    ? differences.map((by) => (value: number) => value + by)
    : factors.map((factor) => (value: number) => base + (value - base) * factor)
  const variants = new Map<number, Rule>()
  for (const move of moves) {
    const least = readable(move(own))
    const isPossible = least < most && (rule.direction === 'above' ? least >= 0 : least > 0)
    if (isPossible && !isSame(least, own)) variants.set(least, movedTo(rule, move, least))
  }
  variants.set(own, rule)
  const order = rule.direction === 'above' || isDistance ? 1 : -1
  return [...variants].sort(([a], [b]) => order * (a - b)).map(([, variant]) => variant)
}

/** The threshold from which on it fires. */
export function leastOf({ thresholds }: Rule): number {
  return thresholds.at(-1)!.value
}

/** As it would be written in a rule, near enough: `above 15 %`, `above elite: 5 %`. */
export function thresholdText(rule: Rule, value = leastOf(rule)): string {
  const edge = rule.thresholds.find((each) => each.value === value)?.edge
  const name = edge === undefined ? '' : `${edge}: `
  return `${rule.direction} ${name}${scaleOf(rule).text(value)}`
}

function movedTo(rule: Rule, move: (value: number) => number, least: number): Rule {
  const own = leastOf(rule)
  const usual = rule.direction === 'above' || scaleOf(rule).isDistance ? 0.9 : 1.1
  // Where nothing was said about it, it is what it would be of the other threshold.
  const clear = isSame(rule.clear, own * usual) ? least * usual : move(rule.clear)
  // What is moved is no edge of a band any more.
  const thresholds = rule.thresholds.map(({ severity, value }) => ({
    severity,
    value: value === own ? least : move(value),
  }))
  return { ...rule, thresholds, clear: Math.max(0, clear) }
}

function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b))
}

function threeDigits(value: number): number {
  return Number(value.toPrecision(3))
}

/** Seconds; of what is shorter than ten hours whole minutes. */
function wholeHours(seconds: number): number {
  const step = [3600, 60].find((each) => seconds >= 10 * each) ?? 1
  return Math.round(seconds / step) * step
}
