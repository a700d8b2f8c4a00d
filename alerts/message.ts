/** From least to most: a rule may have one threshold for each. */
export const severities = ['info', 'warning', 'critical'] as const
export type Severity = (typeof severities)[number]

/** What an alert is of: `service`, `team`, `environment`, `rule`, `severity` and what the rule adds. */
export type Labels = Readonly<Record<string, string>>

/** What an alert that fires for want of data has beside the labels that it would have for a breach. */
export const ofNoData: Labels = { health: 'nodata' }

export function isOfNoData({ labels }: { labels: Labels }): boolean {
  return labels['health'] === ofNoData['health']
}

/** Something behind a number: a deployment, an incident, a change. */
export interface AlertFact {
  text: string
  url?: string
  /** Epoch ms. */
  at?: number
}

/** What a message tells of a number. */
export interface AlertValue {
  name: string
  text: string
  /** It was looked up for one message, as the facts are, and is looked up anew for the next. */
  isEvidence?: true
}

/** One alert as it is told. Texts are plain: what a channel has to escape, it escapes. */
export interface Alert {
  /** Of the rule and the labels: the same for every episode. */
  fingerprint: string
  /** Counts the times that it fired, from 1. */
  episode: number
  rule: string
  status: 'firing' | 'resolved'
  severity: Severity
  labels: Labels
  /** One line. */
  summary: string
  /** What belongs to it, in order: value, threshold, n, before, trend. */
  values: readonly AlertValue[]
  /** The same for programs: rates from 0 to 1, durations in seconds, frequencies a day. */
  numbers?: {
    unit: 'rate' | 'duration' | 'perDay' | 'count'
    value: number | undefined
    threshold: number | undefined
    n: number | undefined
    before: number | undefined
    /** Of what is over, what it is now. */
    now?: number
  }
  facts: readonly AlertFact[]
  /** What to do: a text, or an address. */
  runbook?: string
  /** Of the dashboard that shows it. */
  url?: string
  /** Epoch ms. */
  startedAt: number
  endedAt?: number
  /**
   * Why it ended, or is told now, where that is not what the numbers say: `removed`, `rule removed`, `rule no longer
   * covers it`, `restated`.
   */
  reason?: string
  /**
   * It fires on, though `resolved` here: its severity leads it to another route, so another group of this channel is told
   * of it from now on, or only other channels are.
   */
  moved?: 'here' | 'elsewhere'
}

/** One message: the alerts of a group that a channel is told of together. */
export interface AlertMessage {
  /** The same whenever this very message is sent: short enough to be shown, so that a repeated one is recognised. */
  key: string
  /**
   * The same for all messages of one group on one channel, from the first that fires to the last that is resolved: a
   * thread, or what another system knows the alert by.
   */
  groupKey: string
  /** `resolved` when none of the group fires any more. */
  status: 'firing' | 'resolved'
  /** The highest of the alerts that fire; of all where none does. */
  severity: Severity
  /** One line: what fires, where, how many. */
  title: string
  /** What all alerts of the group have in common. */
  labels: Labels
  alerts: readonly Alert[]
  /** When it was made, epoch ms. */
  at: number
  /** It is a test: nothing is wrong. */
  isTest?: boolean
}
