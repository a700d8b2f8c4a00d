import type { Alert, Labels } from '../alerts/message.ts'

/** What the history says of messages that were collapsed. */
export interface CollapsedEvent {
  kind: 'collapsed'
  channel: string
  labels: Labels
  /** How many are not sent. */
  messages: number
  /** What the channel has never heard of, and never will. */
  untold: { summary: string; startedAt: number; endedAt: number }[]
}

/** As it is stored; `at` is when, epoch ms. */
export function collapsedEvent({
  channel,
  labels,
  dropped,
  untold,
  at,
}: {
  channel: string
  labels: Labels
  /** The messages that are not sent. */
  dropped: readonly number[]
  untold: readonly Alert[]
  at: number
}): { at: number; body: string } {
  const event: CollapsedEvent = {
    kind: 'collapsed',
    channel,
    labels,
    messages: dropped.length,
    untold: untold.map(({ summary, startedAt, endedAt = at }) => ({ summary, startedAt, endedAt })),
  }
  return { at, body: JSON.stringify(event) }
}
