import { burnOf } from './burn.ts'
import { isoOf } from '../core/calendar.ts'
import { dashboardOf } from './dashboard.ts'
import type { Instance } from './evaluate.ts'
import type { Alert, Labels, Severity } from './message.ts'
import { metricOf } from './metrics.ts'
import type { Subject } from './observation.ts'
import { formatQuantity } from './quantity.ts'
import type { Rule } from './rule.ts'
import { baseText, metricText, ruleText } from './rule-text.ts'
import { wilsonBound } from './significance.ts'
import { defaultTemplate, fillRunbook, fillTemplate, templateWithoutCount } from './template.ts'

/** An instance that fires, as channels are told of it: with the labels of its service, and still without facts. */
export function alertOf(
  rule: Rule,
  instance: Instance,
  { labels, fingerprint, dashboard }: { labels: Labels; fingerprint: string; dashboard?: string | undefined },
): Alert {
  const { unit } = metricOf(rule.metric)
  const { state, value, n, threshold, before, subject } = instance
  const severity = state.severity ?? 'warning'
  const named = namesOf(rule, instance, severity)
  const isPlain = rule.message === defaultTemplate && n === undefined
  return {
    fingerprint,
    episode: state.episode,
    rule: rule.name,
    status: 'firing',
    severity,
    labels: { ...labels, ...instance.labels, severity },
    summary: fillTemplate(isPlain ? templateWithoutCount : rule.message, named),
    values: valuesOf(rule, instance),
    numbers: { unit, value, threshold, n, before },
    facts: [],
    ...(rule.runbook === undefined ? {} : { runbook: fillRunbook(rule.runbook, named) }),
    ...(dashboard === undefined ? {} : { url: dashboardOf(dashboard, subject) }),
    startedAt: state.firedAt ?? state.at,
    ...reasonOf(instance),
  }
}

/** A quantity of a rule's metric as people read it. */
export function quantityText({ metric }: Pick<Rule, 'metric'>, value: number | undefined): string {
  return value === undefined ? 'unknown' : formatQuantity(value, metricOf(metric).unit)
}

function namesOf(rule: Rule, { value, n, threshold, before, subject }: Instance, severity: Severity) {
  return {
    rule: rule.name,
    metric: metricText(rule),
    subject: subjectText(subject),
    service: subject.service,
    team: subject.team,
    environment: subject.environment,
    window: rule.windowDays === undefined ? 'now' : `${rule.windowDays}d`,
    value: quantityText(rule, value),
    threshold: quantityText(rule, threshold),
    n: n === undefined ? '–' : String(n),
    before: quantityText(rule, before),
    severity,
  }
}

function valuesOf(rule: Rule, instance: Instance): Alert['values'] {
  const { value, threshold, before, restated } = instance
  const side = rule.direction === 'above' ? 'at most' : 'at least'
  const metric = metricText(rule)
  return [
    {
      name: rule.windowDays === undefined ? metric : `${metric}, ${rule.windowDays}d`,
      text: quantityText(rule, value),
    },
    { name: 'Threshold', text: `${side} ${quantityText(rule, threshold)}` },
    ...burnOf(rule, instance),
    ...madeOf(rule, instance),
    ...(before === undefined ? [] : [{ name: baseText(rule), text: quantityText(rule, before) }]),
    { name: 'Rule', text: `${rule.name}: ${ruleText(rule)}` },
    ...(restated === undefined ? [] : [{ name: 'Restated', text: restated.why }]),
  ]
}

/** How many it is of; of a rate how many count, and what it is for certain: that is what has to be past the threshold. */
function madeOf(rule: Rule, { value, n }: Instance): Alert['values'] {
  if (n === undefined) return []
  if (metricOf(rule.metric).count === undefined || value === undefined)
    return [{ name: 'Made of', text: String(n) }]
  const count = Math.round(value * n)
  const made = { name: 'Made of', text: `${count} of ${n}` }
  const bound = wilsonBound(count, n, rule.direction === 'above' ? 'lower' : 'upper')
  if (rule.isNaive || bound === null || !isHeldByBound(rule)) return [made]
  const side = rule.direction === 'above' ? 'at least' : 'at most'
  return [made, { name: 'With 95 % certainty', text: `${side} ${quantityText(rule, bound)}` }]
}

function isHeldByBound({ comparison }: Rule): boolean {
  return comparison === undefined || comparison.kind === 'budget' || comparison.kind === 'dropped'
}

/** That an alert follows from a past that is another now, and since when: it is no news of today. */
export function restatedText({ restated }: Instance): string | undefined {
  return restated && `restated: so since ${isoOf(restated.since).slice(0, 16)}Z as known now`
}

function reasonOf(instance: Instance): { reason?: string } {
  const { unknownReason } = instance.state
  const reason = unknownReason === undefined ? restatedText(instance) : `held: ${unknownReason}`
  return reason === undefined ? {} : { reason }
}

export function subjectText({ service, team, environment, detail }: Subject): string {
  const named = service === '*' ? (team === '*' ? 'the organisation' : `team ${team}`) : service
  if (service === '*' && team === '*' && detail !== '') return detail
  return environment === '*' || environment === 'production' ? named : `${named} (${environment})`
}
