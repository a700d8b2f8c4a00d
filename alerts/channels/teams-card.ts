import type { AlertMessage, Severity } from '../message.ts'
import { fitting } from './fitting.ts'
import { andMore, type Linked, type State, type Telling, type Told } from './text.ts'

/**
 * Teams refuses 28 KB and more, and says so only in the run history of the workflow, which adds its own wrapping:
 * https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
 */
const mostBytes = 20_000

/** What a workflow with the trigger "When a Teams webhook request is received" posts. */
export function teamsPayload(message: AlertMessage): object {
  return fitting(message, payloadOf, (payload) => Buffer.byteLength(JSON.stringify(payload)) <= mostBytes)
}

function payloadOf(telling: Telling): object {
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    // What Teams renders on every device; newer cards fall back on some.
    version: '1.4',
    msteams: { width: 'Full' },
    body: bodyOf(telling),
  }
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  }
}

function bodyOf({ state, severity, title, alerts, moreAlerts, key }: Telling): object[] {
  const end = [andMore(moreAlerts, 'alert'), `key ${escaped(key)}`].filter((text) => text !== '')
  return [
    textBlock(escaped(title), { size: 'Large', weight: 'Bolder', color: colorOf(state, severity) }),
    ...alerts.map((alert) => ({ type: 'Container', separator: true, items: itemsOf(alert) })),
    textBlock(end.join(' · '), { isSubtle: true, size: 'Small', separator: true }),
  ]
}

function itemsOf(alert: Told): object[] {
  const { state, severity, heading, summary, values, when, facts, moreFacts, runbook, url } = alert
  const pairs = [
    ...values.map(({ name, text }) => ({ title: escaped(name), value: escaped(text) })),
    { title: 'when', value: when },
    ...(runbook === undefined ? [] : [{ title: 'runbook', value: link(runbook) }]),
    ...(url === undefined ? [] : [{ title: 'dashboard', value: link({ text: 'open', url }) }]),
  ]
  const lines = facts.map((fact) => `- ${link(fact)}`)
  if (moreFacts > 0) lines.push(`- ${andMore(moreFacts, 'fact')}`)
  return [
    textBlock(escaped(heading), { weight: 'Bolder', color: colorOf(state, severity) }),
    textBlock(escaped(summary), { spacing: 'None' }),
    { type: 'FactSet', facts: pairs },
    ...(lines.length === 0 ? [] : [textBlock(lines.join('\n'), {})]),
  ]
}

function textBlock(text: string, style: object): object {
  return { type: 'TextBlock', text, wrap: true, ...style }
}

function link({ text, url }: Linked): string {
  if (url === undefined) return escaped(text)
  return `[${escaped(text).replaceAll(/(?<!\\)[[\]]/g, String.raw`\$&`)}](${url})`
}

function colorOf(state: State, severity: Severity): string {
  if (state === 'TEST' || state === 'MOVED') return 'Accent'
  if (state === 'RESOLVED') return 'Good'
  return { critical: 'Attention', warning: 'Warning', info: 'Accent' }[severity]
}

/**
 * Without the Markdown that a text block renders, the tags that mention people, and the functions of dates:
 * https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features. Only what would be taken for markup is
 * escaped: some clients show the backslash.
 */
function escaped(text: string): string {
  return text
    .replaceAll(/[\\`*~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|\](?=[([:])/gu, String.raw`\$&`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('{{', '{ {')
    .replace(/^(#|[-+](?= )|\d+(?=[.)] ))/, (mark) => (/\d/.test(mark) ? `${mark}\\` : `\\${mark}`))
}
