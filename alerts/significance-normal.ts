/** Below it the series is exact enough, from it on the continued fraction ends soon enough. */
const far = 3

/**
 * The probability that a standard normal value is above `z`, to about 12 digits even far out.
 * Sources: G. Marsaglia, J. Stat. Soft. 11 (2004), for the series; Laplace's continued fraction for the tail.
 */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z)
  if (z < far) {
    let term = z
    let sum = z
    for (let odd = 3; term > sum * 1e-17; odd += 2) {
      term *= (z * z) / odd
      sum += term
    }
    return 0.5 - density(z) * sum
  }
  let below = z
  for (let k = 100; k > 0; k -= 1) below = z + k / below
  return density(z) / below
}

/**
 * The `z` that a standard normal value is above with probability `tail`. Throws a RangeError where that is not between
 * 0 and 1.
 */
export function normalQuantile(tail: number): number {
  if (!(tail > 0 && tail < 1)) throw new RangeError(`${tail} is no probability between 0 and 1`)
  if (tail > 0.5) return -normalQuantile(1 - tail)
  // Right of 0 the tail is convex, so that Newton's steps only go up until they are below what can be told apart.
  let z = 0
  for (;;) {
    const next = z + (normalTail(z) - tail) / density(z)
    if (next - z <= 1e-15 * next) return next
    z = next
  }
}

function density(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
}
