import data from './band-editions.json' with { type: 'json' }

/** A State of DevOps report whose tiers are used. The 2025 report has none, and none are invented for it. */
export type Edition = keyof typeof data

export type Band = 'elite' | 'high' | 'medium' | 'low'

export type BandMetric = 'deploymentFrequency' | 'leadTime' | 'changeFailRate' | 'recoveryTime'

/** How one metric is graded: a value reaches the first tier whose bound it satisfies, else it is low. */
export interface Grading {
  comparison: '>=' | '<' | '<='
  elite: number
  high: number
  medium: number
}

/** In the units of the report: deployments per day, seconds, a rate from 0 to 1, seconds. */
export type Bands = Record<BandMetric, Grading>

export const editions = Object.keys(data) as Edition[]

/** The tiers of an edition. */
export function bandsOf(edition: Edition): Bands {
  return gradings[edition]
}

/**
 * The tier of a value in the report's units (lead time and recovery time: their p50). Null has none.
 * Source: the tiers of the 2023 and 2021 State of DevOps reports.
 */
export function bandOf(metric: BandMetric, value: number | null, edition: Edition): Band | null {
  if (value === null) return null
  const grading = gradings[edition][metric]
  for (const band of ['elite', 'high', 'medium'] as const) {
    if (satisfies(value, grading.comparison, grading[band])) return band
  }
  return 'low'
}

function satisfies(value: number, comparison: Grading['comparison'], bound: number): boolean {
  if (comparison === '>=') return value >= bound
  return comparison === '<' ? value < bound : value <= bound
}

const gradings = Object.fromEntries(editions.map((edition) => [edition, bandsFrom(data[edition])])) as Record<
  Edition,
  Bands
>

function bandsFrom(edition: (typeof data)[Edition]): Bands {
  return {
    deploymentFrequency: graded('>=', edition.deploymentFrequency.oncePerDays, (days) => 1 / days),
    leadTime: graded('<', edition.leadTime.underHours, (hours) => hours * 3600),
    changeFailRate: graded('<=', edition.changeFailRate.atMostPercent, (percent) => percent / 100),
    recoveryTime: graded('<', edition.recoveryTime.underHours, (hours) => hours * 3600),
  }
}

function graded(
  comparison: Grading['comparison'],
  bounds: readonly number[],
  convert: (bound: number) => number,
): Grading {
  const [elite = Number.NaN, high = Number.NaN, medium = Number.NaN] = bounds.map(convert)
  return { comparison, elite, high, medium }
}
