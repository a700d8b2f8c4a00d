import { wilson } from '../core/statistics.ts'
import { normalQuantile, normalTail } from './significance-normal.ts'

const usualConfidence = 0.95
/** Worked out once: every rate of every rule asks for it. */
const usualQuantile = normalQuantile(1 - usualConfidence)

/**
 * The bound of the Wilson score interval: with `confidence`, the true rate of which `successes` out of `n` came is
 * above the lower one, or below the upper one. Between 0 and 1; null where n is 0. Throws a RangeError for counts that
 * cannot be, and for a confidence that is not between 0.5 and 1.
 * Source: E. B. Wilson, JASA 22 (1927).
 */
export function wilsonBound(
  successes: number,
  n: number,
  side: 'lower' | 'upper',
  confidence = usualConfidence,
): number | null {
  if (!(successes >= 0 && successes <= n)) throw new RangeError(`${successes} of ${n} is no rate`)
  if (!(confidence >= 0.5 && confidence < 1))
    throw new RangeError(`${confidence} is no confidence between 0.5 and 1`)
  const z = confidence === usualConfidence ? usualQuantile : normalQuantile(1 - confidence)
  const interval = wilson(successes, n, z)
  return interval && (side === 'lower' ? interval.low : interval.high)
}

/**
 * How probable so few events are, beside those before, if the rate did not fall: the p-value of the exact conditional
 * test of two Poisson rates. Of all events, those `now` are binomial, with the share of the exposure as probability.
 * Exposures are what the counts are of, in any one unit: days, weeks, deployments. 1 where nothing was counted. Throws
 * a RangeError for what is no count, and for an exposure that is not above 0.
 * Source: J. Przyborowski and H. Wilenski, Biometrika 31 (1940).
 */
export function binomialDrop(
  now: number,
  before: number,
  exposureNow: number,
  exposureBefore: number,
): number {
  for (const count of [now, before])
    if (!(Number.isSafeInteger(count) && count >= 0)) throw new RangeError(`${count} is no count`)
  for (const exposure of [exposureNow, exposureBefore])
    if (!(exposure > 0 && exposure < Infinity)) throw new RangeError(`${exposure} is no exposure`)
  // How much more probable than exactly `now` it is that fewer, and that more of all events fall there. As multiples of
  // that one probability they need no factorials: a sum too large for a number is infinite, and the p-value 0.
  const odds = exposureNow / exposureBefore
  const below = fewer(now, before, odds)
  const above = fewer(before, now, 1 / odds)
  return 1 / (1 + above / (1 + below))
}

/** As binomialDrop: how probable so many events are if the rate did not rise, so that before is not a drop from now. */
export function binomialRise(
  now: number,
  before: number,
  exposureNow: number,
  exposureBefore: number,
): number {
  return binomialDrop(before, now, exposureBefore, exposureNow)
}

/** The probabilities of count - 1, count - 2, … together, where that of `count` is 1. */
function fewer(count: number, rest: number, odds: number): number {
  let probability = 1
  let sum = 0
  // Each is the one before times a factor that only falls, so what is negligible remains so.
  for (let left = count; left > 0 && probability > sum * 1e-17; left -= 1) {
    probability *= left / ((rest + count - left + 1) * odds)
    sum += probability
  }
  return sum
}

/**
 * Whether values of `a` are larger than those of `b`, whatever their distribution: the Mann-Whitney U test, normal
 * approximation with corrections for ties and continuity. `p` is one-sided, and `z` how many standard deviations U lies
 * above what equal distributions give. Without values on a side, or where all are the same, nothing speaks for it: z is
 * 0 and p is 1. NaN is no value. Takes O(n log n), and leaves `a` and `b` as they are.
 * Source: H. B. Mann and D. R. Whitney, Ann. Math. Stat. 18 (1947).
 */
export function mannWhitney(a: Float64Array, b: Float64Array): { z: number; p: number } {
  const left = sorted(a)
  const right = sorted(b)
  const { wins, ties } = compare(left, right)
  const pairs = left.length * right.length
  const count = left.length + right.length
  const variance = (pairs / 12) * (count + 1 - ties / (count * (count - 1)))
  // A quarter of the pairs at least, but where all are the same: then nothing is left of it but rounding.
  if (!(variance > pairs / 8)) return { z: 0, p: 1 }
  const z = (wins - pairs / 2 - 0.5) / Math.sqrt(variance)
  return { z, p: normalTail(z) }
}

/** A copy in order, without what is no value: that sorts behind all others. */
function sorted(values: Float64Array): Float64Array {
  const copy = values.slice().sort()
  let { length } = copy
  while (length > 0 && Number.isNaN(copy[length - 1])) length -= 1
  return copy.subarray(0, length)
}

/**
 * Of all pairs of two ascending lists, in how many the first is larger (equal ones count half), and the sum of t³ - t
 * over the t values that are the same.
 */
function compare(a: Float64Array, b: Float64Array): { wins: number; ties: number } {
  let wins = 0
  let ties = 0
  let inA = 0
  let inB = 0
  while (inA < a.length || inB < b.length) {
    const value = Math.min(a[inA] ?? Infinity, b[inB] ?? Infinity)
    const [startA, startB] = [inA, inB]
    while (inA < a.length && a[inA] === value) inA += 1
    while (inB < b.length && b[inB] === value) inB += 1
    const [ofA, ofB] = [inA - startA, inB - startB]
    wins += ofA * (startB + ofB / 2)
    ties += (ofA + ofB) ** 3 - (ofA + ofB)
  }
  return { wins, ties }
}
