import { formatDuration } from '../core/duration.ts'
import { metricOf } from './metrics.ts'
import { formatQuantity } from './quantity.ts'
import type { Rule } from './rule.ts'

const short = (number: number) => String(Number(number.toPrecision(3)))

/** What a rule asks for, in one line: `leadTime p90, 30d, above 150 % (warning) of the 30d before, at least 4h`. */
export function ruleText(rule: Rule): string {
  const { windowDays, forMs, keepFiringForMs, isNaive, atLeast, metric } = rule
  const { unit } = metricOf(metric)
  return [
    metricText(rule),
    ...(windowDays === undefined ? [] : [`${windowDays}d`]),
    `${limitsText(rule)}${againstText(rule)}`,
    ...(atLeast === undefined ? [] : [`at least ${formatQuantity(atLeast, unit)}`]),
    ...(forMs === 0 ? [] : [`for ${formatDuration(forMs)}`]),
    ...(keepFiringForMs === 0 ? [] : [`keepFiringFor ${formatDuration(keepFiringForMs)}`]),
    ...(isNaive ? ['not tested'] : []),
  ].join(', ')
}

/** A metric, with its percentile where that is not the usual one. */
export function metricText({ metric, aggregate }: Pick<Rule, 'metric' | 'aggregate'>): string {
  return aggregate === Object.keys(metricOf(metric).fields)[0] ? metric : `${metric} ${aggregate}`
}

function limitsText({ direction, thresholds, comparison, metric }: Rule): string {
  const texts = thresholds.toReversed().map(({ severity, value, edge }) => {
    const limit = edge ?? limitText(value, comparison, metric)
    return thresholds.length === 1 ? limit : `${limit} (${severity})`
  })
  return `${direction} ${texts.join(', ')}`
}

function limitText(value: number, comparison: Rule['comparison'], metric: Rule['metric']): string {
  switch (comparison?.kind) {
    case undefined:
    case 'dropped':
      return formatQuantity(value, metricOf(metric).unit)
    case 'budget':
      return `${short(value)}x`
    case 'spread':
      return `${short(value)}sd`
    case 'previous':
    case 'baseline':
    case 'earlier':
      return `${short(100 * value)} %`
  }
}

function againstText({ comparison, windowDays }: Rule): string {
  switch (comparison?.kind) {
    case undefined:
      return ''
    case 'dropped':
      return `, and not ${windowDays}d before`
    case 'budget': {
      const { rate, alsoInMs } = comparison
      const also = alsoInMs === undefined ? '' : `, also in the last ${formatDuration(alsoInMs)}`
      return ` of a budget of ${short(100 * rate)} %${also}`
    }
    case 'spread':
      return ` from the ${comparison.windows} windows before`
    case 'previous':
      return ` of the ${windowDays}d before`
    case 'baseline':
      return ` of the ${comparison.days}d before`
    case 'earlier':
      return ` of what it was ${formatDuration(comparison.agoMs)} ago`
  }
}

/** What a rule that compares calls what it compares with. */
export function baseText({ comparison, windowDays }: Pick<Rule, 'comparison' | 'windowDays'>): string {
  switch (comparison?.kind) {
    case 'previous':
    case 'dropped':
      return `The ${windowDays}d before`
    case 'baseline':
      return `The ${comparison.days}d before`
    case 'spread':
      return `Mean of ${comparison.windows} windows before`
    case 'earlier':
      return `${formatDuration(comparison.agoMs)} before`
    case 'budget':
    case undefined:
      return 'Before'
  }
}
