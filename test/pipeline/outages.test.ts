import { setImmediate as pass } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RateLimited, Refused, Unavailable } from '../../core/errors.ts'
import { sendAlerts } from '../../pipeline/send-alerts.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { clockwork, fails, fakeChannel, minuteMs, routeTo, tell } from './sending.ts'

let store: Store
let time: ReturnType<typeof clockwork>
let chat: ReturnType<typeof fakeChannel>
let mail: ReturnType<typeof fakeChannel>
let pager: ReturnType<typeof fakeChannel>
beforeEach(() => {
  store = openSqlite({ path: ':memory:' })
  time = clockwork()
  chat = fakeChannel('chat')
  mail = fakeChannel('mail')
  pager = fakeChannel('pager')
})
afterEach(() => store.close())

const down = fails(new Unavailable('nobody listens', { mayHaveArrived: false }))
const toChat = [routeTo(['chat'])]

/** As `dorado start`: a pass every minute. */
async function minutes(count: number, channels = [chat, mail, pager]): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    await sendAlerts(
      store,
      channels.map(({ notifier }) => notifier),
      time.io,
    )
    time.pass(minuteMs)
  }
}

const titles = ({ taken }: ReturnType<typeof fakeChannel>) =>
  taken.map(({ status, title }) => `${status}: ${title}`)

async function kinds(): Promise<string[]> {
  return (await store.alerts.history(0)).map(({ body }) => (JSON.parse(body) as { kind: string }).kind)
}

test('a channel that takes nothing is told of on the next one, once, and again when it takes messages', async () => {
  chat.state.fault = down
  await tell(store, toChat, ['shop', 'blog'], time.now())
  await minutes(15)
  expect(mail.taken).toEqual([])
  await minutes(60)
  expect(titles(mail)).toEqual([
    'firing: Channel chat has taken nothing since 2026-03-10T08:00:00.000Z: nobody listens',
  ])
  expect(mail.taken[0]).toMatchObject({
    severity: 'critical',
    alerts: [{ rule: 'channel down', labels: { channel: 'chat' } }],
  })
  expect(mail.taken[0]?.alerts[0]?.values).toContainEqual({ name: 'Messages that wait', text: '1' })
  delete chat.state.fault
  await minutes(40)
  expect(titles(mail)).toEqual([expect.any(String), 'resolved: Channel chat takes messages again'])
  // Of the same time of trouble, in the same thread.
  expect(mail.taken[1]?.groupKey).toBe(mail.taken[0]?.groupKey)
  expect(mail.receipts).toEqual([undefined, 'receipt 1'])
  expect(chat.taken).toHaveLength(1)
  expect(pager.tried).toEqual([])
  expect(await kinds()).toEqual(['channel down', 'channel works'])
})

test('a second outage is told like the first, as another episode', async () => {
  for (const episode of ['1', '2']) {
    chat.state.fault = down
    await tell(store, toChat, [`shop warning ${episode}`], time.now())
    await minutes(60)
    delete chat.state.fault
    await minutes(60)
  }
  expect(mail.taken.map(({ status, alerts }) => `${status} ${alerts[0]?.episode}`)).toEqual([
    'firing 1',
    'resolved 1',
    'firing 2',
    'resolved 2',
  ])
})

test('a channel that fails for a moment is not told of', async () => {
  chat.script.push(down, down, down)
  await tell(store, toChat, ['shop'], time.now())
  await minutes(60)
  expect(chat.taken).toHaveLength(1)
  expect(mail.taken).toEqual([])
})

test('what is refused for good is told of at once', async () => {
  chat.state.fault = fails(new Refused('token_revoked; make a new one'))
  await tell(store, toChat, ['shop'], time.now())
  await minutes(1)
  expect(titles(mail)).toEqual([
    'firing: Channel chat did not take a message, given up for good: token_revoked; make a new one',
  ])
  await minutes(60)
  expect(mail.taken).toHaveLength(1)
  delete chat.state.fault
  await tell(store, toChat, ['shop critical'], time.now())
  await minutes(2)
  expect(titles(mail)[1]).toBe('resolved: Channel chat takes messages again')
})

test('one message that is refused among others that are taken is told of, too', async () => {
  const routes = [routeTo(['chat'], ['service'])]
  chat.script.push(fails(new Refused('invalid_blocks')))
  await tell(store, routes, ['shop', 'blog'], time.now())
  await minutes(1)
  expect(chat.taken).toHaveLength(1)
  expect(titles(mail)).toEqual([
    'firing: Channel chat did not take a message, given up for good: invalid_blocks',
  ])
})

test('a channel that asks to be left alone is, and is told of', async () => {
  const routes = [routeTo(['chat'], ['service'])]
  chat.script.push(fails(new RateLimited('wait an hour', 60 * minuteMs)))
  await tell(store, routes, ['shop', 'blog', 'app'], time.now())
  await minutes(59)
  expect(chat.tried).toHaveLength(1)
  expect(titles(mail)).toHaveLength(1)
  await minutes(2)
  expect(chat.taken).toHaveLength(3)
})

test('is told to the next one that works, and never to itself', async () => {
  chat.state.fault = down
  mail.state.fault = down
  await tell(store, [routeTo(['chat', 'mail'])], ['shop'], time.now())
  await minutes(60)
  expect(titles(pager)).toEqual([
    expect.stringMatching(/^firing: Channel chat /),
    expect.stringMatching(/^firing: Channel mail /),
  ])
  delete mail.state.fault
  await minutes(60)
  expect(titles(mail)).toEqual(['firing: shop fails'])
  expect(titles(pager)[2]).toBe('resolved: Channel mail takes messages again')
})

test('is told to a third one where the second fails before it has heard', async () => {
  chat.state.fault = down
  await tell(store, toChat, ['shop'], time.now())
  await minutes(10)
  mail.state.fault = down
  await minutes(120)
  expect(titles(pager)).toEqual([
    expect.stringMatching(/^firing: Channel chat /),
    expect.stringMatching(/^firing: Channel mail /),
  ])
  delete chat.state.fault
  delete mail.state.fault
  await tell(store, [routeTo(['chat', 'mail'])], ['shop', 'blog'], time.now())
  await minutes(60)
  // It heard of none of it: there is nothing to take back.
  expect(titles(mail).filter((title) => title.includes('Channel'))).toEqual([])
  expect(titles(pager)).toHaveLength(4)
})

test('is told to a third one where the second refuses to hear of it', async () => {
  chat.state.fault = down
  mail.state.fault = fails(new Refused('no such address'))
  await tell(store, toChat, ['shop'], time.now())
  await minutes(20)
  expect(titles(pager)).toEqual([
    expect.stringMatching(/^firing: Channel chat /),
    expect.stringMatching(/^firing: Channel mail did not take a message/),
  ])
})

test('with one channel only it is logged, once', async () => {
  chat.state.fault = down
  await tell(store, toChat, ['shop'], time.now())
  await minutes(120, [chat])
  const logged = () => time.io.logged.filter((line) => line.startsWith('channel chat'))
  expect(logged()).toEqual([
    'channel chat: has taken nothing since 2026-03-10T08:00:00.000Z: nobody listens; 1 messages wait, no other channel to tell {}',
  ])
  expect(await store.alerts.channels()).toMatchObject([{ name: 'chat', error: 'nobody listens' }])
  delete chat.state.fault
  await minutes(60, [chat])
  expect(logged()).toHaveLength(2)
  expect(chat.taken).toHaveLength(1)
})

test('is told as soon as there is another channel that works', async () => {
  chat.state.fault = down
  mail.state.fault = down
  await tell(store, [routeTo(['chat', 'mail'])], ['shop'], time.now())
  await minutes(120, [chat, mail])
  delete mail.state.fault
  await minutes(60, [chat, mail])
  expect(titles(mail)).toEqual(['firing: shop fails', expect.stringMatching(/^firing: Channel chat /)])
})

test('a channel that is configured no more is told of as that', async () => {
  chat.state.fault = down
  await tell(store, toChat, ['shop'], time.now())
  await minutes(60)
  await minutes(2, [mail, pager])
  expect(titles(mail)[1]).toBe('resolved: Channel chat is configured no more')
  expect(await store.alerts.channels()).toMatchObject([{ name: 'mail' }])
})

test('the groups of outages are none of those of the rules', async () => {
  chat.state.fault = down
  await tell(store, toChat, ['shop'], time.now())
  await minutes(60)
  expect(mail.taken).toHaveLength(1)
  await tell(store, toChat, ['shop'], time.now())
  await minutes(2)
  expect(mail.taken).toHaveLength(1)
  expect(await store.alerts.groups()).toHaveLength(1)
})

test('others are not held up by a channel that does not answer, nor by one that refuses', async () => {
  const routes = [routeTo(['chat', 'mail', 'pager'], ['service'])]
  const services = Array.from({ length: 20 }, (_, index) => `service-${index}`)
  await tell(store, routes, services, time.now())
  let answer: () => void = () => {}
  chat.state.fault = () =>
    new Promise<void>((resolve) => {
      answer = resolve
    })
  pager.state.fault = down
  let isDone = false
  const sending = sendAlerts(
    store,
    [chat, mail, pager].map(({ notifier }) => notifier),
    time.io,
  ).then(() => (isDone = true))
  for (let turn = 0; turn < 1000 && mail.taken.length < 20; turn += 1) await pass()
  expect(mail.taken).toHaveLength(20)
  expect(isDone).toBe(false)
  // A channel that is down is left in peace after a few tries, whatever waits for it.
  expect(pager.tried).toHaveLength(3)
  delete chat.state.fault
  answer()
  await sending
  expect(chat.taken).toHaveLength(20)
})

test('all that waits is sent when a channel is back, whenever it would have been tried again', async () => {
  const routes = [routeTo(['chat'], ['service'])]
  chat.state.fault = down
  await tell(store, routes, ['shop', 'blog', 'app'], time.now())
  await minutes(120)
  delete chat.state.fault
  let passes = 0
  for (; chat.taken.length === 0; passes += 1) await minutes(1)
  await minutes(1)
  expect(passes).toBeLessThanOrEqual(30)
  expect(chat.taken).toHaveLength(3)
})
