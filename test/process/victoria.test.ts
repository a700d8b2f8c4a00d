import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { encodeFields, encodeSeries } from '../../core/line-protocol.ts'
import { influxdb } from '../../loaders/influxdb.ts'
import { deliver } from '../../pipeline/deliver.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { ioOf } from '../loaders/samples.ts'
import { findVictoria, startVictoria, type Victoria } from './victoria.ts'

const file = findVictoria()
if (file === undefined) console.warn('No victoria-metrics on the PATH: nothing is written to one.')

test.skipIf(process.env.CI !== 'true')('victoria-metrics is there', () => {
  expect(file, 'install the package victoria-metrics').toBeDefined()
})

describe.skipIf(file === undefined)('a server that takes the write API and is no InfluxDB', () => {
  let victoria: Victoria
  beforeAll(async () => {
    victoria = await startVictoria(file!)
  })
  afterAll(() => victoria?.stop())

  /** The values of a series of VictoriaMetrics, the oldest first. */
  async function valuesOf(name: string, service: string): Promise<number[]> {
    await fetch(`${victoria.url}/internal/force_flush`)
    const match = encodeURIComponent(`${name}{service="${service}"}`)
    const text = await (await fetch(`${victoria.url}/api/v1/export?match[]=${match}`)).text()
    const rows = text.split('\n').filter((line) => line !== '')
    return rows.flatMap((row) => (JSON.parse(row) as { values: number[] }).values)
  }

  test('gets every point, and a removed one is overwritten as deleted', async () => {
    const loader = influxdb.make('main', influxdb.schema.parse({ url: victoria.url, bucket: 'dora' }))
    const store = openSqlite({ path: ':memory:' })
    // It keeps seconds of the last years, and drops what lies far in the past.
    const start = Date.now() - 86_400_000
    const event = (service: string, index: number) => ({
      series: encodeSeries('dora_deployment', { environment: 'production', service, source: 'ci' }),
      at: start + index * 1000,
      nanos: 0,
      fields: encodeFields({ failed: false, changes: { int: index } }),
    })
    const kept = Array.from({ length: 3000 }, (_, index) => event('kept', index))
    await store.points.save('a', [...kept, event('gone', 1)])
    await deliver(store, loader, ioOf())
    await vi.waitFor(
      async () => expect(await valuesOf('dora_deployment_changes', 'kept')).toHaveLength(3000),
      10_000,
    )
    await store.points.remove([event('gone', 1)])
    expect(await deliver(store, loader, ioOf())).toMatchObject({ points: 1, rejected: 0, left: 0 })
    await vi.waitFor(
      async () => expect(new Set(await valuesOf('dora_deployment_deleted', 'gone'))).toEqual(new Set([0, 1])),
      10_000,
    )
    store.close()
  })

  test('has nothing to set up', async () => {
    const loader = influxdb.make('main', influxdb.schema.parse({ url: victoria.url, bucket: 'dora' }))
    expect(await loader.setUp?.(ioOf())).toEqual([expect.stringContaining('nothing to set up')])
  })
})
