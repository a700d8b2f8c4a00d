import { randomUUID } from 'node:crypto'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RateLimited, Unavailable } from '../../core/errors.ts'
import { encodeFields, encodeSeries } from '../../core/line-protocol.ts'
import { influxdb } from '../../loaders/influxdb.ts'
import type { Loader, RejectedPoint, StoredPoint } from '../../loaders/loader.ts'
import { ioOf } from '../loaders/samples.ts'
import { influxServers, select, startProxy } from './influxd.ts'
import type { Fault, Influx, Proxy } from './influxd.ts'

const servers = influxServers('^dorado test ')
if (servers.length === 0) {
  console.warn(
    'No influxd on the PATH and no INFLUX_URL and INFLUX_BUCKET: nothing is written to a real InfluxDB.',
  )
}

test.skipIf(process.env.CI !== 'true' && servers.length === 0)('a real InfluxDB is there', () => {
  expect(servers, 'install the package influxdb, or set INFLUX_URL').not.toHaveLength(0)
})

const start = Date.UTC(2026, 2, 2)
const minute = 60_000
const total = 10_000

describe.each(servers)('%s', (_, open) => {
  let influx: Influx
  let proxy: Proxy
  let loader: Loader
  beforeAll(async () => {
    influx = await open()
    proxy = await startProxy(influx)
    loader = sink({ batchLines: 500 })
  })
  afterAll(async () => {
    await proxy?.close()
    await influx?.stop()
  })

  function sink(more: object): Loader {
    const { token, org, bucket } = influx
    const settings = { url: proxy.url, org, bucket, ...(token === undefined ? {} : { token }), ...more }
    return influxdb.make('main', influxdb.schema.parse(settings))
  }

  test('can be reached and written to', async () => {
    const checks = await loader.check(ioOf())
    expect(checks.map(({ ok }) => ok)).toEqual([true, true])
    expect(checks[0]?.detail).toMatch(/^InfluxDB v?\d+\./)
  })

  test('a bucket that is not there is refused with the remedy', async () => {
    const [, bucket] = await sink({ bucket: `none-${randomUUID()}` }).check(ioOf())
    expect(bucket?.ok).toBe(false)
    expect(bucket?.detail).toContain('create the bucket none-')
  })

  test('has every one of 10,000 points, once, whatever went wrong on the way', async () => {
    const measurement = newName('faults')
    const points = Array.from({ length: total }, (_point, index): StoredPoint => {
      const series = encodeSeries(measurement, { service: `service-${index % 20}`, window: '7d' })
      const fields = encodeFields({ n: { int: index }, share: index / 4, url: `https://x/"${index}"` })
      return { rev: index, series, at: start + index * minute, nanos: index, fields }
    })
    const cycle: Fault[] = ['unavailable', 'none', 'lost', 'reset', 'torn', 'none', 'slow', 'throttled']
    proxy.faults.push(...Array.from({ length: 20 }, () => cycle).flat())
    let failures = 0
    for (let from = 0; from < total; from += 1000) {
      const { rejected, failed } = await writeUntilDone(loader, points.slice(from, from + 1000))
      expect(rejected).toEqual([])
      failures += failed
    }
    proxy.faults.length = 0
    expect(failures).toBeGreaterThan(10)
    const [sums] = await select(
      influx,
      `SELECT count(n), sum(n), sum(share), count(url) FROM "${measurement}"`,
    )
    const sum = (total * (total - 1)) / 2
    expect(sums?.values[0]?.slice(1)).toEqual([total, sum, sum / 4, total])
    expect(await select(influx, `SELECT n FROM "${measurement}" GROUP BY *`)).toHaveLength(20)
  })

  test('refuses bad points, which are set aside with the reason while all others arrive', async () => {
    const measurement = newName('bad')
    const series = encodeSeries(measurement, { service: 'a' })
    const pointAt = (index: number, fields: string): StoredPoint => {
      return { rev: index, series, at: start + index * minute, nanos: 0, fields }
    }
    await loader.write([pointAt(0, 'n=0')], ioOf())
    const bad = new Map([
      [300, 'n="text"'],
      [777, 'n=1i'],
      [900, 'n=no number'],
    ])
    const points = Array.from({ length: 1200 }, (_point, index) =>
      pointAt(index, bad.get(index) ?? `n=${index}`),
    )
    const { rejected } = await loader.write(points, ioOf())
    const reasons = new Map(rejected.map(({ point, reason }) => [point.rev, reason]))
    expect([...reasons.keys()].sort((a, b) => a - b)).toEqual([300, 777, 900])
    expect(reasons.get(300)).toMatch(/field type conflict.*type string.*already exists as type float/)
    expect(reasons.get(777)).toMatch(/field type conflict.*type integer.*already exists as type float/)
    expect(reasons.get(900)).toMatch(/^invalid|unable to parse/)
    const [count] = await select(influx, `SELECT count(n) FROM "${measurement}"`)
    expect(count?.values[0]?.[1]).toBe(1197)
  })

  test('gives back whatever text, number and instant went in', async () => {
    const measurement = newName('round trip')
    const points = fc.sample(anyPoint, { numRuns: 500, seed: 42 })
    await loader.write(
      points.map((point, index) => storedOf(measurement, point, index)),
      ioOf(),
    )
    expect(await rowsOf(measurement)).toEqual(points.map(expectedOf).sort(byInstant))
  })

  test('loses what is removed, keeps no stale field, and nothing else goes', async () => {
    const measurement = newName('removal')
    const points = fc.sample(anyPoint, { numRuns: 200, seed: 43 })
    const stored = points.map((point, index) => storedOf(measurement, point, index))
    await loader.write(stored, ioOf())
    const gone = stored
      .filter((_point, index) => index % 2 === 0)
      .map((point) => ({ ...point, fields: null }))
    const again = stored[0] as StoredPoint
    expect(await loader.write([...gone, { ...again, fields: 'i=7i' }], ioOf())).toEqual({ rejected: [] })
    const rest = points.map(expectedOf).filter((_point, index) => index % 2 === 1)
    const alone = { ...expectedOf(points[0] as AnyPoint, 0), b: null, f: null, i: 7, s: null }
    expect(await rowsOf(measurement)).toEqual([alone, ...rest].sort(byInstant))
  })

  async function rowsOf(measurement: string): Promise<Row[]> {
    const all = await select(influx, `SELECT b, f, i, s FROM "${measurement}" GROUP BY *`)
    const rows = all.flatMap(({ tags, columns, values }) =>
      values.map((value) => ({ ...tags, ...Object.fromEntries(columns.map((key, at) => [key, value[at]])) })),
    )
    return (rows as Row[]).sort(byInstant)
  }
})

/** As the pipeline does: gives the same points again until they are acknowledged. */
async function writeUntilDone(
  loader: Loader,
  points: StoredPoint[],
): Promise<{ rejected: RejectedPoint[]; failed: number }> {
  for (let failed = 0; failed < 20; failed += 1) {
    try {
      return { ...(await loader.write(points, ioOf())), failed }
    } catch (error) {
      if (!(error instanceof Unavailable || error instanceof RateLimited)) throw error
    }
  }
  throw new Error('20 failures are more than were arranged')
}

function newName(what: string): string {
  return `dorado test ${what} ${randomUUID()}`
}

interface AnyPoint {
  tags: { service: string; 'a b,=': string }
  fields: { b: boolean; f: number; i: { int: number }; s: string }
}

type Row = { time: string } & Record<string, string | number | boolean | null>

const anyTag = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
    fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom(...`\\"',= \t#/a`.split('')) }),
  )
  .filter((text) => !/[\n\r\0]/.test(text) && !text.endsWith('\\'))
const anyText = fc.oneof(
  fc.string({ maxLength: 30, unit: 'grapheme' }),
  fc.string({ maxLength: 8, unit: fc.constantFrom(...`\\"',= \tna`.split('')) }),
)
const anyPoint: fc.Arbitrary<AnyPoint> = fc.record({
  tags: fc.record({ service: anyTag, 'a b,=': anyTag }),
  fields: fc.record({
    b: fc.boolean(),
    f: fc.double({ noNaN: true, noDefaultInfinity: true }),
    i: fc.maxSafeInteger().map((int) => ({ int })),
    s: anyText.filter((text) => !/[\n\r\0]/.test(text)),
  }),
})

function storedOf(measurement: string, { tags, fields }: AnyPoint, index: number): StoredPoint {
  const series = encodeSeries(measurement, { ...tags })
  return { rev: index, series, at: start + index, nanos: index, fields: encodeFields({ ...fields }) }
}

/** JSON has no negative zero. */
function expectedOf({ tags, fields }: AnyPoint, index: number): Row {
  const ms = new Date(start + index).toISOString().slice(0, -1)
  const time = `${ms}${String(index).padStart(6, '0')}`.replace(/0+$/, '').replace(/\.$/, '') + 'Z'
  return { ...tags, time, b: fields.b, f: fields.f + 0, i: fields.i.int, s: fields.s }
}

function byInstant(a: Row, b: Row): number {
  return instantOf(a) < instantOf(b) ? -1 : 1
}

function instantOf({ time }: Row): string {
  return time
    .replace('Z', '')
    .replace(/^([^.]*)$/, '$1.')
    .padEnd(29, '0')
}
