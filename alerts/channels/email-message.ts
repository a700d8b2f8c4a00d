import type { Receipt } from '../channel.ts'
import type { AlertMessage } from '../message.ts'
import { fitting } from './fitting.ts'
import { linesOf } from './lines.ts'
import { andMore, type Linked, type State, type Telling, type Told } from './text.ts'

export interface Email {
  subject: string
  text: string
  html: string
  messageId: string
  /** Of the first mail of the group. */
  inReplyTo?: string
}

/** Gmail shows no more than 102 KB of a mail without being asked to. */
const mostBytes = 90_000

/** `domain`: of the sender. */
export function emailOf(message: AlertMessage, domain: string, earlier?: Receipt): Email {
  const { subject, text, html } = fitting(
    message,
    (telling) => ({
      subject: telling.title,
      text: linesOf(message, telling).join('\n'),
      html: htmlOf(telling),
    }),
    (built) => Buffer.byteLength(built.html) <= mostBytes,
  )
  const inReplyTo = earlier !== undefined && messageIdPattern.test(earlier) ? earlier : undefined
  return { subject, text, html, messageId: messageIdOf(message.key, domain), ...(inReplyTo && { inReplyTo }) }
}

const messageIdPattern = /^<[A-Za-z0-9._-]{1,150}@[A-Za-z0-9.-]{1,253}>$/

/** The same whenever the same message is sent, so that a repeated one is known by it. */
function messageIdOf(key: string, domain: string): string {
  return `<dorado.${key.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 100)}@${domain}>`
}

function htmlOf({ title, alerts, moreAlerts, key }: Telling): string {
  const more = andMore(moreAlerts, 'alert')
  return [
    '<!doctype html><html><body style="font-family:sans-serif;font-size:14px">',
    `<h2 style="font-size:18px">${escaped(title)}</h2>`,
    ...alerts.map(alertHtml),
    more === '' ? '' : `<p>${more}</p>`,
    `<p style="color:#666;font-size:12px">key ${escaped(key)}</p>`,
    '</body></html>',
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function alertHtml(alert: Told): string {
  const { state, severity, heading, summary, values, when, facts, moreFacts, runbook, url } = alert
  const rows = values.map(({ name, text }) => row(name, escaped(text)))
  if (runbook !== undefined) rows.push(row('runbook', link(runbook)))
  if (url !== undefined) rows.push(row('dashboard', link({ text: 'open', url })))
  const items = facts.map((fact) => `<li>${link(fact)}</li>`)
  if (moreFacts > 0) items.push(`<li>${andMore(moreFacts, 'fact')}</li>`)
  const color = colorOf(state, severity)
  return [
    `<div style="border-left:4px solid ${color};padding-left:10px;margin:12px 0">`,
    `<p><b style="color:${color}">${escaped(heading)}</b> ${escaped(summary)}</p>`,
    `<table>${rows.join('')}${row('when', when)}</table>`,
    items.length === 0 ? '' : `<ul>${items.join('')}</ul>`,
    '</div>',
  ].join('')
}

function row(name: string, html: string): string {
  return `<tr><td style="color:#666;padding-right:10px">${escaped(name)}</td><td>${html}</td></tr>`
}

function link({ text, url }: Linked): string {
  return url === undefined ? escaped(text) : `<a href="${escaped(url)}">${escaped(text)}</a>`
}

function colorOf(state: State, severity: Told['severity']): string {
  if (state === 'RESOLVED') return '#1a7f37'
  if (state === 'TEST' || state === 'MOVED') return '#57606a'
  return { critical: '#cf222e', warning: '#9a6700', info: '#0969da' }[severity]
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character)
}
