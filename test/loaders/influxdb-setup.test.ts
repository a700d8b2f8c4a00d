import { afterEach, expect, test } from 'vitest'
import { influxdb } from '../../loaders/influxdb.ts'
import { listen, type Loopback, type Received, type Reply } from '../core/loopback.ts'
import { failure } from '../noting-io.ts'
import { ioOf } from './samples.ts'

let server: Loopback | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

/** A server of that version, which answers anything but a ping so. */
async function sinkTo(version: string, reply: (request: Received) => Reply, more: object = {}) {
  server = await listen((request) =>
    request.path === '/ping' ? { status: 204, headers: { 'x-influxdb-version': version } } : reply(request),
  )
  const settings = { url: server.url, token: 't', org: 'acme', bucket: 'dora', ...more }
  const asked = () =>
    server!.received
      .slice(1)
      .map(({ method, path, query, body }) => `${method} ${path} ${[...query.values()].join(' ')}${body}`)
  const sink = influxdb.make('main', influxdb.schema.parse(settings))
  return { setUp: () => sink.setUp!(ioOf()), asked }
}

test('3.x gets a database, unless it is there', async () => {
  const databases: Record<string, string>[] = [{ 'iox::database': '_internal' }]
  const { setUp, asked } = await sinkTo(
    '3.2.1',
    ({ method }) => (method === 'GET' ? { body: databases } : { status: 200, body: {} }),
    { retention: '400d' },
  )
  expect((await setUp()).slice(1)).toEqual(['database dora created, keeps 400d'])
  expect(asked()).toEqual([
    'GET /api/v3/configure/database json',
    'POST /api/v3/configure/database {"db":"dora","retention_period":"400d"}',
  ])
  databases.push({ 'iox::database': 'dora' })
  expect((await setUp()).at(-1)).toContain('database dora was there; its retention is as it was')
})

test('2.x before 2.4 gets the mapping that InfluxQL needs', async () => {
  const { setUp, asked } = await sinkTo('v2.3.0', ({ method, path }) => {
    if (path === '/api/v2/orgs') return { body: { orgs: [{ id: '0000000000000001', name: 'acme' }] } }
    if (method === 'GET' && path === '/api/v2/buckets')
      return { body: { buckets: [{ id: '0000000000000002', retentionRules: [] }] } }
    return method === 'GET' ? { body: { content: [] } } : { status: 201, body: {} }
  })
  expect((await setUp()).slice(1)).toEqual([
    'bucket dora was there, keeps points for ever',
    'mapping created: InfluxQL finds it as database dora, retention policy autogen',
  ])
  expect(asked().at(-1)).toBe(
    'POST /api/v2/dbrps {"orgID":"0000000000000001","bucketID":"0000000000000002","database":"dora","retention_policy":"autogen","default":true}',
  )
})

test('an organisation is found by its id, too', async () => {
  const { setUp, asked } = await sinkTo(
    'v2.7.1',
    ({ path, query }) => {
      if (path === '/api/v2/orgs')
        return query.has('orgID')
          ? { body: { orgs: [{ id: '0123456789abcdef' }] } }
          : { status: 404, body: { message: 'organization name "0123456789abcdef" not found' } }
      if (path === '/api/v2/buckets') return { body: { buckets: [{ id: '2', retentionRules: [] }] } }
      return { body: { content: [{ database: 'dora', retention_policy: 'autogen', virtual: true }] } }
    },
    { org: '0123456789abcdef' },
  )
  expect((await setUp()).at(-1)).toBe('InfluxQL finds it as database dora, without a mapping')
  expect(asked()[2]).toBe('GET /api/v2/buckets 0123456789abcdef dora')
})

test('what the token may not do is said', async () => {
  const { setUp } = await sinkTo('v2.7.1', () => ({ status: 401, body: { message: 'unauthorized access' } }))
  expect((await failure(setUp())).message).toContain('setting up takes a token that may make buckets')
})

test('a retention below the hour that InfluxDB keeps at least is refused', () => {
  const settings = { url: 'http://localhost:8086', bucket: 'dora', retention: '30m' }
  const { error } = influxdb.schema.safeParse(settings)
  expect(error?.issues.map(({ message }) => message)).toEqual([
    '30m is less than the hour that InfluxDB keeps at least',
  ])
})
