import type { Unit } from './metrics.ts'

/** How a number is distributed over windows that follow one another. */
export interface Spread {
  /** How many of the windows are known. */
  known: number
  /** Of the values, or of their logarithms. */
  mean: number
  /** The standard deviation of the same, as estimated from a sample (n - 1). */
  deviation: number
  isLog: boolean
}

/**
 * The spread of values in this unit. Durations and frequencies vary by factors, half as much about as often as twice as
 * much, so it is that of their logarithms; of these 0 has none and is left out.
 */
export function spreadOf(values: readonly number[], unit: Unit): Spread {
  const isLog = unit === 'duration' || unit === 'perDay'
  const used = isLog ? values.filter((value) => value > 0).map(Math.log) : values
  const known = used.length
  if (known < 2) return { known, mean: used[0] ?? 0, deviation: 0, isLog }
  const mean = used.reduce((sum, value) => sum + value, 0) / known
  const squares = used.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const deviation = Math.sqrt(squares / (known - 1))
  // Of equal values nothing is left but rounding.
  return { known, mean, deviation: deviation > 1e-9 * Math.abs(mean) ? deviation : 0, isLog }
}
