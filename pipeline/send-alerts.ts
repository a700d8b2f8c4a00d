import type { Notifier } from '../alerts/channel.ts'
import { messageOf, RateLimited, Refused, Unavailable } from '../core/errors.ts'
import type { Io } from '../core/io.ts'
import type { Notification, Store } from '../store/store.ts'
import { nextMessage } from './next-message.ts'

/** How a channel's messages went. */
export interface Sending {
  channel: string
  sent: number
  /** Given up: the channel will never take them. */
  givenUp: number
  /** Not sent, for they had waited so long that a later one says all that is left to say, or there is nothing left. */
  collapsed: number
  /** Why the last one was not taken. */
  error?: string
}

const firstPauseMs = 30_000
const longestPauseMs = 30 * 60_000
/** So long a channel may be down before its messages are given up. */
const triedForMs = 24 * 3_600_000

/**
 * Sends the messages that wait, each channel by itself and in the order of each group. What is acknowledged is noted at
 * once: a crash may repeat the one on its way, and loses none. What a channel refuses for good, or did not take for a
 * day, is given up and said.
 */
export async function sendAlerts(store: Store, notifiers: readonly Notifier[], io: Io): Promise<Sending[]> {
  return Promise.all(notifiers.map((notifier) => sendTo(store, notifier, io)))
}

async function sendTo(store: Store, notifier: Notifier, io: Io): Promise<Sending> {
  const sending: Sending = { channel: notifier.name, sent: 0, givenUp: 0, collapsed: 0 }
  for (;;) {
    io.signal.throwIfAborted()
    const now = io.clock()
    const { next, collapsed } = await nextMessage(store, notifier.name, now)
    sending.collapsed += collapsed
    if (next === undefined) return sending
    const { notification, message } = next
    try {
      const receipt = await notifier.send(message, io, notification.receipt)
      await store.alerts.sent(notification.id, receipt)
      sending.sent += 1
    } catch (error) {
      io.signal.throwIfAborted()
      sending.error = messageOf(error)
      const isUnsure = mayHaveArrived(error)
      if (error instanceof Refused || now - notification.createdAt > triedForMs) {
        await store.alerts.giveUp(notification.id, sending.error, isUnsure)
        sending.givenUp += 1
        io.log.error(`channel ${notifier.name}: a message was given up: ${sending.error}`)
      } else {
        const dueAt = io.clock() + pauseOf(notification, error)
        await store.alerts.postpone(notification.id, dueAt, sending.error, isUnsure)
      }
    }
  }
}

function mayHaveArrived(error: unknown): boolean {
  if (error instanceof RateLimited || error instanceof Unavailable) return error.mayHaveArrived
  return !(error instanceof Refused)
}

function pauseOf({ tries }: Notification, error: unknown): number {
  const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** tries)
  // Where the channel names no time, its wait may be too short to be of use.
  return error instanceof RateLimited ? Math.max(error.retryAfterMs, 5000) : pause
}
