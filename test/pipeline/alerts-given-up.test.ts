import { afterEach, expect, test } from 'vitest'
import type { AlertMessage } from '../../alerts/message.ts'
import { Refused, Unavailable } from '../../core/errors.ts'
import { refresh } from '../../pipeline/refresh.ts'
import { sendAlerts } from '../../pipeline/send-alerts.ts'
import { saveSilence } from '../../pipeline/silences.ts'
import type { Group } from '../../alerts/notify.ts'
import { play, type Played } from './alerts-played.ts'
import { clockwork, fails, fakeChannel, hourMs, minuteMs, start } from './sending.ts'

let played: Played
afterEach(() => played.store.close())

test.each([
  ['did not take it', fails(new Unavailable('the chat is down')), 30],
  ['refused it for good', fails(new Refused('the token is revoked')), 60],
])('the end of the last rule is told though its channel %s', async (_, failure, laterMinutes) => {
  played = play({ start, alerts: { rules: [{ name: 'fails', metric: 'changeFailRate', above: '15%' }] } })
  const { store, settings } = played
  const time = clockwork()
  const chat = fakeChannel('chat')
  const refreshed = () =>
    refresh(
      {
        ...played.pipeline,
        extractors: [],
        loaders: [],
        alerts: { settings: { ...settings, rules: [] }, notifiers: [chat.notifier] },
      },
      time.io,
    )
  await played.fails(0, 30)
  await played.told(0)
  await sendAlerts(store, [chat.notifier], time.io)
  time.pass(hourMs)
  chat.script.push(failure)
  await refreshed()
  expect(chat.said()).toEqual(['firing: shop firing'])
  time.pass(laterMinutes * minuteMs)
  await refreshed()
  expect(chat.said()).toEqual(['firing: shop firing', 'resolved: shop resolved'])
  // Where nothing is left to tell, nothing is evaluated.
  time.pass(hourMs)
  expect(await refreshed()).not.toHaveProperty('alerted')
})

test('what was told before it was given up has what is behind it told once, whatever is silenced then', async () => {
  played = play({ start, alerts: { rules: [{ name: 'fails', metric: 'changeFailRate', above: '15%' }] } })
  const { store } = played
  const time = clockwork()
  const chat = fakeChannel('chat')
  async function hour(failed: Record<string, number>): Promise<AlertMessage | undefined> {
    const number = (time.now() - start) / hourMs
    for (const [service, count] of Object.entries(failed)) await played.fails(number, count, service)
    await played.told(number)
    await sendAlerts(store, [chat.notifier], time.io)
    time.pass(hourMs)
    return chat.tried.at(-1)
  }
  const namesIn = (message: AlertMessage | undefined) =>
    message?.alerts.map(({ values }) => values.map(({ name }) => name).join(', '))

  const first = namesIn(await hour({ shop: 30 }))
  expect(first).toEqual([expect.stringMatching(/All of it$/)])
  chat.script.push(fails(new Refused('the token is revoked')))
  await hour({ shop: 30, blog: 30 })
  expect(chat.taken).toHaveLength(1)
  const [group] = (await store.alerts.groups()).map(({ body }) => JSON.parse(body) as Group)
  expect(group!.told).toMatchObject([{ labels: { service: 'shop' }, facts: [] }])
  expect(group!.told[0]!.values.map(({ name }) => name)).not.toContain('All of it')

  const match = { service: ['shop'] }
  await saveSilence(store.alerts, { id: 'a', match, from: start, until: start + 99 * hourMs, comment: '' })
  const last = await hour({ shop: 30, blog: 30 })
  expect(last!.alerts.map(({ labels }) => labels['service'])).toEqual(['blog', 'shop'])
  for (const names of namesIn(last)!) expect(names.match(/All of it/g)).toHaveLength(1)
})
