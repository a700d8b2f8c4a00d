import type { Notifier } from '../../alerts/channel.ts'
import type { Alert, AlertMessage } from '../../alerts/message.ts'
import { planMessages, type Group } from '../../alerts/notify.ts'
import type { Route } from '../../alerts/route.ts'
import type { Io } from '../../core/io.ts'
import { fingerprintOf } from '../../pipeline/told-alerts.ts'
import type { Store } from '../../store/store.ts'
import { quietIo } from '../extractors/contract.ts'

export const start = Date.UTC(2026, 2, 10, 8)
export const minuteMs = 60_000
export const hourMs = 60 * minuteMs

/** What the sender works with, at a time that a test moves on. */
export function clockwork() {
  let now = start
  const quiet = quietIo(start)
  const sleep = (ms: number) => {
    now += ms
    quiet.waits.push(ms)
    return Promise.resolve()
  }
  const io: Io & { waits: number[]; logged: string[] } = { ...quiet, clock: () => now, sleep }
  return { io, pass: (ms: number) => void (now += ms), now: () => now }
}

export function routeTo(channels: readonly string[], groupBy = ['team']): Route {
  return { match: {}, channels, groupBy, repeatMs: Infinity, goesOn: false }
}

/** What an evaluation writes where these services fire, without the numbers behind it. */
export async function tell(
  store: Store,
  routes: readonly Route[],
  firing: readonly string[],
  at: number,
): Promise<void> {
  const planned = planMessages({
    routes,
    firing: firing.map((each) => alertOf(each)),
    ended: new Map(),
    groups: (await store.alerts.groups()).map(({ body }) => JSON.parse(body) as Group),
    isQuiet: () => false,
    at,
    fingerprint: fingerprintOf,
  })
  const change = {
    instances: [],
    gone: [],
    groups: planned.groups.map((group) => ({
      key: group.key,
      body: JSON.stringify(group),
      isOver: group.told.length === 0,
    })),
    history: [],
    messages: planned.messages.map(({ channel, queue, message }) => ({
      channel,
      queue,
      groupId: message.groupKey,
      key: message.key,
      body: JSON.stringify(message),
    })),
  }
  await store.alerts.commit(at, change, at)
}

/** `shop`, `shop critical`, `shop critical 2`: a service, with its severity and episode. */
export function alertOf(text: string): Alert {
  const [service = '', severity = 'warning', episode = '1'] = text.split(' ') as [
    string?,
    Alert['severity']?,
    string?,
  ]
  return {
    fingerprint: service,
    episode: Number(episode),
    rule: 'fails',
    status: 'firing',
    severity,
    labels: { service, team: 'web', severity },
    summary: `${service} fails`,
    values: [],
    facts: [],
    startedAt: start,
  }
}

/** `firing: shop firing, blog resolved`. */
export function textOf({ status, alerts }: AlertMessage): string {
  return `${status}: ${alerts.map((alert) => `${alert.labels['service'] ?? alert.rule} ${alert.status}`).join(', ')}`
}

/** A channel that notes what it takes; what is in `script` happens instead. */
export function fakeChannel(name: string, { pauseMs }: { pauseMs?: number } = {}) {
  const taken: AlertMessage[] = []
  const tried: AlertMessage[] = []
  const script: (() => unknown)[] = []
  const receipts: (string | undefined)[] = []
  const state: { fault?: () => unknown } = {}
  const notifier: Notifier = {
    name,
    ...(pauseMs === undefined ? {} : { pauseMs: () => pauseMs }),
    async send(message, _io, earlier) {
      tried.push(message)
      await (script.shift() ?? state.fault)?.()
      taken.push(message)
      receipts.push(earlier)
      return `receipt ${taken.length}`
    },
    check: () => Promise.resolve([]),
  }
  return { notifier, taken, tried, script, receipts, state, said: () => taken.map(textOf) }
}

export function fails(error: Error): () => never {
  return () => {
    throw error
  }
}
