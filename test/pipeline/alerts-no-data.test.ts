import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { alertsSchema, routesTo, type AlertSettings } from '../../alerts/settings.ts'
import { encodeFields, encodeSeries } from '../../core/line-protocol.ts'
import { alertAt } from '../../pipeline/alerts.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { optionsOf } from '../analyse.ts'

const hourMs = 3_600_000
const start = Date.UTC(2026, 2, 10, 8)
const derivation = optionsOf({ timezone: 'UTC', services: [{ name: 'shop', team: 'web' }] }, start)

let store: Store
beforeEach(() => {
  store = openSqlite({ path: ':memory:' })
})
afterEach(() => store.close())

function settingsOf(rule: object, more: { routes?: object[]; inhibit?: object[] } = {}): AlertSettings {
  const written = { name: 'fails', metric: 'changeFailRate', above: '15%', noData: 'alert', noDataFor: '1h' }
  const parsed = alertsSchema.parse({ rules: [{ ...written, ...rule }], ...more })
  return { ...parsed, routes: routesTo(['chat', 'ops'], parsed.routes) }
}

/** What is told each hour of a service: `failed` of 100 deployments in its window, a window without a rate, or no point. */
async function told(
  settings: AlertSettings,
  hours: readonly (number | 'gone' | undefined)[],
): Promise<string[][]> {
  const series = encodeSeries('dora_window', {
    environment: 'production',
    service: 'shop',
    team: 'web',
    window: '30d',
  })
  const messages: string[][] = []
  for (const [hour, failed] of hours.entries()) {
    const slot = start + hour * hourMs
    const rate = typeof failed !== 'number' ? {} : { failed: { int: failed }, change_fail_rate: failed / 100 }
    const fields = encodeFields({ n: { int: 100 }, ...rate })
    if (failed !== 'gone') await store.points.save('a', [{ series, at: slot, nanos: 0, fields }])
    const { planned } = await alertAt({ store, derivation }, settings, slot, { clock: () => slot })
    messages.push(
      planned.messages.flatMap(({ channel, message }) =>
        message.alerts.map(({ status, severity, labels, episode, reason }) =>
          [channel, status, severity, episode, labels['health'], reason].filter(Boolean).join(' '),
        ),
      ),
    )
  }
  return messages
}

test('tells of what was well and has no point at all any more', async () => {
  expect(await told(settingsOf({}, toChat), [5, 5, 'gone', 'gone', 'gone', 5])).toEqual([
    [],
    [],
    [],
    ['chat firing warning 1 nodata held: no point'],
    [],
    ['chat resolved warning 1 nodata data again'],
  ])
})

const toChat = { routes: [{ channels: 'chat' }] }

describe('an alert that fires for want of data', () => {
  test.each([
    [{ severity: 'info' }, 'info'],
    [{ severity: 'critical' }, 'critical'],
    [{ above: { info: '15%', critical: '40%' } }, 'info'],
    [{ above: { critical: '40%' } }, 'critical'],
  ])('has the severity of its rule: %j', async (rule, severity) => {
    expect(await told(settingsOf(rule, toChat), [undefined, undefined, 5])).toEqual([
      [],
      [`chat firing ${severity} 1 nodata held: no value`],
      [`chat resolved ${severity} 1 nodata data again`],
    ])
  })

  test('has a label by which routes know it, which goes when there are data', async () => {
    const routes = [{ match: { health: 'nodata', service: 'shop' }, channels: 'ops' }, { channels: 'chat' }]
    expect(await told(settingsOf({}, { routes }), [undefined, undefined, undefined, 5, 40])).toEqual([
      [],
      ['ops firing warning 1 nodata held: no value'],
      [],
      ['ops resolved warning 1 nodata data again'],
      ['chat firing warning 2'],
    ])
  })

  test('is the same to the other labels: its group goes on when a breach follows', async () => {
    const routes = [{ match: { rule: 'fails', team: 'web' }, channels: 'chat', groupBy: ['service'] }]
    const settings = settingsOf({}, { routes })
    expect(await told(settings, [undefined, undefined, 40])).toEqual([
      [],
      ['chat firing warning 1 nodata held: no value'],
      ['chat resolved warning 1 nodata data again', 'chat firing warning 2'],
    ])
    const groups = (await store.alerts.groups()).map(({ body }) => JSON.parse(body) as { told: unknown[] })
    expect(groups).toHaveLength(1)
    expect(groups[0]?.told).toHaveLength(1)
  })

  test('is one of a service without any point, too', async () => {
    const settings = settingsOf({ keepFiringFor: '9h' }, toChat)
    await told(settings, [undefined])
    const at = (hour: number) =>
      alertAt({ store, derivation }, settings, start + hour * hourMs, { clock: () => start })
    await at(30)
    expect((await at(31)).firing.map(({ labels }) => labels)).toEqual([
      {
        rule: 'fails',
        service: 'shop',
        team: 'web',
        environment: 'production',
        severity: 'warning',
        health: 'nodata',
      },
    ])
  })

  test('is silenced by its label, and by any other', async () => {
    for (const match of [{ health: ['nodata'] }, { service: ['shop'] }]) {
      store.close()
      store = openSqlite({ path: ':memory:' })
      const silence = { id: 's', match, from: start, until: start + 2 * hourMs, comment: '' }
      await store.alerts.setSilence({ key: 's', body: JSON.stringify(silence) })
      expect(await told(settingsOf({}, toChat), [undefined, undefined, undefined])).toEqual([
        [],
        [],
        ['chat firing warning 1 nodata held: no value'],
      ])
    }
  })

  test('has no such label where it fired by a breach and only holds', async () => {
    expect(await told(settingsOf({}, toChat), [40, undefined, undefined, undefined])).toEqual([
      ['chat firing warning 1'],
      [],
      [],
      [],
    ])
  })
})
