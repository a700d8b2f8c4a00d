/** So many of `n`: what failed of all deployments. */
export interface Counted {
  count: number
  n: number
}

/**
 * How probable so many are, beside those before, if the rate did not rise: the p-value of Fisher's exact test. Of all
 * that were counted in both, those of now are hypergeometric if the rate is the same, whatever it is: what was before is
 * a sample as much as what is now. 1 where nothing was counted, or everything. Throws a RangeError for what is no rate.
 * Source: R. A. Fisher, J. Royal Stat. Soc. 98 (1935).
 */
export function fisherRise(now: Counted, before: Counted): number {
  const { below, above } = around(now, before)
  return 1 / (1 + below / (1 + above))
}

/** As fisherRise: how probable so few are if the rate did not fall. */
export function fisherDrop(now: Counted, before: Counted): number {
  const { below, above } = around(now, before)
  return 1 / (1 + above / (1 + below))
}

/** How much more probable than exactly these it is that fewer, and that more of all that were counted are of now. */
function around(now: Counted, before: Counted): { below: number; above: number } {
  for (const { count, n } of [now, before])
    if (!(Number.isSafeInteger(count) && Number.isSafeInteger(n) && count >= 0 && count <= n))
      throw new RangeError(`${count} of ${n} is no rate`)
  return { below: fewer(now, before), above: fewer(before, now) }
}

/** The probabilities of count - 1, count - 2, … together, where that of `count` is 1. */
function fewer({ count, n }: Counted, other: Counted): number {
  let probability = 1
  let sum = 0
  let rest = other.count
  // Each is the one before times a factor that only falls, so what is negligible remains so.
  for (let left = count; left > 0 && probability > sum * 1e-17; left -= 1) {
    probability *= (left / (n - left + 1)) * ((other.n - rest) / (rest + 1))
    sum += probability
    rest += 1
  }
  return sum
}
