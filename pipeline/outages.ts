import { isoOf } from '../core/calendar.ts'
import type { Notifier } from '../alerts/channel.ts'
import type { AlertMessage } from '../alerts/message.ts'
import { channelDown, outageEndMessage, outageMessage } from '../alerts/outage.ts'
import type { Io } from '../core/io.ts'
import type { ChannelState, OutageChange, ToldOutage } from '../store/channel-state.ts'
import type { Store } from '../store/store.ts'
import { fingerprintOf } from './told-alerts.ts'

/** So long a channel fails before another one is told. */
export const downAfterMs = 15 * 60_000

/** Whether a channel has not taken anything for long, or has made somebody give up a message. */
export function isDown(state: ChannelState, now: number): boolean {
  const { failingSince, failedAt, restingUntil, lost } = state
  if (lost > 0) return true
  if (failingSince === undefined) return false
  // Between two tries it may have come back; while it asks to be left alone, it has not.
  const until = restingUntil > now ? now : (failedAt ?? now)
  return until - failingSince >= downAfterMs
}

/**
 * Writes what has to be told of channels that are down, or take messages again, for the first other channel in the order
 * of the configuration that works: once an outage, in one transaction with the note that it was told. Where there is no
 * such channel, it is logged once. Returns the channels that have something to send now.
 */
export async function noteOutages(
  store: Store,
  notifiers: readonly Notifier[],
  { clock, log }: Pick<Io, 'clock' | 'log'>,
): Promise<Set<string>> {
  const now = clock()
  const names = notifiers.map(({ name }) => name)
  const states = new Map((await store.alerts.channels()).map((state) => [state.name, state]))
  const toldOnes = new Set<string>()
  for (const name of names) {
    const state = states.get(name)
    if (state === undefined) continue
    const change = await changeOf(state)
    if (change === undefined) continue
    await store.alerts.setOutage(change)
    if (change.message) toldOnes.add(change.message.channel)
  }
  for (const state of states.values()) {
    if (names.includes(state.name)) continue
    const { to } = state.told ?? {}
    if (to !== undefined && names.includes(to)) {
      await store.alerts.setOutage(endOf(state, now, 'configured no more'))
      toldOnes.add(to)
    }
    await store.alerts.forgetChannel(state.name)
  }
  return toldOnes

  async function changeOf(state: ChannelState): Promise<OutageChange | undefined> {
    const { name, told, takenAt = -Infinity, failingSince } = state
    const works = failingSince === undefined && (told === undefined || takenAt > told.at)
    if (told !== undefined && works) {
      log.info(`channel ${name}: takes messages again`)
      return endOf(state, now)
    }
    if (told === undefined && !isDown(state, now)) return undefined
    const isHeard = told?.to !== undefined && names.includes(told.to) && !(await isStuck(told))
    if (isHeard) return undefined
    const to = names.find((other) => other !== name && states.get(other)?.failingSince === undefined)
    const waiting = (await store.alerts.outbox()).find(({ channel }) => channel === name)?.waiting ?? 0
    if (told === undefined) {
      const whom = to === undefined ? 'no other channel to tell' : `told to ${to}`
      log.error(`channel ${name}: ${problemOf(state)}; ${waiting} messages wait, ${whom}`)
    }
    if (to !== undefined) return beginningOf(state, to, waiting, now)
    if (told !== undefined) return undefined
    const since = sinceOf(state, now)
    return {
      channel: name,
      at: now,
      told: { at: now, since, to, groupId: undefined },
      history: historyOf(state),
    }
  }

  /** Told to a channel that is down by now, and has not heard of it. */
  async function isStuck({ to, groupId }: ToldOutage): Promise<boolean> {
    const state = to === undefined ? undefined : states.get(to)
    if (state === undefined || !isDown(state, now) || groupId === undefined) return false
    return (await store.alerts.group(groupId)).taken === undefined
  }
}

function problemOf({ failingSince, error = 'no answer', lost }: ChannelState): string {
  if (lost > 0) return `${lost} messages were given up: ${error}`
  return `has taken nothing since ${isoOf(failingSince ?? 0)}: ${error}`
}

function sinceOf({ told, failingSince, failedAt }: ChannelState, now: number): number {
  return told?.since ?? failingSince ?? failedAt ?? now
}

function beginningOf(state: ChannelState, to: string, waiting: number, now: number): OutageChange {
  const { name, told, lost, error = 'no answer' } = state
  const episode = state.outages + 1
  const groupId = fingerprintOf(`${channelDown} ${name} ${to} ${episode}`)
  const since = sinceOf(state, now)
  const outage = { channel: name, episode, since, error, waiting, lost }
  const message = outageMessage(outage, now, groupId, fingerprintOf)
  return {
    channel: name,
    at: now,
    told: { at: now, since, to, groupId },
    ...(told?.groupId === undefined ? {} : { instead: told.groupId }),
    message: { ...queued(message, to, name), isLast: false },
    history: historyOf(state, to),
  }
}

function endOf(state: ChannelState, now: number, reason?: string): OutageChange {
  const { name, told, lost, outages } = state
  const history = JSON.stringify({ kind: 'channel works', channel: name, labels: { channel: name } })
  const change: OutageChange = { channel: name, at: now, told: undefined, history }
  const { to, groupId, since } = told!
  if (to === undefined || groupId === undefined) return change
  const end = {
    channel: name,
    episode: outages,
    since,
    lost,
    ...(reason === undefined ? {} : { reason }),
  }
  const message = outageEndMessage(end, now, groupId, fingerprintOf)
  return { ...change, message: { ...queued(message, to, name), isLast: true } }
}

function queued(message: AlertMessage, to: string, of: string) {
  const { groupKey: groupId, key } = message
  return { channel: to, queue: `${channelDown} ${of}`, groupId, key, body: JSON.stringify(message) }
}

function historyOf({ name, failingSince, error, lost }: ChannelState, to?: string): string {
  const labels = { channel: name }
  return JSON.stringify({ kind: channelDown, channel: name, labels, since: failingSince, error, lost, to })
}
