import { expect, test } from 'vitest'
import { pagerdutyEvents } from '../../alerts/channels/pagerduty-events.ts'
import type { AlertMessage } from '../../alerts/message.ts'
import { Refused, Unavailable } from '../../core/errors.ts'
import { sendAlerts } from '../../pipeline/send-alerts.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { seeded } from '../alerts/seeded.ts'
import { clockwork, fakeChannel, minuteMs, routeTo, tell } from './sending.ts'

/**
 * Whatever fires and whenever a channel does not listen, or listens and does not answer: in the end it knows what fires,
 * and it never hears of the end of what it cannot have heard of.
 */
const names = ['app', 'blog', 'shop', 'till']
const severities = [undefined, 'warning', 'critical'] as const

/** What a channel has heard: the last of each alert in each group. */
function listener() {
  const heard = new Map<string, string>()
  const episodes = new Set<string>()
  const incidents = new Set<string>()
  return {
    episodes,
    /** What is open at PagerDuty where this is all that it was sent. */
    incidents,
    hear(message: AlertMessage): void {
      const { groupKey, alerts } = message
      for (const event of pagerdutyEvents(message) as { event_action: string; dedup_key: string }[]) {
        if (event.event_action === 'trigger') incidents.add(event.dedup_key)
        else incidents.delete(event.dedup_key)
      }
      for (const { fingerprint, episode, status, severity } of alerts) {
        heard.set(`${groupKey} ${fingerprint}`, status === 'firing' ? `${severity} ${episode}` : status)
        if (status === 'firing') episodes.add(`${fingerprint} ${episode}`)
      }
    },
    firing: () =>
      [...heard].flatMap(([key, text]) => (text === 'resolved' ? [] : [`${key.split(' ')[1]} ${text}`])),
  }
}

test.each(Array.from({ length: 100 }, (_, seed) => seed))('a channel knows what fires (%i)', async (seed) => {
  const random = seeded(seed)
  const store = openSqlite({ path: ':memory:' })
  const time = clockwork()
  const routes = [routeTo(['chat'], random() < 0.5 ? ['team'] : ['service'])]
  const chat = fakeChannel('chat')
  const knows = listener()
  let delivered = 0
  const ends: string[] = []
  function catchUp(): void {
    for (const message of chat.taken.slice(delivered)) {
      for (const { fingerprint, episode, status, moved } of message.alerts)
        if (status === 'resolved' && moved === undefined) ends.push(`${fingerprint} ${episode}`)
      knows.hear(message)
    }
    delivered = chat.taken.length
  }
  const faults: Record<string, (() => unknown) | undefined> = {
    none: undefined,
    'nobody there': () => {
      throw new Unavailable('nobody there', { mayHaveArrived: false })
    },
    refused: () => {
      throw new Refused('the token is revoked')
    },
    'no answer': () => {
      const message = chat.tried.at(-1)!
      // Every other time it has arrived.
      if (random() < 0.5) chat.taken.push(message)
      for (const { fingerprint, episode, status } of message.alerts)
        if (status === 'firing') knows.episodes.add(`${fingerprint} ${episode}`)
      throw new Unavailable('no answer')
    },
  }
  const current = new Map<string, { severity: string | undefined; episode: number }>()
  const firing = () =>
    [...current].flatMap(([name, { severity, episode }]) =>
      severity === undefined ? [] : [`${name} ${severity} ${episode}`],
    )
  for (let slot = 0; slot < 40; slot += 1) {
    for (const name of names) {
      if (random() < 0.5) continue
      const before = current.get(name) ?? { severity: undefined, episode: 0 }
      const severity = severities[Math.floor(random() * severities.length)]
      const isNew = severity !== undefined && before.severity === undefined
      current.set(name, { severity, episode: before.episode + (isNew ? 1 : 0) })
    }
    await tell(store, routes, firing(), time.now())
    if (random() < 0.3) {
      const kinds = Object.values(faults)
      const fault = kinds[Math.floor(random() * kinds.length)]
      if (fault) chat.state.fault = fault
      else delete chat.state.fault
    }
    // One message that it cannot read, at once or after some tries, whatever becomes of the others.
    if (chat.script.length === 0 && random() < 0.2) {
      const tries = Array.from({ length: random() * 5 }, () => faults['nobody there']!)
      chat.script.push(...tries, faults['refused']!)
    }
    // A process that ends with a message on its way.
    if (random() < 0.1) {
      const lost = await store.alerts.claim('chat', time.now(), time.now() + 2 * minuteMs)
      for (const { fingerprint, episode, status } of (
        JSON.parse(lost?.body ?? '{"alerts":[]}') as AlertMessage
      ).alerts)
        if (status === 'firing') knows.episodes.add(`${fingerprint} ${episode}`)
    }
    let lost = 0
    for (let pass = 0; pass < 3; pass += 1) {
      lost += (await sendAlerts(store, [chat.notifier], time.io))[0]!.givenUp
      catchUp()
      time.pass(random() < 0.7 ? minuteMs : 20 * minuteMs)
    }
    // What was given up is told anew after the next evaluation.
    const waiting = (await store.alerts.outbox())[0]?.waiting ?? 0
    if (lost === 0 && waiting === 0) expect(knows.firing().sort()).toEqual(firing().sort())
  }
  delete chat.state.fault
  for (let pass = 0; pass < 20; pass += 1) {
    // What was given up is told anew after an evaluation.
    if (pass === 10) await tell(store, routes, firing(), time.now())
    await sendAlerts(store, [chat.notifier], time.io)
    catchUp()
    time.pass(30 * minuteMs)
  }
  expect(await store.alerts.outbox()).toMatchObject([{ waiting: 0 }])
  expect(knows.firing().sort()).toEqual(firing().sort())
  const open = firing().map((text) => `dorado/${text.split(' ')[0]}`)
  expect([...knows.incidents].sort()).toEqual(open.sort())
  expect(ends.filter((each) => !knows.episodes.has(each))).toEqual([])
  store.close()
})
