import { z } from 'zod'
import { formatInstant } from '../../core/instant.ts'
import type { Receipt } from '../channel.ts'
import { severities, type Alert, type AlertMessage, type Severity } from '../message.ts'
import { linesOf } from './lines.ts'
import { cut, oneLine, tell } from './text.ts'

const most = { labels: 50, name: 100, value: 500, facts: 10 }

/** The severity that each alert of the group fires with at Alertmanager, by fingerprint. */
export type ToldAs = ReadonlyMap<string, Severity>

const receiptSchema = z.record(z.string(), z.enum(severities))

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
 * alone, and the severity is one of them, because that is what its routes go by: where it changes, the alert with the
 * severity before has to end.
 */
export function alertmanagerAlerts(
  message: AlertMessage,
  before: ToldAs,
  expiryMs: number,
): { alerts: object[]; receipt: Receipt } {
  const after = new Map(before)
  const alerts = message.alerts.flatMap((alert) => {
    const { fingerprint, status, severity, moved, endedAt = message.at } = alert
    const old = message.isTest ? undefined : before.get(fingerprint)
    if (moved !== undefined) {
      after.delete(fingerprint)
      // With the same labels it is the one that another group goes on with.
      if (old === undefined || (moved === 'here' && old === severity)) return []
    }
    if (status === 'resolved' && !message.isTest) {
      after.delete(fingerprint)
      return [bodyOf(alert, message, old ?? severity, endedAt)]
    }
    if (!message.isTest) after.set(fingerprint, severity)
    const fired = bodyOf(alert, message, severity, message.at + expiryMs)
    if (old === undefined || old === severity) return [fired]
    return [bodyOf(alert, message, old, message.at), fired]
  })
  return { alerts, receipt: JSON.stringify(Object.fromEntries(after)) }
}

function bodyOf(alert: Alert, message: AlertMessage, severity: Severity, endsAt: number): object {
  const telling = tell({ ...message, alerts: [alert] }, most.facts)
  const [told] = telling.alerts
  const lines = linesOf(message, telling)
  const { runbook, url } = told ?? {}
  return {
    labels: labelsOf(alert, severity, message.isTest === true),
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
function labelsOf({ rule, labels }: Alert, severity: Severity, isTest: boolean): Record<string, string> {
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
