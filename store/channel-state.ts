/** How a channel of alerts is doing. Instants are epoch ms. */
export interface ChannelState {
  name: string
  /** The first failure since it last took a message; undefined while it takes them. */
  failingSince: number | undefined
  /** The last failure, and what it said. */
  failedAt: number | undefined
  error: string | undefined
  takenAt: number | undefined
  /** It asked to be left alone until then; 0 where it did not. */
  restingUntil: number
  /** Messages that were given up since somebody was last told of it. */
  lost: number
  /** Counts its outages that somebody was told of. */
  outages: number
  /** What was told of the present outage. */
  told: ToldOutage | undefined
}

export interface ToldOutage {
  at: number
  /** Since when the channel had failed then. */
  since: number
  /** Who was told, and the group of the messages; undefined where there was only the log. */
  to: string | undefined
  groupId: string | undefined
}

/** What becomes of an outage of a channel; it is stored together or not at all. */
export interface OutageChange {
  channel: string
  at: number
  /** Whom it is told to from now on: undefined where it is over. */
  told: ToldOutage | undefined
  /** Its messages that still wait elsewhere are not sent any more: the group. */
  instead?: string
  message?: {
    channel: string
    queue: string
    groupId: string
    key: string
    body: string
    /** The last one of its group. */
    isLast: boolean
  }
  history: string
}

/** Why a message was not taken. */
export interface Failure {
  at: number
  error: string
  /** It may have been taken all the same. */
  isUnsure: boolean
}
