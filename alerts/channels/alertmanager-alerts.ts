import { z } from 'zod'
import { formatInstant } from '../../core/instant.ts'
import type { Receipt } from '../channel.ts'
import type { Alert, AlertMessage, Labels } from '../message.ts'
import { linesOf } from './lines.ts'
import { cut, oneLine, tell } from './text.ts'

const most = { labels: 50, name: 100, value: 500, facts: 10 }

/** The labels that each alert of the group fires with at Alertmanager, by fingerprint. */
export type ToldAs = ReadonlyMap<string, Labels>

const receiptSchema = z.record(z.string(), z.record(z.string(), z.string()))

/** What a receipt says; nothing where it is none of Alertmanager's. */
export function toldAs(receipt: Receipt | undefined): ToldAs {
  try {
    return new Map(Object.entries(receiptSchema.parse(JSON.parse(receipt ?? '{}'))))
  } catch {
    return new Map()
  }
}

/**
 * The alerts as Alertmanager takes them, and what is fired with what then. Alertmanager knows an alert by its labels
 * alone, and the severity is one of them, because that is what its routes go by: where they change, the alert with those
 * before has to end.
 */
export function alertmanagerAlerts(
  message: AlertMessage,
  before: ToldAs,
  expiryMs: number,
): { alerts: object[]; receipt: Receipt } {
  const after = new Map(before)
  const alerts = message.alerts.flatMap((alert) => {
    const { fingerprint, status, moved, endedAt = message.at } = alert
    const labels = labelsOf(alert, message.isTest === true)
    if (message.isTest) return [bodyOf(alert, message, labels, message.at + expiryMs)]
    const old = after.get(fingerprint)
    const isSame = old !== undefined && areSame(old, labels)
    if (status === 'resolved') {
      after.delete(fingerprint)
      // What moved with the same labels is the one that another group goes on with.
      if (moved !== undefined && (old === undefined || (moved === 'here' && isSame))) return []
      return [bodyOf(alert, message, old ?? labels, endedAt)]
    }
    after.set(fingerprint, labels)
    const fired = bodyOf(alert, message, labels, message.at + expiryMs)
    return old === undefined || isSame ? [fired] : [bodyOf(alert, message, old, message.at), fired]
  })
  return { alerts, receipt: JSON.stringify(Object.fromEntries(after)) }
}

function areSame(a: Labels, b: Labels): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}

function bodyOf(alert: Alert, message: AlertMessage, labels: Labels, endsAt: number): object {
  const telling = tell({ ...message, alerts: [alert] }, most.facts)
  const [told] = telling.alerts
  const lines = linesOf(message, telling)
  const { runbook, url } = told ?? {}
  return {
    labels,
    annotations: {
      summary: told?.summary || 'an alert of Dorado',
      // Without the title, which is of the whole group.
      description: lines.slice(2).join('\n'),
      ...(runbook === undefined
        ? {}
        : { [runbook.url === undefined ? 'runbook' : 'runbook_url']: runbook.url ?? runbook.text }),
    },
    startsAt: formatInstant(alert.startedAt),
    // Alertmanager refuses an alert that ends as it starts.
    endsAt: formatInstant(Math.max(endsAt, alert.startedAt + 1)),
    ...(url === undefined ? {} : { generatorURL: url }),
  }
}

/** Always the same for the same alert: Alertmanager knows it by nothing else. */
function labelsOf({ rule, labels, severity }: Alert, isTest: boolean): Labels {
  const own = { alertname: valueOf(rule) || 'dorado', severity, ...(isTest ? { dorado_test: 'true' } : {}) }
  const named: [string, string][] = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, most.labels)
    .map(([name, value]) => [labelName(name), valueOf(value)])
  const taken = named.filter(([name, value]) => name !== '' && value !== '' && !(name in own))
  return { ...Object.fromEntries(taken), ...own }
}

/** Before 0.28 Alertmanager refuses every message with any other name in it. */
function labelName(name: string): string {
  const valid = name.replaceAll(/[^A-Za-z0-9_]/g, '_').slice(0, most.name)
  return /^\d/.test(valid) ? `_${valid}` : valid
}

function valueOf(text: string): string {
  return cut(oneLine(text), most.value)
}
