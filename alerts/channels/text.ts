import { formatDuration } from '../../core/duration.ts'
import type { Alert, AlertMessage, Severity } from '../message.ts'
import { severities } from '../message.ts'

/** `MOVED`: it fires on, and is told elsewhere. */
export type State = 'FIRING' | 'RESOLVED' | 'MOVED' | 'TEST'

/** A text that may lead somewhere. */
export interface Linked {
  text: string
  url?: string
}

/** An alert in words: plain text, each of one line and short, so that all channels say the same. */
export interface Told {
  state: State
  severity: Severity
  /** `FIRING critical`, `RESOLVED (rule removed)`, `MOVED (now critical, told to pager)`. */
  heading: string
  summary: string
  values: readonly { name: string; text: string }[]
  /** `since 2026-03-02T10:00Z`, `2026-03-02T10:00Z to 2026-03-02T11:00Z (1h)`. */
  when: string
  facts: readonly Linked[]
  /** How many facts there are beyond those. */
  moreFacts: number
  runbook?: Linked
  /** Of the dashboard. */
  url?: string
}

/** A message in words. */
export interface Telling {
  state: State
  severity: Severity
  /** `[FIRING] …`. */
  title: string
  alerts: readonly Told[]
  /** How many alerts there are beyond those. */
  moreAlerts: number
  key: string
}

const most = { title: 200, summary: 500, name: 60, value: 160, values: 12, fact: 200, runbook: 300, key: 80 }
/** Longer ones are cut off by one channel or another, and half an address leads nowhere. */
const longestUrl = 2000

/** What every channel says; alerts that fire come first, the gravest of them before all. */
export function tell(message: AlertMessage, facts = Infinity): Telling {
  const state = stateOf(message)
  return {
    state,
    severity: message.severity,
    title: `[${state}] ${cut(oneLine(message.title), most.title)}`,
    alerts: [...message.alerts]
      .sort((a, b) => gravity(b) - gravity(a))
      .map((alert) => told(alert, message.isTest === true, facts)),
    moreAlerts: 0,
    key: cut(oneLine(message.key), most.key),
  }
}

function gravity({ status, severity }: Alert): number {
  return (status === 'firing' ? severities.length : 0) + severities.indexOf(severity)
}

function stateOf({ status, alerts, isTest = false }: AlertMessage): State {
  if (isTest) return 'TEST'
  if (status === 'firing') return 'FIRING'
  return alerts.length > 0 && alerts.every((alert) => alert.moved !== undefined) ? 'MOVED' : 'RESOLVED'
}

function stateOfAlert({ status, moved }: Alert, isTest: boolean): State {
  if (isTest) return 'TEST'
  if (status === 'firing') return 'FIRING'
  return moved === undefined ? 'RESOLVED' : 'MOVED'
}

function told(alert: Alert, isTest: boolean, mostFacts: number): Told {
  const { severity, reason, summary, values, facts, runbook } = alert
  const state = stateOfAlert(alert, isTest)
  const url = webAddress(alert.url)
  const why = reason === undefined ? '' : ` (${cut(oneLine(reason), most.name)})`
  return {
    state,
    severity,
    heading: `${state}${alert.status === 'resolved' && !isTest ? '' : ` ${severity}`}${why}`,
    summary: cut(oneLine(summary), most.summary),
    values: values.slice(0, most.values).map(({ name, text }) => ({
      name: cut(oneLine(name), most.name),
      text: cut(oneLine(text), most.value),
    })),
    when: whenOf(alert),
    facts: facts.slice(0, mostFacts).map((fact) => {
      const at = fact.at === undefined ? '' : `, ${minute(fact.at)}`
      return linked(`${cut(oneLine(fact.text), most.fact)}${at}`, fact.url)
    }),
    moreFacts: Math.max(0, facts.length - mostFacts),
    ...(runbook === undefined ? {} : { runbook: runbookOf(runbook) }),
    ...(url === undefined ? {} : { url }),
  }
}

function whenOf({ status, startedAt, endedAt }: Alert): string {
  if (status === 'firing' || endedAt === undefined) return `since ${minute(startedAt)}`
  return `${minute(startedAt)} to ${minute(endedAt)} (${formatDuration(Math.max(0, endedAt - startedAt))})`
}

function runbookOf(runbook: string): Linked {
  const url = webAddress(runbook)
  return url === undefined ? { text: cut(oneLine(runbook), most.runbook) } : { text: 'runbook', url }
}

function linked(text: string, address: string | undefined): Linked {
  const url = webAddress(address)
  return url === undefined ? { text } : { text, url }
}

/** The address in the form that every channel takes, where it is one of the web and not too long. */
export function webAddress(text: string | undefined): string | undefined {
  const trimmed = text?.trim() ?? ''
  if (!/^https?:\/\//i.test(trimmed) || !URL.canParse(trimmed)) return undefined
  const { origin, pathname, search, hash } = new URL(trimmed)
  // What could end a link in the middle is encoded, in whatever markup the link is put; a password is left out.
  const href = origin + `${pathname}${search}${hash}`.replaceAll(/[|()[\]\\<>"'`{}]/g, encoded)
  return href.length > longestUrl ? undefined : href
}

function encoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

/** `2026-03-02T10:00Z`. */
export function minute(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16)}Z`
}

/** Without line breaks, control characters and those that turn the direction of writing around. */
export function oneLine(text: string): string {
  const plain = text.toWellFormed().replaceAll(/[\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, '')
  return plain.replaceAll(/[\p{Cc}\s\u2028\u2029]+/gu, ' ').trim()
}

/**
 * At most `length` UTF-16 units once `escape` has replaced each of its characters, with an ellipsis where something
 * is missing. Neither a surrogate pair nor what `escape` gives is ever broken.
 */
export function cut(text: string, length: number, escape = (character: string) => character): string {
  let kept = ''
  let keptWithEllipsis = ''
  for (const character of text) {
    kept += escape(character)
    if (kept.length > length) return `${keptWithEllipsis}…`
    if (kept.length < length) keptWithEllipsis = kept
  }
  return kept
}

/** `and 3 more alerts`; empty where there is none. */
export function andMore(count: number, noun: string): string {
  return count === 0 ? '' : `and ${count} more ${noun}${count === 1 ? '' : 's'}`
}
