import { formatDuration } from '../core/duration.ts'
import { isoOf } from '../core/calendar.ts'
import type { Alert, AlertMessage } from './message.ts'

/** The rule of the messages that tell of a channel: no rule of a configuration is asked. */
export const channelDown = 'channel down'

/** A channel that does not take messages, as another one is told. */
export interface Outage {
  channel: string
  /** Counts them, from 1. */
  episode: number
  since: number
  /** What it said last. */
  error: string
  waiting: number
  /** Given up, and not told of yet. */
  lost: number
}

export interface OutageEnd extends Omit<Outage, 'waiting' | 'error'> {
  /** Why, where it does not take messages again. */
  reason?: string
}

/** That a channel is down, since when, why, and how many messages wait. Ids are made by `fingerprint`. */
export function outageMessage(
  outage: Outage,
  at: number,
  groupKey: string,
  fingerprint: (text: string) => string,
): AlertMessage {
  const { channel, since, error, waiting, lost } = outage
  const taken =
    lost > 0
      ? `Channel ${channel} did not take ${messages(lost)}, given up for good`
      : `Channel ${channel} has taken nothing since ${isoOf(since)}`
  return messageOf(
    { ...outage, summary: `${taken}: ${error}`, status: 'firing' },
    at,
    groupKey,
    fingerprint,
    [
      { name: 'Since', text: isoOf(since) },
      { name: 'Why', text: error },
      { name: 'Messages that wait', text: String(waiting) },
      ...(lost > 0 ? [{ name: 'Given up', text: String(lost) }] : []),
    ],
  )
}

/** That it takes messages again. */
export function outageEndMessage(
  end: OutageEnd,
  at: number,
  groupKey: string,
  fingerprint: (text: string) => string,
): AlertMessage {
  const { channel, since, lost, reason } = end
  const summary =
    reason === undefined ? `Channel ${channel} takes messages again` : `Channel ${channel} is ${reason}`
  return messageOf({ ...end, summary, status: 'resolved' }, at, groupKey, fingerprint, [
    { name: 'Down for', text: formatDuration(Math.max(0, at - since)) },
    ...(lost > 0 ? [{ name: 'Given up', text: String(lost) }] : []),
  ])
}

function messages(count: number): string {
  return count === 1 ? 'a message' : `${count} messages`
}

function messageOf(
  of: Pick<Outage, 'channel' | 'episode' | 'since'> & Pick<Alert, 'status' | 'summary'> & { reason?: string },
  at: number,
  groupKey: string,
  fingerprint: (text: string) => string,
  values: Alert['values'],
): AlertMessage {
  const { channel, episode, since, status, summary, reason } = of
  const labels = { rule: channelDown, channel }
  const alert: Alert = {
    fingerprint: fingerprint(`${channelDown} ${channel}`),
    episode,
    rule: channelDown,
    status,
    severity: 'critical',
    labels: { ...labels, severity: 'critical' },
    summary,
    values,
    facts: [],
    runbook: 'dorado check says what is wrong; what waits is sent when the channel takes messages again',
    startedAt: since,
    ...(status === 'firing' ? {} : { endedAt: at }),
    ...(reason === undefined ? {} : { reason }),
  }
  const key = fingerprint(`${groupKey} ${status} ${at}`)
  return { key, groupKey, status, severity: 'critical', title: summary, labels, alerts: [alert], at }
}
