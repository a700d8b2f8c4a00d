import { collapseMessages } from '../alerts/collapse.ts'
import type { AlertMessage } from '../alerts/message.ts'
import type { Notification } from '../store/alert-store.ts'
import type { Store } from '../store/store.ts'
import { collapsedEvent } from './collapsed-event.ts'

/** Longer than a channel may take: a message whose process is gone is sent again after that. */
const leaseMs = 2 * 60_000
/** After that, what waits of a group is told in one message, and what is over by then not at all. */
const freshForMs = 10 * 60_000

export interface Next {
  notification: Notification
  message: AlertMessage
}

/**
 * The next message of a channel, leased; undefined where none is due. Where several of its group wait and the first has
 * waited for long, they are collapsed first, in one transaction with the lease.
 */
export async function nextMessage(
  store: Store,
  channel: string,
  now: number,
): Promise<{ next: Next | undefined; collapsed: number }> {
  return store.write(async () => {
    let collapsed = 0
    for (;;) {
      const notification = await store.alerts.claim(channel, now, now + leaseMs)
      if (notification === undefined) return { next: undefined, collapsed }
      const message = JSON.parse(notification.body) as AlertMessage
      if (now - notification.createdAt < freshForMs) return { next: { notification, message }, collapsed }
      const outcome = await collapseGroup(store, notification, now)
      if (outcome === 'alone') return { next: { notification, message }, collapsed }
      collapsed += outcome.dropped
      if (outcome.next) return { next: outcome.next, collapsed }
    }
  })
}

async function collapseGroup(
  store: Store,
  notification: Notification,
  now: number,
): Promise<'alone' | { dropped: number; next: Next | undefined }> {
  const { channel, groupId, failedSince } = notification
  const { waiting: all, taken, unsure } = await store.alerts.group(groupId)
  // What comes after another group must not be told before it: that one may end what began anew.
  const waiting = all.filter(({ isBehindOthers }) => !isBehindOthers)
  if (waiting.length < 2) return 'alone'
  const messages = waiting.map(({ body }) => JSON.parse(body) as AlertMessage)
  const { message, untold } = collapseMessages(messages, {
    taken: typeof taken === 'string' ? (JSON.parse(taken) as AlertMessage) : taken,
    unsure: unsure.map((body) => JSON.parse(body) as AlertMessage),
  })
  const newest = waiting.at(-1)!.id
  const dropped = waiting.map(({ id }) => id).filter((id) => message === undefined || id !== newest)
  const body = message && JSON.stringify(message)
  await store.alerts.collapse({
    dropped,
    ...(body === undefined ? {} : { kept: { id: newest, body, leasedUntil: now + leaseMs, failedSince } }),
    history: collapsedEvent({ channel, labels: messages[0]!.labels, dropped, untold, at: now }),
  })
  const next = message && { notification: { ...notification, id: newest, body: body!, tries: 0 }, message }
  return { dropped: dropped.length, next }
}
