import { isoOf } from '../core/calendar.ts'
import { dashboardOf } from './dashboard.ts'
import type { Instance } from './evaluate.ts'
import type { Alert, Labels } from './message.ts'
import { metricOf } from './metrics.ts'
import type { Subject } from './observation.ts'
import { formatQuantity } from './quantity.ts'
import { burnOf } from './burn.ts'
import type { Rule } from './rule.ts'
import { fillTemplate } from './template.ts'

/** An instance that fires, as channels are told of it: with the labels of its service, and still without facts. */
export function alertOf(
  rule: Rule,
  instance: Instance,
  { labels, fingerprint, dashboard }: { labels: Labels; fingerprint: string; dashboard?: string | undefined },
): Alert {
  const { unit } = metricOf(rule.metric)
  const { state, value, n, threshold, before, subject } = instance
  const text = (number: number | undefined) =>
    number === undefined ? 'unknown' : formatQuantity(number, unit)
  const severity = state.severity ?? 'warning'
  const summary = fillTemplate(rule.message, {
    rule: rule.name,
    metric: rule.metric,
    subject: subjectText(subject),
    service: subject.service,
    team: subject.team,
    environment: subject.environment,
    window: rule.windowDays === undefined ? 'now' : `${rule.windowDays}d`,
    value: text(value),
    threshold: text(threshold),
    n: n === undefined ? '–' : String(n),
    before: text(before),
    severity,
  })
  const side = rule.direction === 'above' ? 'at most' : 'at least'
  const values = [
    {
      name: rule.windowDays === undefined ? rule.metric : `${rule.metric}, ${rule.windowDays}d`,
      text: text(value),
    },
    { name: 'Threshold', text: `${side} ${text(threshold)}` },
    ...burnOf(rule, instance),
    ...(n === undefined ? [] : [{ name: 'Made of', text: `${n}` }]),
    ...(before === undefined ? [] : [{ name: 'Before', text: text(before) }]),
    ...(instance.restated === undefined ? [] : [{ name: 'Restated', text: instance.restated.why }]),
  ]
  return {
    fingerprint,
    episode: state.episode,
    rule: rule.name,
    status: 'firing',
    severity,
    labels: { ...labels, ...instance.labels, severity },
    summary,
    values,
    facts: [],
    ...(rule.runbook === undefined ? {} : { runbook: rule.runbook }),
    ...(dashboard === undefined ? {} : { url: dashboardOf(dashboard, subject) }),
    startedAt: state.firedAt ?? state.at,
    ...reasonOf(instance),
  }
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
