import type { Edition } from '../core/bands.ts'
import { messageOf } from '../core/errors.ts'
import { comparisonOf, scalesOf, type Compared, type Comparison, type Tell } from './comparison.ts'
import { severities, type Severity } from './message.ts'
import { metricOf, type MetricName } from './metrics.ts'
import { parseQuantity } from './quantity.ts'
import { edgeOf, readThreshold, type Edge, type Scale, type Threshold } from './threshold.ts'

/** Past what it is bad, and back to what it is good again. */
export interface Limits {
  comparison: Comparison | undefined
  /**
   * From the most severe down: in the unit of the points; where the rule compares, shares of what it compares with, or
   * standard deviations; with a budget, multiples of it.
   */
  thresholds: readonly { severity: Severity; value: number; edge?: Edge }[]
  /** In the same. */
  clear: number
  /** The number itself has to be as much, too; in the unit of the points. */
  atLeast: number | undefined
}

type Quantity = string | number

/** What of a rule its limits are made of, as it is written. */
export interface Written extends Compared {
  aggregate: string
  above?: Quantity | Partial<Record<Severity, Quantity>> | undefined
  below?: Quantity | Partial<Record<Severity, Quantity>> | undefined
  clear?: Quantity | undefined
  atLeast?: Quantity | undefined
  severity: Severity
}

/** The limits of a rule; tells what is wrong with them. */
export function limitsOf(rule: Written, tell: Tell): Limits {
  const { direction } = rule
  const asked = { ...rule, scales: scalesOf(rule) }
  const read = (key: string, text: Quantity): Threshold | undefined => {
    try {
      return readThreshold(text, asked)
    } catch (error) {
      tell(key, messageOf(error))
      return undefined
    }
  }
  const written = rule[direction] ?? {}
  const thresholds = Object.entries(typeof written === 'object' ? written : { [rule.severity]: written })
    .flatMap(([severity, text]) => {
      const threshold = read(direction, text)
      return threshold ? [{ severity: severity as Severity, ...threshold }] : []
    })
    .sort((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity))
  const isEmpty = typeof written === 'object' && Object.keys(written).length === 0
  if (isEmpty && rule[direction] !== undefined) tell(direction, 'has no threshold')
  const scale = thresholds[0]?.scale ?? asked.scales[0]!
  if (thresholds.some((each) => each.scale !== scale))
    tell(direction, 'is written in two ways; write all severities in the same')
  checkOrder(rule, scale, thresholds, tell)
  const comparison = comparisonOf(rule, scale, tell)
  checkSense(rule, comparison, scale, thresholds, tell)
  return {
    comparison,
    thresholds: thresholds.map(({ severity, value, edge }) => ({ severity, value, ...(edge && { edge }) })),
    clear: clearOf(rule, scale, thresholds.at(-1)?.value ?? 0, read, tell),
    atLeast: atLeastOf(rule, comparison, tell),
  }
}

/** With the edges of bands as an edition has them. */
export function inEdition<Rule extends Limits & { metric: MetricName; direction: 'above' | 'below' }>(
  rule: Rule,
  edition: Edition,
): Rule {
  if (rule.thresholds.every(({ edge }) => edge === undefined)) return rule
  const thresholds = rule.thresholds.map((each) => ({
    ...each,
    value: each.edge === undefined ? each.value : edgeOf(rule.metric, each.edge, edition),
  }))
  return { ...rule, thresholds, clear: usualClear(rule.direction, 'band', thresholds.at(-1)!.value) }
}

/** Whether one threshold is worse than another: deviations are counted in the direction that is bad. */
function isFurther(direction: 'above' | 'below', scale: Scale, value: number, than: number): boolean {
  return direction === 'above' || scale === 'deviations' ? value > than : value < than
}

function checkOrder(
  { direction }: Written,
  scale: Scale,
  thresholds: readonly { severity: Severity; value: number }[],
  tell: Tell,
): void {
  for (const [index, { severity, value }] of thresholds.entries()) {
    const next = thresholds[index + 1]
    if (next && !isFurther(direction, scale, value, next.value))
      tell(direction, `${severity} is not further than ${next.severity}: it would never be reached first`)
  }
}

/** What would be past its threshold always, or never. */
function checkSense(
  { direction }: Written,
  comparison: Comparison | undefined,
  scale: Scale,
  thresholds: readonly Threshold[],
  tell: Tell,
): void {
  for (const { value } of thresholds) {
    const percent = `${Number((100 * value).toPrecision(6))}%`
    if (scale === 'share' && direction === 'above' && value < 1)
      tell(direction, `${percent} of what was before is no rise; write more than 100%`)
    if (scale === 'share' && direction === 'below' && value > 1)
      tell(direction, `${percent} of what was before is no fall; write less than 100%`)
    if ((scale === 'deviations' || scale === 'multiple') && value === 0)
      tell(direction, `is past with any number; write ${scale === 'deviations' ? '3sd' : '2x'}`)
    if (comparison?.kind === 'budget' && value * comparison.rate >= 1)
      tell(direction, `${value}x of the budget is all deployments, and never passed; write less`)
  }
}

function clearOf(
  rule: Written,
  scale: Scale,
  least: number,
  read: (key: string, text: Quantity) => Threshold | undefined,
  tell: Tell,
): number {
  const { direction } = rule
  const usual = usualClear(direction, scale, least)
  if (rule.clear === undefined) return usual
  if (scale === 'band') {
    tell('clear', 'goes with a quantity; with the name of a band it is a tenth inside it')
    return usual
  }
  const clear = read('clear', rule.clear)
  if (clear === undefined) return usual
  if (clear.scale !== scale)
    tell('clear', `is written in another way than ${direction}; write it in the same`)
  else if (isFurther(direction, scale, clear.value, least))
    tell(
      'clear',
      `lies past the threshold: write one that is ${isFurther(direction, scale, 1, 0) ? 'lower' : 'higher'}`,
    )
  return clear.value
}

/** A tenth less than what fires: a number that trembles at the threshold is told once. */
function usualClear(direction: 'above' | 'below', scale: Scale, least: number): number {
  return isFurther(direction, scale, 1, 0) ? least * 0.9 : least * 1.1
}

function atLeastOf(
  { metric, direction, atLeast }: Written,
  comparison: Comparison | undefined,
  tell: Tell,
): number | undefined {
  if (atLeast === undefined) {
    if (comparison?.kind === 'earlier')
      tell('atLeast', 'is missing: from 1 to 2 is twice as many; write from how many on it counts')
    return undefined
  }
  if (comparison === undefined || comparison.kind === 'dropped' || comparison.kind === 'budget')
    tell(
      'atLeast',
      'goes with comparedWith and a threshold such as 150% or 3sd; by itself it is what above says',
    )
  if (direction === 'below') tell('atLeast', 'goes with above: what falls would have to be large')
  try {
    return parseQuantity(atLeast, metricOf(metric).unit)
  } catch (error) {
    tell('atLeast', messageOf(error))
    return undefined
  }
}
