import { metricOf } from './metrics.ts'
import { formatQuantity } from './quantity.ts'
import type { Rule } from './rule.ts'

/** What a metric was, as it is told beside what it is. */
export interface Past {
  /** One window before. */
  windowBefore: number | undefined
  /** At the ends of the last weeks, the oldest first. */
  weeks: readonly (number | undefined)[]
}

/** How a number got to what it is. A rule that compares with the window before tells that by itself. */
export function trendOf(
  rule: Rule,
  value: number | undefined,
  { windowBefore, weeks }: Past,
): { name: string; text: string }[] {
  const { unit } = metricOf(rule.metric)
  const text = (number: number | undefined) => (number === undefined ? '–' : formatQuantity(number, unit))
  const told = []
  if (windowBefore !== undefined && !['previous', 'dropped'].includes(rule.comparison?.kind ?? ''))
    told.push({ name: `The ${rule.windowDays}d before`, text: text(windowBefore) })
  const first = weeks.findIndex((week) => week !== undefined)
  if (first >= 0)
    told.push({ name: 'Trend, weekly', text: [...weeks.slice(first), value].map(text).join(' → ') })
  return told
}
