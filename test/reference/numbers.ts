/** "Percentiles interpolate linearly between closest ranks (`PERCENTILE_CONT`)"; null where there is none. */
export function percentile(samples: readonly number[], share: number): number | null {
  const sorted = [...samples].sort((a, b) => a - b)
  const rank = share * (sorted.length - 1)
  const below = sorted[Math.floor(rank)]
  const above = sorted[Math.ceil(rank)]
  if (below === undefined || above === undefined) return null
  return below + (above - below) * (rank - Math.floor(rank))
}

export interface Rate {
  value: number | null
  low: number | null
  high: number | null
}

/** "Every rate comes with its counts and a 95 % Wilson interval (z = 1.959963984540054)." */
export function rate(part: number, whole: number): Rate {
  if (whole === 0) return { value: null, low: null, high: null }
  const z = 1.959963984540054
  const share = part / whole
  const middle = (share + (z * z) / (2 * whole)) / (1 + (z * z) / whole)
  const spread = Math.sqrt((share * (1 - share)) / whole + (z * z) / (4 * whole * whole))
  const half = (z * spread) / (1 + (z * z) / whole)
  return { value: share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

const hour = 3600
const day = 24 * hour

type Band = 'elite' | 'high' | 'medium' | 'low'

export interface Bands {
  deploymentFrequency: Band | null
  leadTime: Band | null
  changeFailRate: Band | null
  recoveryTime: Band | null
}

interface Edition {
  /** Deployments per day at least. */
  deploymentFrequency: [number, number, number]
  /** Seconds, less than. */
  leadTime: [number, number, number]
  /** A share, at most. */
  changeFailRate: [number, number, number]
  /** Seconds, less than. */
  recoveryTime: [number, number, number]
}

const editions: Record<'2023' | '2021', Edition> = {
  '2023': {
    deploymentFrequency: [1, 1 / 7, 1 / 30],
    leadTime: [day, 7 * day, 30 * day],
    changeFailRate: [0.05, 0.1, 0.15],
    recoveryTime: [hour, day, 7 * day],
  },
  '2021': {
    deploymentFrequency: [1, 1 / 30, 1 / 180],
    leadTime: [hour, 7 * day, 180 * day],
    changeFailRate: [0.15, 0.2, 0.3],
    recoveryTime: [hour, day, 7 * day],
  },
}

/** The first of elite, high and medium whose limit holds, else low. "Null has no band." */
function band(
  value: number | null,
  limits: [number, number, number],
  holds: (value: number, limit: number) => boolean,
): Band | null {
  if (value === null) return null
  if (holds(value, limits[0])) return 'elite'
  if (holds(value, limits[1])) return 'high'
  return holds(value, limits[2]) ? 'medium' : 'low'
}

const atLeast = (value: number, limit: number): boolean => value >= limit
const atMost = (value: number, limit: number): boolean => value <= limit
const lessThan = (value: number, limit: number): boolean => value < limit

export function bands(
  edition: '2023' | '2021',
  values: {
    deploymentFrequency: number | null
    leadTime: number | null
    changeFailRate: number | null
    recoveryTime: number | null
  },
): Bands {
  const limits = editions[edition]
  return {
    deploymentFrequency: band(values.deploymentFrequency, limits.deploymentFrequency, atLeast),
    leadTime: band(values.leadTime, limits.leadTime, lessThan),
    changeFailRate: band(values.changeFailRate, limits.changeFailRate, atMost),
    recoveryTime: band(values.recoveryTime, limits.recoveryTime, lessThan),
  }
}
