import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { routesTo, alertsSchema, type AlertSettings } from '../../alerts/settings.ts'
import { encodeFields, encodeSeries } from '../../core/line-protocol.ts'
import { alertAt } from '../../pipeline/alerts.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { optionsOf } from '../analyse.ts'

const hourMs = 3_600_000
const start = Date.UTC(2026, 2, 10, 8)
const derivation = optionsOf(
  {
    timezone: 'UTC',
    services: [
      { name: 'shop', team: 'web' },
      { name: 'blog', team: 'web' },
    ],
  },
  start,
)

let store: Store
beforeEach(() => {
  store = openSqlite({ path: ':memory:' })
})
afterEach(() => store.close())

function settingsOf(rule: object, routes: object[] = []): AlertSettings {
  const { rules, routes: own } = alertsSchema.parse({
    rules: [{ name: 'fails', metric: 'changeFailRate', above: '15%', ...rule }],
    routes,
  })
  return { rules, routes: routesTo(['chat'], own) }
}

/** The window of a service that ends at that hour: `failed` of 100 deployments. */
async function windowAt(hour: number, failed: number | undefined, service = 'shop'): Promise<void> {
  const fields = encodeFields({
    n: { int: 100 },
    ...(failed === undefined ? {} : { failed: { int: failed }, change_fail_rate: failed / 100 }),
  })
  const series = encodeSeries('dora_window', {
    environment: 'production',
    service,
    team: 'web',
    window: '30d',
  })
  await store.points.save('a', [{ series, at: start + hour * hourMs, nanos: 0, fields }])
}

const evaluate = (settings: AlertSettings, hour: number) =>
  alertAt({ store, derivation }, settings, start + hour * hourMs, { clock: () => start + hour * hourMs })

const told = async (settings: AlertSettings, hour: number) =>
  (await evaluate(settings, hour)).planned.messages.map(
    ({ message }) =>
      `${message.status}: ${message.alerts.map(({ labels, status }) => `${labels['service']} ${status}`).join(', ')}`,
  )

describe('a rule over the stored points', () => {
  test('tells that it fires, once, and that it is over', async () => {
    const settings = settingsOf({})
    const failed = [5, 30, 30, 30, 5, 5]
    const messages: string[][] = []
    for (const [hour, count] of failed.entries()) {
      await windowAt(hour, count)
      messages.push(await told(settings, hour))
    }
    expect(messages).toEqual([[], ['firing: shop firing'], [], [], ['resolved: shop resolved'], []])
    expect(
      (await store.alerts.history(0)).map(({ body }) => (JSON.parse(body) as { kind: string }).kind),
    ).toEqual(['fired', 'resolved'])
  })

  test('waits for its time, and is not told of what trembles at the threshold', async () => {
    const settings = settingsOf({ for: '2h', keepFiringFor: '3h' })
    const failed = [30, 30, 30, 14, 5, 30, 5, 5, 5, 5]
    const fired: number[] = []
    for (const [hour, count] of failed.entries()) {
      await windowAt(hour, count)
      if ((await told(settings, hour)).length > 0) fired.push(hour)
    }
    expect(fired).toEqual([2, 9])
  })

  test('does not fire on what chance would show, unless it is told to', async () => {
    // 18 of 100 lies above 15 %, and its lower bound does not.
    await windowAt(0, 18)
    expect(await told(settingsOf({}), 0)).toEqual([])
    await windowAt(1, 18)
    expect(await told(settingsOf({ test: 'naive' }), 1)).toEqual(['firing: shop firing'])
  })

  test('keeps its state while the metric is held', async () => {
    const settings = settingsOf({})
    for (const [hour, count] of [30, undefined, undefined, 5].entries()) {
      await windowAt(hour, count)
      const messages = await told(settings, hour)
      expect(messages).toEqual([['firing: shop firing'], [], [], ['resolved: shop resolved']][hour])
    }
  })

  test('is evaluated once for a slot, whatever came in since', async () => {
    const settings = settingsOf({})
    await windowAt(0, 30)
    expect((await evaluate(settings, 0)).isNew).toBe(true)
    await windowAt(0, 5)
    expect((await evaluate(settings, 0)).isNew).toBe(false)
    expect(await store.alerts.outbox()).toMatchObject([{ channel: 'chat', waiting: 1 }])
  })

  test('tells of several services of a team in one message, and of each as it ends', async () => {
    const settings = settingsOf({})
    await windowAt(0, 30)
    await windowAt(0, 40, 'blog')
    expect(await told(settings, 0)).toEqual(['firing: blog firing, shop firing'])
    await windowAt(1, 30)
    await windowAt(1, 5, 'blog')
    expect(await told(settings, 1)).toEqual(['firing: shop firing, blog resolved'])
  })

  test('ends what it told when the rule is no more', async () => {
    await windowAt(0, 30)
    await told(settingsOf({}), 0)
    await windowAt(1, 30)
    const { planned } = await evaluate({ ...settingsOf({}), rules: [] }, 1)
    expect(planned.messages[0]?.message.alerts).toMatchObject([
      { status: 'resolved', reason: 'rule removed' },
    ])
  })

  test('ends what it no longer asks for, and reminds of it no more', async () => {
    const repeat = [{ channels: 'chat', repeat: '1h' }]
    for (const service of ['shop', 'blog']) await windowAt(0, 30, service)
    await told(settingsOf({ services: ['shop', 'blog'] }, repeat), 0)
    const settings = settingsOf({ services: 'blog' }, repeat)
    for (const service of ['shop', 'blog']) await windowAt(1, 30, service)
    const { firing, planned } = await evaluate(settings, 1)
    expect(firing.map(({ labels }) => labels['service'])).toEqual(['blog'])
    expect(planned.messages[0]?.message.alerts).toMatchObject([
      { status: 'firing', labels: { service: 'blog' } },
      { status: 'resolved', labels: { service: 'shop' }, reason: 'rule no longer covers it' },
    ])
    await windowAt(2, 30, 'blog')
    expect(await told(settings, 2)).toEqual(['firing: blog firing'])
  })

  test('ends where a service is another team’s now, and its rule asks for the former one', async () => {
    const settings = settingsOf({ teams: 'web' })
    await windowAt(0, 30)
    expect(await told(settings, 0)).toEqual(['firing: shop firing'])
    const services = [{ name: 'shop', team: 'core' }]
    const pipeline = { store, derivation: optionsOf({ timezone: 'UTC', services }, start) }
    const slot = start + hourMs
    const { planned } = await alertAt(pipeline, settings, slot, { clock: () => slot })
    expect(planned.messages[0]?.message.alerts).toMatchObject([
      { status: 'resolved', reason: 'rule no longer covers it' },
    ])
  })

  test('rises in severity, and says so', async () => {
    const settings = settingsOf({ above: { warning: '15%', critical: '40%' } })
    const severities: string[] = []
    for (const [hour, count] of [30, 60, 60, 30].entries()) {
      await windowAt(hour, count)
      const { planned } = await evaluate(settings, hour)
      severities.push(...planned.messages.map(({ message }) => message.severity))
    }
    expect(severities).toEqual(['warning', 'critical', 'warning'])
  })

  test('ends with what the number is now before what it was', async () => {
    const settings = settingsOf({})
    await windowAt(0, 30)
    await told(settings, 0)
    await windowAt(1, 5)
    const { planned } = await evaluate(settings, 1)
    const [over] = planned.messages[0]!.message.alerts
    expect(over!.values.slice(0, 2)).toEqual([
      { name: 'Now', text: '5 %' },
      { name: 'changeFailRate, 30d', text: '30 %' },
    ])
    expect(over!.numbers).toMatchObject({ value: 0.3, now: 0.05 })
  })

  test('is told again after its interval', async () => {
    const settings = settingsOf({}, [{ channels: 'chat', repeat: '3h' }])
    const hours: number[] = []
    for (let hour = 0; hour < 8; hour += 1) {
      await windowAt(hour, 30)
      if ((await told(settings, hour)).length > 0) hours.push(hour)
    }
    expect(hours).toEqual([0, 3, 6])
  })
})

test('what nobody finds any more is written once, and is nothing in the hours after, too', async () => {
  const { rules, routes } = alertsSchema.parse({
    rules: [{ name: 'gaps', metric: 'qualityFindings', above: 5, keepFiringFor: '2h' }],
  })
  const settings = { rules, routes: routesTo(['chat'], routes) }
  const found = (hour: number, count: number) => ({
    series: encodeSeries('dora_quality', { kind: 'no_commits', service: 'shop', team: 'web' }),
    at: start + hour * hourMs,
    nanos: 0,
    fields: encodeFields({ count: { int: count } }),
    passing: true as const,
  })
  const messages: string[][] = []
  await store.points.save('quality:shop', [found(0, 10)])
  messages.push(await told(settings, 0))
  await store.points.remove([found(0, 10)])
  await store.points.save('quality:shop', [found(1, 0)])
  for (let hour = 1; hour < 4; hour += 1) messages.push(await told(settings, hour))
  expect(messages).toEqual([['firing: shop firing'], [], [], ['resolved: shop resolved']])
})

test('what is silenced is told when the silence ends, if it is still so', async () => {
  const settings = settingsOf({})
  const silence = { id: 's', match: { team: ['web'] }, from: start, until: start + 2 * hourMs, comment: '' }
  await store.alerts.setSilence({ key: 's', body: JSON.stringify(silence) })
  const messages: string[][] = []
  for (let hour = 0; hour < 4; hour += 1) {
    await windowAt(hour, 30)
    messages.push(await told(settings, hour))
  }
  expect(messages).toEqual([[], [], ['firing: shop firing'], []])
})
