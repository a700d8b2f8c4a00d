import type { Silence } from '../alerts/silence.ts'
import { isoOf } from '../core/calendar.ts'
import type { AlertStatus, ListedAlert } from './alert-status.ts'
import type { QuietReason } from './alerts-quiet.ts'

/** How alerts stand as programs read it: instants as ISO 8601 in UTC. */
export function statusJson({ slot, alerts, silences, muteTimes, channels }: AlertStatus) {
  return {
    asOf: slot === null ? null : isoOf(slot),
    alerts: alerts.map(listedJson),
    silences: silences.map(silenceJson),
    muteTimes,
    channels: channels.map(({ oldest, error, ...counts }) => ({
      ...counts,
      oldest: oldest === null ? null : isoOf(oldest),
      error,
    })),
  }
}

export function listedJson({ state, since, quiet, alert }: ListedAlert) {
  const { fingerprint, rule, severity, labels, summary, values, numbers, reason, runbook } = alert
  return {
    fingerprint,
    rule,
    state,
    severity,
    labels,
    summary,
    values,
    numbers,
    since: isoOf(since),
    ...(reason === undefined ? {} : { reason }),
    ...(runbook === undefined ? {} : { runbook }),
    quiet: quiet.map(reasonJson),
  }
}

function reasonJson(reason: QuietReason) {
  switch (reason.kind) {
    case 'silenced':
      return { kind: reason.kind, silence: reason.silence.id, until: isoOf(reason.silence.until) }
    case 'inhibited':
      return { kind: reason.kind, by: reason.by.fingerprint, summary: reason.by.summary }
    case 'unrouted':
    case 'muted':
      return reason
  }
}

export function silenceJson({ id, match, from, until, comment, author, createdAt }: Silence) {
  return {
    id,
    match,
    from: isoOf(from),
    until: isoOf(until),
    comment,
    ...(author === undefined ? {} : { author }),
    ...(createdAt === undefined ? {} : { createdAt: isoOf(createdAt) }),
  }
}
