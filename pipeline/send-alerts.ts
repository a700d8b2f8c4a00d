import type { Notifier } from '../alerts/channel.ts'
import type { AlertMessage } from '../alerts/message.ts'
import { messageOf, RateLimited, Refused, Unavailable } from '../core/errors.ts'
import type { Io } from '../core/io.ts'
import type { Notification } from '../store/alert-store.ts'
import type { Store } from '../store/store.ts'
import { giveUp } from './give-up.ts'
import { nextMessage } from './next-message.ts'
import { downAfterMs, noteOutages } from './outages.ts'

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
/** So long a channel may not take a message, from the first try on, before it is given up. */
const triedForMs = 24 * 3_600_000
/** So many failures one after the other are the channel's, and not those of its messages: the others wait. */
const mostFailures = 3
/** Where a channel asks for no more, it is waited for; the next pass may be an hour away. */
const longestWaitMs = 60_000

/**
 * Sends the messages that wait, each channel by itself and in the order of each group. What is acknowledged is noted at
 * once: a crash may repeat the one on its way, and loses none. What a channel refuses for good, or did not take for a
 * day of tries, is given up and said, and told anew if it is still so an hour later. Of a channel that is down another one is told.
 */
export async function sendAlerts(store: Store, notifiers: readonly Notifier[], io: Io): Promise<Sending[]> {
  const sendings = await Promise.all(notifiers.map((notifier) => sendTo(store, notifier, io)))
  const toldOnes = await noteOutages(store, notifiers, io)
  return Promise.all(
    notifiers.map(async (notifier, index) => {
      const before = sendings[index]!
      if (!toldOnes.has(notifier.name)) return before
      const after = await sendTo(store, notifier, io)
      const [sent, givenUp] = [before.sent + after.sent, before.givenUp + after.givenUp]
      return { ...before, ...after, sent, givenUp, collapsed: before.collapsed + after.collapsed }
    }),
  )
}

async function sendTo(store: Store, notifier: Notifier, io: Io): Promise<Sending> {
  const { name } = notifier
  const sending: Sending = { channel: name, sent: 0, givenUp: 0, collapsed: 0 }
  const state = (await store.alerts.channels()).find((each) => each.name === name)
  if (state && state.restingUntil > io.clock()) {
    if (state.error !== undefined) sending.error = state.error
    return sending
  }
  let last = {
    at: Math.max(state?.takenAt ?? 0, state?.failedAt ?? 0),
    message: undefined as AlertMessage | undefined,
  }
  let failures = 0
  while (failures < mostFailures) {
    io.signal.throwIfAborted()
    const { next, collapsed } = await nextMessage(store, name, io.clock())
    sending.collapsed += collapsed
    if (next === undefined) return sending
    const { notification, message } = next
    const waitMs = last.at + (notifier.pauseMs?.(last.message ?? message) ?? 0) - io.clock()
    if (waitMs > 0) await rest(store, notification, waitMs, io)
    try {
      const receipt = await notifier.send(message, io, notification.receipt)
      const at = io.clock()
      last = { at, message }
      await store.alerts.sent(notification.id, receipt, at, at - downAfterMs)
      sending.sent += 1
      failures = 0
    } catch (error) {
      io.signal.throwIfAborted()
      const at = io.clock()
      last = { at, message }
      const failure = { at, error: messageOf(error), isUnsure: mayHaveArrived(error) }
      sending.error = failure.error
      if (error instanceof Refused || at - (notification.failedSince ?? at) > triedForMs) {
        sending.collapsed += await giveUp(store, notification, failure)
        sending.givenUp += 1
        io.log.error(`channel ${name}: a message was given up: ${failure.error}`)
        continue
      }
      const dueAt = at + pauseOf(notification, error)
      const isLimit = error instanceof RateLimited
      await store.alerts.postpone(notification.id, dueAt, failure, isLimit ? dueAt : undefined)
      failures += 1
      if (!isLimit) continue
      // The limit is of the channel: what comes next would be refused, too.
      if (dueAt - at > longestWaitMs || failures === mostFailures) return sending
      await io.sleep(dueAt - at)
    }
  }
  return sending
}

/** Waits before a message is sent; where it is told to stop meanwhile, the message is left as it was. */
async function rest(store: Store, { id }: Notification, waitMs: number, io: Io): Promise<void> {
  try {
    await io.sleep(waitMs)
  } catch (error) {
    await store.alerts.release(id)
    throw error
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
