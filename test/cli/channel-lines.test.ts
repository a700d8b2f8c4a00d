import { afterEach, beforeEach, expect, test } from 'vitest'
import { channelChecks, untoldLines } from '../../cli/channel-lines.ts'
import { RateLimited, Unavailable } from '../../core/errors.ts'
import { sendAlerts } from '../../pipeline/send-alerts.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { clockwork, fails, fakeChannel, minuteMs, routeTo, start, tell } from '../pipeline/sending.ts'

let store: Store
beforeEach(() => {
  store = openSqlite({ path: ':memory:' })
})
afterEach(() => store.close())

test('a channel that is down says since when, why, and who was told; what it never heard of is listed', async () => {
  const time = clockwork()
  const [chat, mail] = [fakeChannel('chat'), fakeChannel('mail')]
  const pass = () => sendAlerts(store, [chat.notifier, mail.notifier], time.io)
  chat.state.fault = fails(new Unavailable('nobody listens', { mayHaveArrived: false }))
  await tell(store, [routeTo(['chat'])], ['shop'], time.now())
  await pass()
  expect((await channelChecks(store, time.now())).get('chat')).toEqual({
    name: 'messages',
    ok: true,
    detail: '1 wait, 0 given up; takes nothing since 2026-03-10T08:00:00.000Z; last: nobody listens',
  })
  time.pass(60 * minuteMs)
  await pass()
  expect((await channelChecks(store, time.now())).get('chat')).toEqual({
    name: 'messages',
    ok: false,
    detail:
      '1 wait, 0 given up; takes nothing since 2026-03-10T08:00:00.000Z, told to mail; last: nobody listens',
  })
  await tell(store, [routeTo(['chat'])], [], time.now())
  time.pass(60 * minuteMs)
  await pass()
  expect((await channelChecks(store, time.now())).get('chat')?.detail).toMatch(
    /^0 wait, 0 given up, 2 collapsed/,
  )
  expect(await untoldLines(store, start)).toEqual([
    'never told to chat: shop fails (2026-03-10T08:00:00.000Z to 2026-03-10T09:00:00.000Z)',
  ])
  expect(await untoldLines(store, time.now() + 1)).toEqual([])
})

test('a channel that asked to be left alone says until when', async () => {
  const time = clockwork()
  const chat = fakeChannel('chat')
  chat.state.fault = fails(new RateLimited('slower', 10 * minuteMs))
  await tell(store, [routeTo(['chat'])], ['shop'], time.now())
  await sendAlerts(store, [chat.notifier], time.io)
  expect((await channelChecks(store, time.now())).get('chat')?.detail).toContain(
    'asked to wait until 2026-03-10T08:10:00.000Z; last: slower',
  )
})
