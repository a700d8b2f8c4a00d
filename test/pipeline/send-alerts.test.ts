import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RateLimited, Refused, Unavailable } from '../../core/errors.ts'
import { sendAlerts } from '../../pipeline/send-alerts.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { clockwork, fails, fakeChannel, minuteMs, routeTo, tell } from './sending.ts'

let store: Store
let time: ReturnType<typeof clockwork>
beforeEach(() => {
  store = openSqlite({ path: ':memory:' })
  time = clockwork()
})
afterEach(() => store.close())

const routes = [routeTo(['chat'])]
const down = fails(new Unavailable('the chat is down'))

async function fireAndResolve(): Promise<void> {
  await tell(store, routes, ['shop'], time.now())
  time.pass(minuteMs)
  await tell(store, routes, [], time.now())
}

describe('sending', () => {
  test('an end never overtakes its beginning, and comes into its thread', async () => {
    await fireAndResolve()
    const chat = fakeChannel('chat')
    chat.script.push(down)
    expect(await sendAlerts(store, [chat.notifier], time.io)).toMatchObject([
      { sent: 0, error: 'the chat is down' },
    ])
    expect(chat.taken).toEqual([])
    time.pass(5 * minuteMs)
    expect(await sendAlerts(store, [chat.notifier], time.io)).toMatchObject([{ sent: 2, collapsed: 0 }])
    expect(chat.said()).toEqual(['firing: shop firing', 'resolved: shop resolved'])
    expect(chat.receipts).toEqual([undefined, 'receipt 1'])
    expect(await sendAlerts(store, [chat.notifier], time.io)).toMatchObject([{ sent: 0 }])
  })

  test('the end of one time of trouble is not overtaken by the next one', async () => {
    await fireAndResolve()
    time.pass(minuteMs)
    await tell(store, routes, ['shop warning 2'], time.now())
    const chat = fakeChannel('chat')
    chat.script.push(() => {}, down)
    await sendAlerts(store, [chat.notifier], time.io)
    expect(chat.said()).toEqual(['firing: shop firing'])
    time.pass(minuteMs)
    await sendAlerts(store, [chat.notifier], time.io)
    expect(chat.said()).toEqual(['firing: shop firing', 'resolved: shop resolved', 'firing: shop firing'])
  })

  test('what is refused for good is given up, and holds up nothing', async () => {
    await tell(store, [routeTo(['chat'], ['service'])], ['shop', 'blog'], time.now())
    const chat = fakeChannel('chat')
    chat.script.push(fails(new Refused('no such channel')))
    expect(await sendAlerts(store, [chat.notifier], time.io)).toMatchObject([{ sent: 1, givenUp: 1 }])
    expect(chat.said()).toEqual(['firing: blog firing'])
    expect(await store.alerts.outbox()).toMatchObject([{ waiting: 0, givenUp: 1, error: 'no such channel' }])
  })

  test('what a process had on its way when it ended is sent again, after its lease', async () => {
    await fireAndResolve()
    // It is taken, and nobody says what became of it.
    expect(await store.alerts.claim('chat', time.now(), time.now() + 120_000)).toBeDefined()
    const chat = fakeChannel('chat')
    time.pass(minuteMs)
    await sendAlerts(store, [chat.notifier], time.io)
    expect(chat.said()).toEqual([])
    time.pass(minuteMs)
    await sendAlerts(store, [chat.notifier], time.io)
    expect(chat.said()).toEqual(['firing: shop firing', 'resolved: shop resolved'])
  })
})

describe('what was given up', () => {
  const refused = fails(new Refused('the token is revoked'))

  test('is told anew after the next evaluation, while it is so', async () => {
    const chat = channelThat(refused)
    for (const firing of [['shop'], ['shop'], ['shop', 'blog']]) {
      await tell(store, routes, firing, time.now())
      await sendAlerts(store, [chat.notifier], time.io)
      time.pass(60 * minuteMs)
    }
    expect(chat.tried).toHaveLength(3)
    delete chat.state.fault
    for (let hour = 0; hour < 3; hour += 1) {
      await tell(store, routes, ['shop', 'blog'], time.now())
      await sendAlerts(store, [chat.notifier], time.io)
      time.pass(60 * minuteMs)
    }
    expect(chat.said()).toEqual(['firing: shop firing, blog firing'])
  })

  test('is not told where it is over by then', async () => {
    const chat = channelThat(refused)
    await tell(store, routes, ['shop'], time.now())
    await sendAlerts(store, [chat.notifier], time.io)
    delete chat.state.fault
    time.pass(60 * minuteMs)
    await tell(store, routes, [], time.now())
    expect(await sendAlerts(store, [chat.notifier], time.io)).toMatchObject([{ sent: 0 }])
    expect(chat.taken).toEqual([])
  })

  test('of an end is told anew, in the thread of the beginning', async () => {
    const chat = channelThat(undefined)
    await tell(store, routes, ['shop'], time.now())
    await sendAlerts(store, [chat.notifier], time.io)
    chat.script.push(refused)
    for (let hour = 0; hour < 3; hour += 1) {
      time.pass(60 * minuteMs)
      await tell(store, routes, [], time.now())
      await sendAlerts(store, [chat.notifier], time.io)
    }
    expect(chat.said()).toEqual(['firing: shop firing', 'resolved: shop resolved'])
    expect(chat.receipts).toEqual([undefined, 'receipt 1'])
    expect(await store.alerts.groups()).toEqual([])
  })

  test('leaves the severity that was told before', async () => {
    const chat = channelThat(undefined)
    await tell(store, routes, ['shop'], time.now())
    await sendAlerts(store, [chat.notifier], time.io)
    chat.script.push(refused)
    for (let hour = 0; hour < 3; hour += 1) {
      time.pass(60 * minuteMs)
      await tell(store, routes, ['shop critical'], time.now())
      await sendAlerts(store, [chat.notifier], time.io)
    }
    expect(chat.taken.map(({ severity }) => severity)).toEqual(['warning', 'critical'])
  })

  test('has its ends told by the message that waits behind it', async () => {
    const chat = channelThat(undefined)
    await tell(store, routes, ['shop', 'blog'], time.now())
    await sendAlerts(store, [chat.notifier], time.io)
    time.pass(60 * minuteMs)
    await tell(store, routes, ['blog'], time.now())
    chat.script.push(down, refused)
    await sendAlerts(store, [chat.notifier], time.io)
    time.pass(minuteMs)
    await tell(store, routes, ['blog', 'cart'], time.now())
    await sendAlerts(store, [chat.notifier], time.io)
    expect(chat.said().slice(1)).toEqual(['firing: blog firing, cart firing, shop resolved'])
    await expectNothingMore(chat, ['blog', 'cart'])
  })

  test('has an end before the beginning of what began again', async () => {
    const chat = channelThat(undefined)
    await tell(store, routes, ['shop', 'blog'], time.now())
    await sendAlerts(store, [chat.notifier], time.io)
    time.pass(60 * minuteMs)
    await tell(store, routes, ['blog'], time.now())
    chat.script.push(down, refused, refused)
    await sendAlerts(store, [chat.notifier], time.io)
    time.pass(minuteMs)
    await tell(store, routes, ['blog', 'shop warning 2'], time.now())
    time.pass(minuteMs)
    await tell(store, routes, ['blog critical', 'shop warning 2'], time.now())
    await sendAlerts(store, [chat.notifier], time.io)
    expect(chat.said().slice(1)).toEqual(['firing: shop resolved, blog firing, shop firing'])
    await expectNothingMore(chat, ['blog critical', 'shop warning 2'])
  })

  test('takes its end along, where nobody can have heard of it', async () => {
    const chat = channelThat(undefined)
    await fireAndResolve()
    chat.script.push(refused)
    expect(await sendAlerts(store, [chat.notifier], time.io)).toMatchObject([
      { sent: 0, givenUp: 1, collapsed: 1 },
    ])
    expect(await store.alerts.outbox()).toMatchObject([{ waiting: 0, givenUp: 1, collapsed: 1 }])
    const [event] = (await store.alerts.history(0)).map(({ body }) => JSON.parse(body) as unknown)
    const untold = [{ summary: 'shop fails' }]
    expect(event).toMatchObject({ kind: 'collapsed', channel: 'chat', messages: 1, untold })
    await expectNothingMore(chat, [])
  })

  test('leaves its end, where it may have been heard of', async () => {
    const chat = channelThat(undefined)
    await fireAndResolve()
    chat.script.push(fails(new Unavailable('no answer in time')), refused)
    await sendAlerts(store, [chat.notifier], time.io)
    time.pass(minuteMs)
    await sendAlerts(store, [chat.notifier], time.io)
    expect(chat.said()).toEqual(['resolved: shop resolved'])
    await expectNothingMore(chat, [])
  })

  test('has no end told of what the channel never heard of', async () => {
    const chat = channelThat(undefined)
    const unreached = fails(new Unavailable('nobody there', { mayHaveArrived: false }))
    chat.script.push(unreached, refused, refused)
    await tell(store, routes, ['shop', 'blog'], time.now())
    await sendAlerts(store, [chat.notifier], time.io)
    time.pass(minuteMs)
    await tell(store, routes, ['blog'], time.now())
    time.pass(minuteMs)
    await tell(store, routes, ['blog', 'cart'], time.now())
    await sendAlerts(store, [chat.notifier], time.io)
    expect(chat.said()).toEqual(['firing: blog firing, cart firing'])
    await expectNothingMore(chat, ['blog', 'cart'])
  })

  test('has the end of a whole group told, though the next one of its queue waits', async () => {
    const chat = channelThat(undefined)
    await tell(store, routes, ['shop'], time.now())
    await sendAlerts(store, [chat.notifier], time.io)
    time.pass(60 * minuteMs)
    await tell(store, routes, [], time.now())
    chat.script.push(down, refused)
    await sendAlerts(store, [chat.notifier], time.io)
    time.pass(minuteMs)
    await tell(store, routes, ['cart'], time.now())
    for (let hour = 0; hour < 2; hour += 1) {
      await sendAlerts(store, [chat.notifier], time.io)
      time.pass(60 * minuteMs)
      await tell(store, routes, ['cart'], time.now())
    }
    expect(chat.said().slice(1)).toEqual(['firing: cart firing', 'resolved: shop resolved'])
    await expectNothingMore(chat, ['cart'])
  })

  async function expectNothingMore(chat: ReturnType<typeof fakeChannel>, firing: readonly string[]) {
    time.pass(60 * minuteMs)
    await tell(store, routes, firing, time.now())
    expect(await sendAlerts(store, [chat.notifier], time.io)).toMatchObject([{ sent: 0 }])
  }

  function channelThat(fault: (() => never) | undefined) {
    const chat = fakeChannel('chat')
    if (fault) chat.state.fault = fault
    return chat
  }
})

describe('a channel that takes nothing', () => {
  const dayMs = 24 * 60 * minuteMs
  const unreached = fails(new Unavailable('nobody listens', { mayHaveArrived: false }))

  test('is tried for a day from the first try on, and not from when the message was written', async () => {
    const chat = fakeChannel('chat')
    await tell(store, routes, ['shop'], time.now())
    // Nobody was there to send it.
    time.pass(26 * 60 * minuteMs)
    chat.state.fault = unreached
    const pass = async () => (await sendAlerts(store, [chat.notifier], time.io))[0]
    expect(await pass()).toMatchObject({ givenUp: 0 })
    time.pass(dayMs)
    expect(await pass()).toMatchObject({ givenUp: 0 })
    time.pass(30 * minuteMs)
    expect(await pass()).toMatchObject({ givenUp: 1 })
  })

  test('is tried for a day, whatever is written for it meanwhile', async () => {
    const chat = fakeChannel('chat')
    chat.state.fault = unreached
    const givenUpAt: number[] = []
    const first = time.now()
    for (let hour = 0; hour < 30; hour += 1) {
      await tell(store, routes, [`shop warning ${hour + 1}`], time.now())
      for (let half = 0; half < 2; half += 1) {
        const [sending] = await sendAlerts(store, [chat.notifier], time.io)
        if (sending!.givenUp > 0) givenUpAt.push((time.now() - first) / dayMs)
        time.pass(30 * minuteMs)
      }
    }
    expect(givenUpAt).toHaveLength(1)
    expect(givenUpAt[0]).toBeCloseTo(1, 1)
  })
})

describe('what waited for long', () => {
  const unreached = fails(new Unavailable('nobody listens', { mayHaveArrived: false }))
  const lost = fails(new Unavailable('no answer in time'))

  /** A channel that does not take the first message, for hours, in which this fires, one after the other. */
  async function after(failure: () => never, ...firing: string[][]) {
    const chat = fakeChannel('chat')
    for (const [index, each] of firing.entries()) {
      if (index > 0) time.pass(60 * minuteMs)
      await tell(store, routes, each, time.now())
      chat.state.fault = failure
      await sendAlerts(store, [chat.notifier], time.io)
    }
    delete chat.state.fault
    time.pass(30 * minuteMs)
    const [sending] = await sendAlerts(store, [chat.notifier], time.io)
    return { said: chat.said(), chat, sending }
  }

  async function collapsedIn(): Promise<unknown[]> {
    return (await store.alerts.history(0)).map(({ body }) => JSON.parse(body) as unknown)
  }

  test('and is over is not told as if it were news, but counted and listed', async () => {
    const { said, chat, sending } = await after(unreached, ['shop'], [])
    expect(said).toEqual([])
    // Where nothing is told, nothing is tried.
    expect(chat.tried).toHaveLength(1)
    expect(sending).toMatchObject({ sent: 0, givenUp: 0 })
    expect(await store.alerts.outbox()).toMatchObject([{ waiting: 0, collapsed: 2, error: null }])
    expect(await collapsedIn()).toMatchObject([
      { kind: 'collapsed', channel: 'chat', messages: 2, untold: [{ summary: 'shop fails' }] },
    ])
  })

  test('is told as it is now, in one message', async () => {
    const { said } = await after(unreached, ['shop'], ['shop', 'blog'], ['blog', 'app'])
    expect(said).toEqual(['firing: blog firing, app firing'])
    expect(await store.alerts.outbox()).toMatchObject([{ waiting: 0, collapsed: 2 }])
  })

  test('and may have arrived has its end told', async () => {
    expect((await after(lost, ['shop'], [])).said).toEqual(['resolved: shop resolved'])
  })

  test('and was on its way when a process ended has its end told', async () => {
    await tell(store, routes, ['shop'], time.now())
    await store.alerts.claim('chat', time.now(), time.now() + 2 * minuteMs)
    time.pass(60 * minuteMs)
    await tell(store, routes, [], time.now())
    const chat = fakeChannel('chat')
    await sendAlerts(store, [chat.notifier], time.io)
    expect(chat.said()).toEqual(['resolved: shop resolved'])
  })

  test('leaves the ends of what was told before', async () => {
    const chat = fakeChannel('chat')
    await tell(store, routes, ['shop'], time.now())
    await sendAlerts(store, [chat.notifier], time.io)
    time.pass(60 * minuteMs)
    const { said } = await after(unreached, ['shop', 'blog'], [])
    expect(said).toEqual(['resolved: shop resolved'])
    time.pass(60 * minuteMs)
    expect(await store.alerts.groups()).toEqual([])
  })

  test('and ended as it was before, tells nothing', async () => {
    const chat = fakeChannel('chat')
    await tell(store, routes, ['shop'], time.now())
    await sendAlerts(store, [chat.notifier], time.io)
    time.pass(60 * minuteMs)
    expect((await after(unreached, ['shop', 'blog'], ['shop'])).said).toEqual([])
    // The group goes on, and its end is told.
    time.pass(60 * minuteMs)
    await tell(store, routes, [], time.now())
    await sendAlerts(store, [chat.notifier], time.io)
    expect(chat.said()).toEqual(['firing: shop firing', 'resolved: shop resolved'])
  })

  test('is told whole where only one message waits', async () => {
    expect((await after(unreached, ['shop'])).said).toEqual(['firing: shop firing'])
  })

  test('does not pass by an end of the time before, which would end what it tells', async () => {
    const refused = fails(new Refused('the token is revoked'))
    const chat = fakeChannel('chat')
    async function passed(firing: string[], ...script: (() => never)[]) {
      chat.script.push(...script)
      await tell(store, routes, firing, time.now())
      await sendAlerts(store, [chat.notifier], time.io)
      time.pass(2 * minuteMs)
    }
    await passed(['shop'])
    await passed([], unreached)
    await passed(['cart'], refused, unreached)
    // The end that was given up is told anew, behind what waits.
    await passed(['cart'], unreached)
    await passed(['cart', 'shop warning 2'], unreached)
    time.pass(30 * minuteMs)
    await sendAlerts(store, [chat.notifier], time.io)
    expect(chat.said().slice(1)).toEqual([
      'firing: cart firing',
      'resolved: shop resolved',
      'firing: cart firing, shop firing',
    ])
  })

  test('of the time before is forgotten, and of this one told', async () => {
    const { said } = await after(unreached, ['shop'], [], ['shop warning 2'])
    expect(said).toEqual(['firing: shop firing'])
  })
})

describe('a channel that takes one message a second', () => {
  const groups = [routeTo(['chat'], ['service'])]
  const services = Array.from({ length: 100 }, (_, index) => `service-${index}`)

  /** Refuses what comes sooner. */
  function limited(pauseMs: number) {
    const chat = fakeChannel('chat', { pauseMs })
    let last = -Infinity
    let refused = 0
    chat.state.fault = () => {
      if (time.now() - last < 1000) {
        refused += 1
        throw new RateLimited('slower', 1000)
      }
      last = time.now()
    }
    return { chat, refused: () => refused }
  }

  test('is told of a hundred groups without a refusal', async () => {
    const { chat, refused } = limited(1000)
    await tell(store, groups, services, time.now())
    expect(await sendAlerts(store, [chat.notifier], time.io)).toMatchObject([{ sent: 100 }])
    expect(refused()).toBe(0)
    expect(time.io.waits).toEqual(Array.from({ length: 99 }, () => 1000))
  })

  test('refuses nothing from one pass to the next either', async () => {
    const { chat, refused } = limited(1000)
    for (const episode of [1, 2, 3]) {
      await tell(store, groups, [`shop warning ${episode}`], time.now())
      await sendAlerts(store, [chat.notifier], time.io)
      time.pass(300)
    }
    expect(chat.taken).toHaveLength(3)
    expect(refused()).toBe(0)
  })

  test('would refuse them without the pause', async () => {
    const { chat, refused } = limited(0)
    await tell(store, groups, services, time.now())
    await sendAlerts(store, [chat.notifier], time.io)
    expect(refused()).toBeGreaterThan(90)
  })

  test('is waited for where it asks for a moment, and left alone where it asks for more, or again and again', async () => {
    const chat = fakeChannel('chat')
    const pass = async () => (await sendAlerts(store, [chat.notifier], time.io))[0]
    await tell(store, groups, ['app', 'blog', 'shop'], time.now())
    chat.script.push(fails(new RateLimited('slower', 20_000)))
    expect(await pass()).toMatchObject({ sent: 3 })
    expect(time.io.waits).toEqual([20_000])
    await tell(store, groups, [], time.now())
    chat.script.push(fails(new RateLimited('slower', 61_000)))
    expect(await pass()).toMatchObject({ sent: 0, error: 'slower' })
    expect(time.io.waits).toHaveLength(1)
    time.pass(61_000)
    chat.script.push(...Array.from({ length: 3 }, () => fails(new RateLimited('slower', 20_000))))
    expect(await pass()).toMatchObject({ sent: 0 })
    expect(time.io.waits).toHaveLength(3)
    time.pass(20_000)
    expect(await pass()).toMatchObject({ sent: 3 })
  })

  test('is told nothing more once the process has to stop, and the rest at once by the next', async () => {
    const { chat } = limited(1000)
    await tell(store, groups, services, time.now())
    const stop = new AbortController()
    const sleep = async (ms: number) => {
      if (chat.taken.length === 10) stop.abort(new Error('stopped'))
      stop.signal.throwIfAborted()
      time.pass(ms)
    }
    const io = { ...time.io, signal: stop.signal, sleep }
    await expect(sendAlerts(store, [chat.notifier], io)).rejects.toThrow('stopped')
    expect(chat.tried).toHaveLength(10)
    time.pass(1000)
    expect(await sendAlerts(store, [chat.notifier], time.io)).toMatchObject([{ sent: 90 }])
  })
})
