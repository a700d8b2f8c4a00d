import type { Check } from '../core/check.ts'
import type { Io } from '../core/io.ts'
import type { AlertMessage } from './message.ts'

/** What a channel knows a group's message by, kept for those that follow: text, as the channel needs it. */
export type Receipt = string

/** Where messages go. */
export interface Notifier {
  name: string
  /** How long it has to be left alone after a message, because of what it takes in a minute. */
  pauseMs?(message: AlertMessage): number
  /**
   * Sends a message once and resolves when the channel has acknowledged it. `earlier` is the receipt of the group's
   * message before, if there was one: what follows it is put into its thread, or takes its place. Returns the receipt
   * for the next, or undefined where the channel has none. Throws Refused where it will never be taken, RateLimited
   * and Unavailable where it may be later: whoever calls tries again, the channel itself does not.
   */
  send(message: AlertMessage, io: Io, earlier?: Receipt): Promise<Receipt | undefined>
  /** What can be told without sending anything. Never throws. */
  check(io: Io): Promise<Check[]>
}
