import { wilson } from '../core/statistics.ts'

/** Seconds. */
export interface Duration {
  n: number
  p50: number | null
  p90: number | null
}

/** A share, with its 95 % Wilson interval. */
export interface Rate {
  value: number | null
  low: number | null
  high: number | null
}

export const noDuration: Duration = { n: 0, p50: null, p90: null }
export const noRate: Rate = { value: null, low: null, high: null }

/** The same result for the same object as last time. */
export function remembered<From extends object, To>(make: (from: From) => To): (from: From) => To {
  let last: { from: From; to: To } | undefined
  return (from) => {
    if (last?.from !== from) last = { from, to: make(from) }
    return last.to
  }
}

/** Rates of a few counts, asked for again and again: each pair is computed once. */
export function rateMaker(): (count: number, of: number) => Rate {
  const rates = new Map<number, Rate>()
  return (count, of) => {
    const key = of * mostCount + count
    let rate = rates.get(key)
    if (rate === undefined) rates.set(key, (rate = rateOf(count, of)))
    return rate
  }
}

/** Two counts below it make one number. */
export const mostCount = 0x400_0000

export function rateOf(count: number, of: number): Rate {
  return { value: of === 0 ? null : count / of, ...(wilson(count, of) ?? { low: null, high: null }) }
}

export function inSeconds({ n, p50, p90 }: Duration): Duration {
  return { n, p50: seconds(p50), p90: seconds(p90) }
}

export function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000
}
