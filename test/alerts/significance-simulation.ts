import { binomialDrop, mannWhitney, wilsonBound } from '../../alerts/significance.ts'
import { percentileAmong } from '../../core/statistics.ts'

/** What the rules are told of a service whose true values are known, and how many of `runs` times each rule fired. */
export interface Rates {
  naive: number
  tested: number
}

type Random = () => number

function rates(runs: number, once: () => { naive: boolean; tested: boolean }): Rates {
  const fired = { naive: 0, tested: 0 }
  for (let run = 0; run < runs; run += 1) {
    const { naive, tested } = once()
    fired.naive += Number(naive)
    fired.tested += Number(tested)
  }
  return { naive: fired.naive / runs, tested: fired.tested / runs }
}

/** Of `n` deployments each fails with probability `rate`; the limit is 15 %. */
export function failRate(n: number, rate: number, runs: number, random: Random): Rates {
  const limit = 0.15
  const bounds = Array.from({ length: n + 1 }, (_, failed) => wilsonBound(failed, n, 'lower')!)
  return rates(runs, () => {
    let failed = 0
    for (let one = 0; one < n; one += 1) failed += Number(random() < rate)
    return { naive: failed / n > limit, tested: bounds[failed]! > limit }
  })
}

/** About `mean` deployments a week before and `share` of them now: less than half, or too few to be chance. */
export function frequency(mean: number, share: number, runs: number, random: Random): Rates {
  return rates(runs, () => {
    const before = poisson(mean, random)
    const now = poisson(mean * share, random)
    return { naive: now < before / 2, tested: binomialDrop(now, before, 1, 1) < 0.01 }
  })
}

/**
 * `n` changes before and as many now, which take `factor` times as long. Log-normal with σ = 1.2: one in six takes more
 * than three times the median, as lead times do.
 */
export function leadTime(n: number, factor: number, runs: number, random: Random): Rates {
  const draw = (scale: number) =>
    Float64Array.from({ length: n }, () => scale * Math.exp(1.2 * normal(random)))
  return rates(runs, () => {
    const before = draw(1)
    const now = draw(factor)
    const isSignificant = mannWhitney(now, before).z > 2.58
    const naive = percentileAmong(now, n, 0.5)! > 1.5 * percentileAmong(before, n, 0.5)!
    return { naive, tested: naive && isSignificant }
  })
}

/** Source: D. E. Knuth's multiplication of uniform values. */
function poisson(mean: number, random: Random): number {
  let count = 0
  for (let product = random(); product > Math.exp(-mean); product *= random()) count += 1
  return count
}

/** Source: G. E. P. Box and M. E. Muller (1958). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
