import { formatInstant } from '../../core/instant.ts'
import type { Alert, AlertMessage } from '../message.ts'
import { webAddress } from './text.ts'

/**
 * What a webhook is sent. Keys are only ever added; where one has to change or go, `version` is counted up. All times
 * are ISO 8601 in UTC; what is not there is left out, and so is an address that is not of the web. Texts are whole and
 * as they came: what they are shown in has to escape them.
 *
 *     version      1
 *     key          of this message, the same whenever it is sent again
 *     groupKey     of its group, the same until nothing of it fires any more
 *     status       firing | resolved: resolved where none of `alerts` fires
 *     severity     info | warning | critical
 *     title        one line
 *     test         true: nothing is wrong
 *     sentAt       when the message was made
 *     labels       what all alerts have in common
 *     alerts       fingerprint (of rule and labels), episode (counted from 1), rule, status, severity, labels, summary,
 *                  values [{name, text}], numbers {unit: rate (0 to 1) | duration (s) | perDay | count, value, threshold,
 *                  n, before, now}, facts [{text, url, at}], runbook, url, startedAt, endedAt, reason,
 *                  moved: here | elsewhere (it fires on, and another group of this channel, or only other channels, are told)
 */
export function webhookBody(message: AlertMessage): object {
  const { key, groupKey, status, severity, title, labels, alerts, at, isTest = false } = message
  return wellFormed({
    version: 1,
    key,
    groupKey,
    status,
    severity,
    title,
    test: isTest,
    sentAt: formatInstant(at),
    labels,
    alerts: alerts.map(alertOf),
  }) as object
}

/** Key by key, so that what an alert gets later is not sent before it is described. */
function alertOf(alert: Alert): object {
  const { fingerprint, episode, rule, status, severity, labels, summary, values, facts } = alert
  const { numbers, runbook, url, startedAt, endedAt, reason, moved } = alert
  return {
    fingerprint,
    episode,
    rule,
    status,
    severity,
    labels,
    summary,
    values: values.map(({ name, text }) => ({ name, text })),
    numbers,
    facts: facts.map((fact) => ({ text: fact.text, url: webAddress(fact.url), at: instant(fact.at) })),
    runbook,
    url: webAddress(url),
    startedAt: formatInstant(startedAt),
    endedAt: instant(endedAt),
    reason,
    moved,
  }
}

function instant(at: number | undefined): string | undefined {
  return at === undefined ? undefined : formatInstant(at)
}

/** Without halves of surrogate pairs, on which some receivers fail. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map(wellFormed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name.toWellFormed(), wellFormed(inner)]),
  )
}
