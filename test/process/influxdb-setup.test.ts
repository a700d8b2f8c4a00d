import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { influxdb } from '../../loaders/influxdb.ts'
import type { Loader } from '../../loaders/loader.ts'
import { ioOf } from '../loaders/samples.ts'
import { failure } from '../noting-io.ts'
import { configuredInflux, findInfluxd, startInfluxd, type Influx } from './influxd.ts'

const influxd = findInfluxd()
const configured = configuredInflux()
if (influxd === undefined && configured === undefined)
  console.warn('No influxd on the PATH and no INFLUX_URL: no real InfluxDB is set up.')

function sinkOf({ url, token, org }: Influx, more: object): Loader & Required<Pick<Loader, 'setUp'>> {
  const settings = { url, org, ...(token === undefined ? {} : { token }), ...more }
  return influxdb.make('main', influxdb.schema.parse(settings)) as Loader & Required<Pick<Loader, 'setUp'>>
}

describe.skipIf(influxd === undefined)('influxd 1.x', () => {
  let influx: Influx
  beforeAll(async () => {
    influx = await startInfluxd(influxd!)
  })
  afterAll(() => influx?.stop())

  test('gets a database with its retention, once, and the retention is only made longer', async () => {
    const setUp = async (retention?: string) => {
      const [server, ...lines] = await sinkOf(influx, { bucket: 'metrics', retention }).setUp(ioOf())
      expect(server).toMatch(/^InfluxDB 1\.\S+ at http/)
      return lines
    }
    const there = 'database metrics was there'
    expect(await setUp()).toEqual([
      'database metrics created',
      'retention policy autogen keeps points for ever',
    ])
    expect(await setUp()).toEqual([there, 'retention policy autogen keeps points for ever'])
    expect(await setUp('30d')).toEqual([there, expect.stringContaining('points for ever and not 30d')])
    expect(await setUp('forever')).toEqual([there, 'retention policy autogen keeps points for ever'])
  })

  test('gets the retention policy that the bucket names', async () => {
    const setUp = (retention?: string) =>
      sinkOf(influx, { bucket: 'dora/raw', retention })
        .setUp(ioOf())
        .then(([, ...lines]) => lines)
    expect(await setUp('400d')).toEqual([
      'database dora was there',
      'retention policy raw created, keeps 400d',
    ])
    expect(await setUp('500d')).toEqual([
      'database dora was there',
      'retention policy raw keeps 500d now, 400d before',
    ])
    expect(await setUp()).toEqual(['database dora was there', 'retention policy raw keeps 500d'])
  })
})

describe.skipIf(configured === undefined)('the configured server', () => {
  const bucket = `dorado-${randomUUID()}`
  afterAll(async () => {
    if (configured) await removeBucket(configured, bucket)
  })

  test('gets a bucket that can be written to and found by InfluxQL, once', async () => {
    const setUp = async (retention?: string) => {
      const sink = sinkOf(configured!, { bucket, retention })
      const [server, ...lines] = await sink.setUp(ioOf())
      expect(server).toMatch(/^InfluxDB v2\./)
      expect((await sink.check(ioOf())).map(({ ok }) => ok)).toEqual([true, true])
      return lines
    }
    const found = expect.stringContaining(`InfluxQL finds it as database ${bucket}`)
    const mapped = expect.stringMatching(/^(InfluxQL finds it as|mapping created: InfluxQL finds it as)/)
    expect(await setUp('400d')).toEqual([`bucket ${bucket} created, keeps 400d`, mapped])
    expect(await setUp('400d')).toEqual([`bucket ${bucket} was there, keeps 400d`, found])
    expect(await setUp('forever')).toEqual([
      `bucket ${bucket} was there, keeps points for ever now, 400d before`,
      found,
    ])
    expect(await setUp('2h')).toEqual([expect.stringContaining('keeps points for ever and not 2h'), found])
  })

  test('says which organisations there are, where the configured one is none of them', async () => {
    const sink = sinkOf({ ...configured!, org: 'no-such-organisation' }, { bucket })
    const error = await failure(sink.setUp(ioOf()))
    expect(error.message).toContain('no organisation no-such-organisation; set org to ')
  })

  test('says what a token has to be able to do', async () => {
    const sink = sinkOf({ ...configured!, token: 'wrong' }, { bucket })
    const error = await failure(sink.setUp(ioOf()))
    expect(error.message).toContain('takes a token that may make buckets')
  })
})

async function removeBucket({ url, token, org }: Influx, name: string): Promise<void> {
  const headers = { authorization: `Token ${token}` }
  const query = new URLSearchParams({ org, name }).toString()
  const answer = await fetch(`${url}/api/v2/buckets?${query}`, { headers })
  const { buckets = [] } = (await answer.json()) as { buckets?: { id: string }[] }
  for (const { id } of buckets) await fetch(`${url}/api/v2/buckets/${id}`, { method: 'DELETE', headers })
}
