import type { ChannelState, Failure, OutageChange } from './channel-state.ts'

/** What is kept as JSON under a key. */
export interface Kept {
  key: string
  body: string
}

export interface Notification {
  id: number
  channel: string
  groupId: string
  /** The message as JSON. */
  body: string
  /** How often it was tried. */
  tries: number
  createdAt: number
  /** The first time that it, or one that it takes the place of, was not taken; undefined where there was none. */
  failedSince: number | undefined
  /** What the channel said of the group's message before. */
  receipt: string | undefined
}

/** What waits of a group, and what its channel has heard of it. */
export interface GroupState {
  /** As it was committed; undefined where there is no such group any more. */
  body: string | undefined
  /** In their order, and whether another group of their queue comes before them. */
  waiting: { id: number; body: string; isBehindOthers: boolean }[]
  /** The last message that the channel took, as JSON; undefined where it took none, null where that is not known. */
  taken: string | undefined | null
  /** Messages that it may have taken since, as JSON. */
  unsure: string[]
}

/** Messages of a group that are not sent as they are. */
export interface Collapsed {
  dropped: readonly number[]
  /** The one that is sent for all, with its new content, leased like the one that was claimed, and as long not taken. */
  kept?: { id: number; body: string; leasedUntil: number; failedSince: number | undefined }
  history: { at: number; body: string }
}

/** Everything that one evaluation of the rules changes; it is stored together or not at all. */
export interface AlertChange {
  instances: readonly Kept[]
  gone: readonly string[]
  /** Groups that something is told of, and those that are over. */
  groups: readonly (Kept & { isOver: boolean })[]
  history: readonly { at: number; body: string }[]
  /** Those of one queue reach the channel in their order. */
  messages: readonly { channel: string; queue: string; groupId: string; key: string; body: string }[]
  /** What the next evaluation has to know of this one, as JSON; where there is none, the former stays. */
  seen?: string
}

export interface AlertStore {
  instances(): Promise<Kept[]>
  /** Those that are not over. */
  groups(): Promise<Kept[]>
  /**
   * Writes the change of a slot, and the slot with it; nothing at all where that slot was evaluated already. Without a
   * slot it is of no evaluation.
   */
  commit(slot: number | undefined, change: AlertChange, at: number): Promise<boolean>
  lastSlot(): Promise<number | undefined>
  /** What the last evaluation left for the next; undefined where there was none. */
  seen(): Promise<string | undefined>
  /** What happened since an instant, the latest last. */
  history(since: number): Promise<{ at: number; body: string }[]>
  silences(): Promise<Kept[]>
  setSilence(silence: Kept): Promise<void>
  removeSilence(id: string): Promise<boolean>
  /**
   * The next message of a channel that is due and not leased, leased until then. Of a queue none is given out before
   * the one that came first is sent or given up.
   */
  claim(channel: string, at: number, leasedUntil: number): Promise<Notification | undefined>
  /** It was claimed, and nothing of it was sent: it is due as before. */
  release(id: number): Promise<void>
  /**
   * The channel has it; what it says is for the group's next. Where it has failed since `downSince` or longer, all that
   * waits for it is due now.
   */
  sent(id: number, receipt: string | undefined, at: number, downSince: number): Promise<void>
  group(groupId: string): Promise<GroupState>
  /** Changes what the channel was told of a group. */
  setGroup(group: Kept & { isOver: boolean }): Promise<void>
  collapse(collapsed: Collapsed): Promise<void>
  /** What a message that waits says from now on. */
  setBody(id: number, body: string): Promise<void>
  /** It is tried again then; the channel is left alone until `restUntil`, where one is given. */
  postpone(id: number, dueAt: number, failure: Failure, restUntil?: number): Promise<void>
  /** It is given up. */
  giveUp(id: number, failure: Failure): Promise<void>
  /** Of the channels that something was sent to. */
  channels(): Promise<ChannelState[]>
  setOutage(change: OutageChange): Promise<void>
  /** It is configured no more. */
  forgetChannel(name: string): Promise<void>
  /** How many messages of each channel wait, and of the last ten thousand were given up, or collapsed. */
  outbox(): Promise<
    {
      channel: string
      waiting: number
      givenUp: number
      collapsed: number
      oldest: number | null
      error: string | null
    }[]
  >
}
