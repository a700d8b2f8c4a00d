import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { encodeFields, encodeSeries } from '../../core/line-protocol.ts'
import { influxdb } from '../../loaders/influxdb.ts'
import type { Loader } from '../../loaders/loader.ts'
import { deliver } from '../../pipeline/deliver.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { PointToSave, Store } from '../../store/store.ts'
import { ioOf } from '../loaders/samples.ts'
import { influxServers, select, startProxy } from './influxd.ts'
import type { Influx, Proxy } from './influxd.ts'

const servers = influxServers('^removal_')
if (servers.length === 0)
  console.warn('No influxd on the PATH and no INFLUX_URL: nothing is removed from one.')

const hourMs = 3_600_000
const start = Date.UTC(2026, 2, 2, 12)

describe.skipIf(servers.length === 0).each(servers)('%s', (_, open) => {
  let influx: Influx
  let proxy: Proxy
  let loader: Loader
  let store: Store
  let measurement: string
  beforeAll(async () => {
    influx = await open()
    proxy = await startProxy(influx)
    const { token, org, bucket } = influx
    const settings = { url: proxy.url, org, bucket, ...(token === undefined ? {} : { token }) }
    loader = influxdb.make('main', influxdb.schema.parse(settings))
  })
  beforeEach(() => {
    store = openSqlite({ path: ':memory:' })
    measurement = `removal_${randomUUID().replaceAll('-', '')}`
  })
  afterAll(async () => {
    await proxy?.close()
    await influx?.stop()
  })

  const point = (service: number, at: number, more: object = {}): PointToSave => ({
    series: encodeSeries(measurement, { service: `service ${service}`, window: '7d' }),
    at,
    nanos: 0,
    fields: encodeFields({ n: { int: service }, ...more }),
  })
  const services = Array.from({ length: 200 }, (_service, index) => index)
  const give = async () => {
    expect(await deliver(store, loader, ioOf())).toMatchObject({ rejected: 0, left: 0 })
  }
  /** How many points there are at each time. */
  const held = async (): Promise<Record<string, number>> => {
    const series = await select(influx, `SELECT n FROM "${measurement}" GROUP BY *`)
    const times = series.flatMap(({ values }) => values.map(([time]) => Date.parse(String(time))))
    return Object.fromEntries(
      [...Map.groupBy(times, String)].map(([time, { length }]) => [
        String((Number(time) - start) / hourMs),
        length,
      ]),
    )
  }

  test('the running hour goes from all services at once, and what ends a day at that hour stays', async () => {
    await store.points.save('a', [
      ...services.map((service) => ({ ...point(service, start), passing: true as const })),
      point(500, start),
      point(501, start),
    ])
    await give()
    expect(await held()).toEqual({ 0: 202 })
    const moves = services.map((service) => ({
      series: point(service, 0).series,
      from: start,
      to: start + hourMs,
    }))
    await store.points.carry(moves)
    const { requests } = proxy
    const before = requests.length
    await give()
    expect(await held()).toEqual({ 0: 2, 1: 200 })
    // One question, one removal, one write.
    expect(requests.length - before).toBeLessThanOrEqual(3)
  })

  test('a series goes at once, and no other with it', async () => {
    const hours = Array.from({ length: 100 }, (_hour, index) => start + index * hourMs)
    await store.points.save('a', [...hours.map((at) => point(1, at)), ...hours.map((at) => point(2, at))])
    await give()
    await store.points.remove(hours.map((at) => point(1, at)))
    await give()
    const series = await select(influx, `SELECT count(n) FROM "${measurement}" GROUP BY service`)
    expect(series.map(({ tags, values }) => [tags['service'], values[0]?.[1]])).toEqual([['service 2', 100]])
  })

  test('a field that a point lost is gone', async () => {
    await store.points.save('a', [point(1, start, { recovery_s: 5 }), point(2, start, { recovery_s: 7 })])
    await give()
    await store.points.save('a', [point(1, start)])
    await give()
    const [found] = await select(influx, `SELECT n, recovery_s FROM "${measurement}"`)
    expect(found?.values.map(([, n, recovery]) => [n, recovery]).sort()).toEqual([
      [1, null],
      [2, 7],
    ])
  })
})
