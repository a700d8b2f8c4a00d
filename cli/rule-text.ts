import { thresholdText } from '../alerts/backtest-sweep.ts'
import { metricOf } from '../alerts/metrics.ts'
import { formatQuantity } from '../alerts/quantity.ts'
import type { Rule } from '../alerts/rule.ts'
import { formatDuration } from '../core/duration.ts'

/** `changeFailRate, 30d, above 15 % (warning), above 30 % (critical), for 2h`, in the words of the configuration. */
export function ruleText(rule: Rule): string {
  const thresholds = rule.thresholds
    .toReversed()
    .map(({ severity, value }) => `${thresholdText(rule, value)} (${severity})`)
  return [
    rule.metric,
    ...(rule.windowDays === undefined ? [] : [`${rule.windowDays}d`]),
    ...thresholds,
    ...comparisonTexts(rule),
    ...(rule.forMs === 0 ? [] : [`for ${formatDuration(rule.forMs)}`]),
    ...(rule.keepFiringForMs === 0 ? [] : [`keepFiringFor ${formatDuration(rule.keepFiringForMs)}`]),
    ...(rule.isNaive ? ['test naive'] : []),
  ].join(', ')
}

/** What the thresholds are shares, deviations or multiples of. */
function comparisonTexts({ metric, comparison, atLeast }: Rule): string[] {
  const least = atLeast === undefined ? [] : [`atLeast ${formatQuantity(atLeast, metricOf(metric).unit)}`]
  switch (comparison?.kind) {
    case undefined:
      return least
    case 'previous':
    case 'dropped':
      return ['comparedWith previous', ...least]
    case 'baseline':
      return [`comparedWith ${comparison.days}d`, ...least]
    case 'spread':
      return [`comparedWith ${comparison.windows} windows`, ...least]
    case 'earlier':
      return [`comparedWith ${formatDuration(comparison.agoMs)}`, ...least]
    case 'budget': {
      const { rate, alsoInMs } = comparison
      const also = alsoInMs === undefined ? [] : [`alsoIn ${formatDuration(alsoInMs)}`]
      return [`budget ${formatQuantity(rate, 'rate')}`, ...also]
    }
  }
}
