import { createHash } from 'node:crypto'
import { formatInstant } from '../../core/instant.ts'
import type { Alert, AlertMessage } from '../message.ts'
import { andMore, cut, oneLine, tell, type Told } from './text.ts'

/** https://developer.pagerduty.com/docs/send-alert-event; the whole event may have 512 KB. */
const most = { dedupKey: 255, summary: 1024, label: 255, labels: 50, facts: 20, links: 20 }

/** The bodies, without the routing key, in the order in which they are sent. */
export function pagerdutyEvents(message: AlertMessage): object[] {
  // One alert at a time: what is told of a message is sorted.
  return message.alerts.flatMap((alert) => {
    const telling = tell({ ...message, alerts: [alert] }, most.facts)
    const [told] = telling.alerts
    if (told === undefined) return []
    const dedup_key = dedupKeyOf(alert, message)
    const trigger = triggerOf(alert, told, message, dedup_key)
    const resolve = { event_action: 'resolve', dedup_key }
    // A test shows that the way is open, and leaves nothing open behind it.
    if (message.isTest) return [trigger, resolve]
    // The incident is known by its alert: another group goes on with it.
    if (alert.moved === 'here') return []
    return [alert.status === 'firing' ? trigger : resolve]
  })
}

function dedupKeyOf({ fingerprint }: Alert, { isTest, key }: AlertMessage): string {
  // A test of a rule must not end the incident that the rule has opened.
  const whole = isTest ? `dorado/test/${key}/${fingerprint}` : `dorado/${fingerprint}`
  if (whole.length <= most.dedupKey) return whole
  return `dorado/${createHash('sha256').update(whole).digest('hex')}`
}

function triggerOf(alert: Alert, told: Told, message: AlertMessage, dedup_key: string): object {
  const { labels, rule, severity, startedAt } = alert
  const { heading, summary, runbook, url } = told
  const prefix = message.isTest ? '[TEST] ' : ''
  const links = [
    ...(url === undefined ? [] : [{ href: url, text: 'Dashboard' }]),
    ...(runbook?.url === undefined ? [] : [{ href: runbook.url, text: 'Runbook' }]),
    ...told.facts.flatMap((fact) => (fact.url === undefined ? [] : [{ href: fact.url, text: fact.text }])),
  ]
  return {
    event_action: 'trigger',
    dedup_key,
    client: 'Dorado',
    ...(url === undefined ? {} : { client_url: url }),
    ...(links.length === 0 ? {} : { links: links.slice(0, most.links) }),
    payload: {
      summary: cut(`${prefix}${summary || heading}`, most.summary),
      source: short(labels.service ?? '') || 'dorado',
      // PagerDuty's own names, without its `error`.
      severity,
      timestamp: formatInstant(startedAt),
      ...optional('component', labels.service),
      ...optional('group', labels.team),
      ...optional('class', rule),
      custom_details: detailsOf(alert, told, message),
    },
  }
}

function detailsOf({ labels, episode }: Alert, told: Told, { key }: AlertMessage): object {
  const { heading, when, values, facts, moreFacts, runbook } = told
  return {
    state: heading,
    when,
    values: Object.fromEntries(values.map(({ name, text }) => [name, text])),
    facts: [...facts.map(({ text }) => text), ...(moreFacts === 0 ? [] : [andMore(moreFacts, 'fact')])],
    ...(runbook === undefined ? {} : { runbook: runbook.url ?? runbook.text }),
    labels: Object.fromEntries(
      Object.entries(labels)
        .slice(0, most.labels)
        .map(([name, value]) => [short(name), short(value)]),
    ),
    episode,
    key: short(key),
  }
}

function optional(name: string, text = ''): object {
  return text === '' ? {} : { [name]: short(text) }
}

function short(text: string): string {
  return cut(oneLine(text), most.label)
}
