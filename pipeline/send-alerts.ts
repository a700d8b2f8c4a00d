import type { Notifier } from '../alerts/channel.ts'
import type { AlertMessage } from '../alerts/message.ts'
import { messageOf, RateLimited, Refused } from '../core/errors.ts'
import type { Io } from '../core/io.ts'
import type { Notification, Store } from '../store/store.ts'

/** How a channel's messages went. */
export interface Sending {
  channel: string
  sent: number
  /** Given up: the channel will never take them. */
  givenUp: number
  /** Why the last one was not taken. */
  error?: string
}

/** Longer than a channel may take: a message whose process is gone is sent again after that. */
const leaseMs = 2 * 60_000
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
  const sending: Sending = { channel: notifier.name, sent: 0, givenUp: 0 }
  for (;;) {
    io.signal.throwIfAborted()
    const now = io.clock()
    const next = await store.alerts.claim(notifier.name, now, now + leaseMs)
    if (next === undefined) return sending
    try {
      const receipt = await notifier.send(JSON.parse(next.body) as AlertMessage, io, next.receipt)
      await store.alerts.sent(next.id, receipt)
      sending.sent += 1
    } catch (error) {
      io.signal.throwIfAborted()
      sending.error = messageOf(error)
      if (error instanceof Refused || now - next.createdAt > triedForMs) {
        await store.alerts.giveUp(next.id, sending.error)
        sending.givenUp += 1
        io.log.error(`channel ${notifier.name}: a message was given up: ${sending.error}`)
      } else {
        await store.alerts.postpone(next.id, io.clock() + pauseOf(next, error), sending.error)
      }
    }
  }
}

function pauseOf({ tries }: Notification, error: unknown): number {
  const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** tries)
  // Where the channel names no time, its wait may be too short to be of use.
  return error instanceof RateLimited ? Math.max(error.retryAfterMs, 5000) : pause
}
