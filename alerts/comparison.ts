import { formatDuration, parseDuration } from '../core/duration.ts'
import { Rejected } from '../core/errors.ts'
import { metricOf, type MetricName } from './metrics.ts'
import { parseQuantity } from './quantity.ts'
import type { Scale } from './threshold.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000

/** What the thresholds of a rule are measured against, where it is not the number itself. */
export type Comparison =
  /** Shares of what it was one window before. */
  | { kind: 'previous' }
  /** An edge that it was not past one window before. */
  | { kind: 'dropped' }
  /** Shares of what it was over so many days, which ended one window before. */
  | { kind: 'baseline'; days: number }
  /** Standard deviations from the mean of so many windows, one after the other, the last of which ended one before. */
  | { kind: 'spread'; windows: number }
  /** Shares of what it was so long ago, of what has no window. */
  | { kind: 'earlier'; agoMs: number }
  /** Multiples of the rate that may fail; also in the last part of the window, if that is asked. */
  | { kind: 'budget'; rate: number; alsoInMs: number | undefined }

/** What of a rule it depends on, as it is written. */
export interface Compared {
  metric: MetricName
  per: 'service' | 'team' | 'organization'
  windowDays: number | undefined
  direction: 'above' | 'below'
  comparedWith?: 'previous' | number | undefined
  budget?: string | number | undefined
  alsoIn?: number | undefined
}

/** Tells of a problem with a key. */
export type Tell = (key: string, message: string) => void

/** So many windows a mean and a deviation need; and so many of them have to be known. */
const leastWindows = 8
export const leastKnownWindows = 6

/** `previous`, or a span in ms. Throws Rejected. */
export function readComparedWith(text: string): 'previous' | number {
  if (text === 'previous') return text
  try {
    return parseDuration(text)
  } catch {
    throw new Rejected(`${text} is nothing to compare with; write previous, or a span such as 90d`)
  }
}

/** What the thresholds of a rule may be written in. */
export function scalesOf({ metric, comparedWith, budget }: Compared): readonly Scale[] {
  if (budget !== undefined) return ['multiple']
  if (comparedWith === undefined) return ['value', 'band']
  if (comparedWith === 'previous') return ['share', 'band']
  return metricOf(metric).hasWindow ? ['share', 'deviations'] : ['share']
}

/** What a rule with thresholds of this scale compares with; tells what does not go together. */
export function comparisonOf(rule: Compared, scale: Scale, tell: Tell): Comparison | undefined {
  const { comparedWith, budget, alsoIn } = rule
  if (budget !== undefined) return budgetOf(rule, budget, tell)
  if (alsoIn !== undefined) tell('alsoIn', 'goes with a budget only; write budget: 15%, or leave it out')
  if (comparedWith === undefined) return undefined
  const { hasWindow } = metricOf(rule.metric)
  if (comparedWith !== 'previous')
    return hasWindow ? pastOf(rule, comparedWith, scale, tell) : earlierOf(rule, comparedWith, tell)
  if (!hasWindow)
    tell(
      'comparedWith',
      `${rule.metric} has no window, so there is none before; write how long ago, such as 1d`,
    )
  return { kind: scale === 'band' ? 'dropped' : 'previous' }
}

function budgetOf(
  { metric, per, windowDays, direction, ...rule }: Compared,
  text: string | number,
  tell: Tell,
) {
  if (metric !== 'changeFailRate' && metric !== 'reworkRate')
    tell('budget', `${metric} has none; it goes with changeFailRate and reworkRate`)
  if (direction === 'below') tell('below', 'a budget burns too fast, not too slowly; write above')
  if (rule.comparedWith !== undefined)
    tell('comparedWith', 'goes without a budget: the thresholds are multiples of that')
  let rate = 1
  try {
    rate = parseQuantity(text, 'rate')
    if (rate === 0) tell('budget', 'is nothing: any failure would be too many; write changeFailRate above 0%')
  } catch (error) {
    tell('budget', (error as Error).message)
  }
  const { alsoIn } = rule
  if (alsoIn !== undefined) {
    if (alsoIn === 0 || alsoIn % hourMs !== 0) tell('alsoIn', 'is no number of whole hours, such as 6h or 1d')
    if (alsoIn >= (windowDays ?? 0) * dayMs)
      tell('alsoIn', `is not shorter than the window of ${windowDays}d; write 1d`)
    if (per !== 'service') tell('alsoIn', 'counts the deployments of a service; write per: service')
  }
  return { kind: 'budget', rate, alsoInMs: alsoIn } as const
}

/** Of what has a window: the days before the current one. */
function pastOf({ metric, windowDays }: Compared, span: number, scale: Scale, tell: Tell): Comparison {
  const days = span / dayMs
  const ownDays = windowDays ?? 1
  if (!Number.isInteger(days)) tell('comparedWith', 'is no number of whole days, such as 90d')
  if (scale === 'deviations') {
    const windows = Math.floor(days / ownDays)
    if (windows < leastWindows)
      tell(
        'comparedWith',
        `${windows} windows of ${ownDays}d fit into ${formatDuration(span)}, and a standard deviation needs ` +
          `${leastWindows}; write comparedWith: ${leastWindows * ownDays}d, or a shorter window`,
      )
    return { kind: 'spread', windows }
  }
  const { unit, n, measurement } = metricOf(metric)
  if (days <= ownDays)
    tell('comparedWith', `is not longer than the window of ${ownDays}d; write previous, or more days`)
  if (measurement === 'dora_flow')
    tell('comparedWith', `${metric} is kept for one window only; write previous, or thresholds such as 3sd`)
  else if (unit === 'count' && n === undefined)
    tell(
      'comparedWith',
      `${metric} is counted over its window, and more in a longer one; write previous, or thresholds such as 3sd`,
    )
  return { kind: 'baseline', days }
}

/** Of what has no window. */
function earlierOf({ metric, direction }: Compared, agoMs: number, tell: Tell): Comparison {
  const { measurement } = metricOf(metric)
  if (measurement === 'dora_state')
    tell('comparedWith', `of ${metric} only the last hour is kept; write a quantity`)
  if (direction === 'below') tell('below', `${metric} is compared for a rise only; write above`)
  if (agoMs === 0 || agoMs % hourMs !== 0)
    tell('comparedWith', 'is no number of whole hours, such as 6h or 1d')
  else if (measurement !== 'dora_pipeline' && agoMs % dayMs !== 0)
    tell('comparedWith', `of ${metric} one number a day is kept; write whole days, such as 1d`)
  return { kind: 'earlier', agoMs }
}

/** Whether it takes more than the points of the instant. */
export function isRelative(comparison: Comparison | undefined): boolean {
  if (comparison?.kind === 'budget') return comparison.alsoInMs !== undefined
  return comparison !== undefined
}
