import { Agent } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { RateLimited, Refused, Unavailable } from '../../core/errors.ts'
import { batchSender } from '../../loaders/influxdb-batch.ts'
import { influxdb } from '../../loaders/influxdb.ts'
import type { Loader } from '../../loaders/loader.ts'
import { listen } from '../core/loopback.ts'
import type { Loopback, Received, Reply } from '../core/loopback.ts'
import { failure } from '../noting-io.ts'
import { emptyWindow, ioOf, stored } from './samples.ts'

const token = 'tok_5ecret5ecret'

let server: Loopback | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function sinkTo(reply: Parameters<typeof listen>[0], more: object = {}) {
  server = await listen(reply)
  const settings = { url: server.url, token, org: 'acme', bucket: 'dora', ...more }
  const loader: Loader = influxdb.make('main', influxdb.schema.parse(settings))
  return { loader, url: server.url, received: server.received }
}

const written: Reply = { status: 204 }
const line = 'dora_window,service=a,window=7d n=1i 1000000000'
const removal = stored({ fields: null })

/** Says its version to a ping and takes everything else. */
function version(text: string, other: (request: Received) => Reply = () => written) {
  return (request: Received): Reply =>
    request.path === '/ping' ? { status: 204, headers: { 'x-influxdb-version': text } } : other(request)
}

describe('a batch', () => {
  test('is one request with the token, in nanoseconds', async () => {
    const { loader, received } = await sinkTo(() => written)
    expect(await loader.write([stored(), stored({ at: 2000 })], ioOf())).toEqual({ rejected: [] })
    expect(received).toHaveLength(1)
    const [{ path, query, headers, body } = {} as Received] = received
    expect(path).toBe('/api/v2/write')
    expect(Object.fromEntries(query)).toEqual({ org: 'acme', bucket: 'dora', precision: 'ns' })
    expect(headers.authorization).toBe(`Token ${token}`)
    expect(body).toBe(`${line}\ndora_window,service=a,window=7d n=1i 2000000000`)
  })

  test('has at most batchLines lines, and one waits for the other', async () => {
    const { loader, received } = await sinkTo(() => written, { batchLines: 2 })
    await loader.write(
      [1, 2, 3, 4, 5].map((at) => stored({ at })),
      ioOf(),
    )
    expect(received.map(({ body }) => body.match(/\d+(?=000000$)/gm))).toEqual([
      ['1', '2'],
      ['3', '4'],
      ['5'],
    ])
  })

  test('that is empty is not sent', async () => {
    const { loader, received } = await sinkTo(() => written)
    expect(await loader.write([], ioOf())).toEqual({ rejected: [] })
    expect(received).toHaveLength(0)
  })

  test('goes to 1.8 with user and password, to any path behind a proxy', async () => {
    const { loader, received, url } = await sinkTo(() => written)
    expect(loader.name).toBe('main')
    const settings = { url: `${url}/influx/`, bucket: 'dora/raw', username: 'writer', password: 'p' }
    await influxdb.make('old', influxdb.schema.parse(settings)).write([stored()], ioOf())
    expect(received[0]?.path).toBe('/influx/api/v2/write')
    expect(received[0]?.headers.authorization).toBe('Token writer:p')
  })
})

const json = (status: number, message: string): Reply => ({ status, body: { code: 'x', message } })

describe('what the server answers becomes an error by remedy', () => {
  test.each<[string, Reply | 'hang up', new (...given: never[]) => Error, string]>([
    ['401', json(401, 'unauthorized access'), Refused, 'set a token that may write to the bucket dora'],
    [
      '403',
      json(403, 'insufficient permissions'),
      Refused,
      'give the token leave to write to the bucket dora',
    ],
    [
      '404',
      json(404, 'bucket not found'),
      Refused,
      'create the bucket dora of acme, or correct bucket and org',
    ],
    ['no such page', { status: 404, body: '404 page not found' }, Refused, 'InfluxDB 1.8 or newer'],
    ["a proxy's 400", { status: 400, body: '<html>Bad Request</html>' }, Refused, 'check the url'],
    ['a redirect', { status: 302, headers: { location: '/login' } }, Refused, 'check the url'],
    ['a page', { status: 200, body: 'welcome' }, Refused, 'check the url'],
    [
      'a page as an answer',
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>\nSign in' },
      Refused,
      'answered 200: a web page, not InfluxDB; check the url',
    ],
    [
      'a page of a proxy',
      { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>\n<h1>Not here</h1>' },
      Refused,
      'answered 404: a web page, not InfluxDB; check the url',
    ],
    [
      'http where https is meant',
      { status: 400, body: 'Client sent an HTTP request to an HTTPS server.\n' },
      Refused,
      'write https:// in url',
    ],
    [
      'another address',
      { status: 301, headers: { location: 'https://influx.example.com/api/v2/write' } },
      Refused,
      'it redirects to https://influx.example.com',
    ],
    [
      'no organisation of that name',
      json(404, 'organization name "acme" not found'),
      Refused,
      'set org, now acme, to the name or the id of an organisation',
    ],
    [
      'no organisation at all',
      json(400, 'Please provide either orgID or org'),
      Refused,
      'set org to the name',
    ],
    ['500', json(500, 'timeout'), Unavailable, 'answered 500: timeout'],
    ['503', { status: 503, body: 'no backend' }, Unavailable, 'answered 503: no backend'],
    ['a reset', 'hang up', Unavailable, 'could not be reached'],
  ])('%s', async (_, reply, kind, remedy) => {
    const { loader, received } = await sinkTo(() => reply)
    const io = ioOf()
    const error = await failure(loader.write([stored()], io))
    expect(error).toBeInstanceOf(kind)
    expect(error.message).toContain(remedy)
    expect([error.message, ...io.logged].join()).not.toContain(token)
    expect(error.message).not.toContain('\n')
    expect(received).toHaveLength(1)
  })

  test.each<[number, Record<string, string>, number]>([
    [429, { 'retry-after': '30' }, 30_000],
    [503, { 'retry-after': 'Mon, 02 Mar 2026 10:01:00 GMT' }, 60_000],
    [429, {}, 60_000],
  ])('%d with %o asks to wait, in seconds or until an instant', async (status, headers, waitMs) => {
    const { loader } = await sinkTo(() => ({ status, headers }))
    const error = await failure(loader.write([stored()], ioOf()))
    expect(error).toBeInstanceOf(RateLimited)
    expect(error).toHaveProperty('retryAfterMs', waitMs)
  })

  test('nobody listens', async () => {
    const { loader } = await sinkTo(() => written)
    await server?.close()
    server = undefined
    const error = await failure(loader.write([stored()], ioOf()))
    expect(error).toBeInstanceOf(Unavailable)
    expect(error.message).toContain('ECONNREFUSED')
  })

  test('https where the server speaks http', async () => {
    const { url } = await sinkTo(() => written)
    const settings = influxdb.schema.parse({ url: url.replace('http:', 'https:'), bucket: 'dora' })
    const error = await failure(influxdb.make('main', settings).write([stored()], ioOf()))
    expect(error).toBeInstanceOf(Unavailable)
    expect(error.message).toContain('write http:// in url')
  })

  test('a path that is too much is named', async () => {
    const { url } = await sinkTo(() => ({ status: 404, body: '404 page not found' }))
    const settings = influxdb.schema.parse({ url: `${url}/ui`, bucket: 'dora' })
    const error = await failure(influxdb.make('main', settings).write([stored()], ioOf()))
    expect(error.message).toContain('without /ui where no proxy asks for it')
  })

  test('no answer in time', async () => {
    const { url } = await sinkTo(() => new Promise<Reply>(() => {}))
    const target = { name: 'main', url, token, org: 'acme', bucket: 'dora', timeoutMs: 20 }
    const agent = new Agent({ keepAlive: true })
    const error = await failure(batchSender(target, agent, ioOf())('m n=1'))
    expect(error).toBeInstanceOf(Unavailable)
    expect(error.message).toContain('gave no answer in 0.02 s')
    // A request that is left open would keep its connection for ever.
    await vi.waitFor(() => expect(Object.keys(agent.sockets)).toEqual([]))
  })

  test('the run is stopped while the server thinks', async () => {
    const controller = new AbortController()
    const { loader } = await sinkTo(() => {
      controller.abort()
      return new Promise<Reply>(() => {})
    })
    const error = await failure(loader.write([stored()], ioOf(controller.signal)))
    expect(error).toBeInstanceOf(Unavailable)
    expect(error.message).toContain('stopped before the answer came')
  })
})

describe('a bad line', () => {
  const bad = stored({ rev: 7, fields: 'n="bad"' })
  const reason = 'field type conflict: input field "n" on measurement "dora_window" is type string'

  test.each([
    ['1.x', 400, { error: `partial write: ${reason} dropped=1` }, `partial write: ${reason}`],
    ['2.x', 422, { code: 'unprocessable entity', message: reason }, reason],
    ['3.x', 400, { error: 'partial write', data: [{ line_number: 2, error_message: reason }] }, reason],
    [
      '3.x in part',
      201,
      { error: 'partial write', data: [{ line_number: 2, error_message: reason }] },
      reason,
    ],
  ])('in what %s answers is set aside, and the others arrive', async (_, status, body, why) => {
    const arrived = new Set<string>()
    const { loader } = await sinkTo((request) => {
      const lines = request.body.split('\n')
      for (const one of lines) if (!one.includes('bad')) arrived.add(one)
      return !request.body.includes('bad') ? written : { status, body: numbered(body, lines) }
    })
    const points = [stored(), bad, stored({ at: 2000 }), stored({ at: 3000 })]
    expect(await loader.write(points, ioOf())).toEqual({ rejected: [{ point: bad, reason: why }] })
    expect([...arrived]).toHaveLength(3)
  })

  /** The number of the bad line in the batch that was sent. */
  function numbered(body: object, lines: readonly string[]): object {
    if (!('data' in body)) return body
    const line_number = lines.findIndex((one) => one.includes('bad')) + 1
    return { ...body, data: [{ line_number, error_message: reason }] }
  }

  test('that is too large for the server is found by halving', async () => {
    const { loader } = await sinkTo(({ body }) =>
      body.includes('bad') ? { status: 413, body: 'too big' } : written,
    )
    const { rejected } = await loader.write([stored(), bad], ioOf())
    expect(rejected).toEqual([{ point: bad, reason: 'too big' }])
  })
})

describe('a removed point', () => {
  test('is deleted on 2.x by its tags and instant, before what is written anew', async () => {
    const { loader, received } = await sinkTo(version('v2.7.12'))
    const event = stored({
      series: String.raw`dora_deployment,service=a\ "b,source=git`,
      at: 1_780_000_000_123,
      nanos: 45,
      fields: null,
    })
    expect(await loader.write([event, { ...event, fields: 'id="x"' }], ioOf())).toEqual({ rejected: [] })
    expect(received.map(({ path }) => path)).toEqual(['/ping', '/api/v2/delete', '/api/v2/write'])
    expect(Object.fromEntries(received[1]?.query ?? [])).toEqual({ org: 'acme', bucket: 'dora' })
    expect(received[1]?.headers.authorization).toBe(`Token ${token}`)
    expect(JSON.parse(received[1]?.body ?? '')).toEqual({
      start: '2026-05-28T20:26:40.123000045Z',
      stop: '2026-05-28T20:26:40.123000045Z',
      predicate: String.raw`_measurement="dora_deployment" AND "service"="a \"b" AND "source"="git"`,
    })
    expect(received[2]?.body).toBe(
      String.raw`dora_deployment,service=a\ "b,source=git id="x",deleted=false 1780000000123000045`,
    )
  })

  test('that is written and then removed is deleted after the write', async () => {
    const { loader, received } = await sinkTo(version('v2.7.12'))
    await loader.write([stored(), removal], ioOf())
    expect(received.map(({ path }) => path)).toEqual(['/ping', '/api/v2/write', '/api/v2/delete'])
  })

  test.each([
    ['3.x', version('3.2.1')],
    ['a server that does not say what it is', () => written],
    [
      'a 2.x that refuses to delete',
      version('v2.0.0', ({ path }) => ({ status: path.endsWith('delete') ? 405 : 204 })),
    ],
  ])('is overwritten on %s, in the given order', async (_, reply) => {
    const { loader, received } = await sinkTo(reply)
    await loader.write([removal, stored()], ioOf())
    const writes = received.filter(({ path }) => path === '/api/v2/write')
    expect(writes.map(({ body }) => body)).toEqual([`${line.replace('n=1i', emptyWindow)}\n${line}`])
  })

  test('whose predicate is malformed to the server is set aside', async () => {
    const answer = { status: 400, body: { message: 'bad tag value' } }
    const { loader } = await sinkTo(
      version('v2.7.12', ({ path }) => (path.endsWith('delete') ? answer : written)),
    )
    const { rejected } = await loader.write([removal, stored({ at: 2000 })], ioOf())
    expect(rejected.map(({ point }) => point)).toEqual([removal])
    expect(rejected[0]?.reason).toContain('bad tag value')
  })

  test('stays in the outbox when the token may not delete', async () => {
    const answer = { status: 403, body: { message: 'insufficient permissions to delete' } }
    const { loader, received } = await sinkTo(version('v2.7.12', () => answer))
    const error = await failure(loader.write([removal, stored({ at: 2000 })], ioOf()))
    expect(error).toBeInstanceOf(Refused)
    expect(received.some(({ path }) => path === '/api/v2/write')).toBe(false)
  })

  test('is deleted by InfluxQL on 1.x, many in a request', async () => {
    const { loader, received } = await sinkTo(
      version('1.8.10', ({ path }) =>
        path === '/query' ? { body: { results: [{ statement_id: 0 }] } } : written,
      ),
      { bucket: 'dora/raw' },
    )
    const points = Array.from({ length: 150 }, (_, at) => stored({ at: 1000 + at, fields: null }))
    await loader.write(points, ioOf())
    const queries = received.filter(({ path }) => path === '/query').map(({ query }) => query)
    expect(queries.length).toBeLessThan(8)
    expect(new Set(queries.map((query) => query.get('db')))).toEqual(new Set(['dora']))
    const statements = queries.flatMap((query) => query.get('q')?.split('; '))
    expect(statements).toEqual(
      points.map(
        ({ at }) =>
          `DELETE FROM "dora_window" WHERE "service" = 'a' AND "window" = '7d' AND time = ${at}000000`,
      ),
    )
    for (const query of queries) expect(query.toString().length).toBeLessThan(6100)
  })

  test.each([
    ['error authorizing query: not authorized', Refused, 'give the user WRITE on dora'],
    ['timeout', Unavailable, 'cannot delete: timeout'],
  ])('is not lost when a 1.x answers "%s"', async (error, kind, text) => {
    const body = { results: [{ statement_id: 0, error }] }
    const { loader } = await sinkTo(version('1.8.10', ({ path }) => (path === '/query' ? { body } : written)))
    const thrown = await failure(loader.write([removal], ioOf()))
    expect(thrown).toBeInstanceOf(kind)
    expect(thrown.message).toContain(text)
  })
})

describe('check', () => {
  test('says what server it is and that the bucket can be written to, without a point', async () => {
    const { loader, received } = await sinkTo(version('v2.7.12'))
    expect(await loader.check(ioOf())).toEqual([
      { name: 'server', ok: true, detail: 'InfluxDB v2.7.12' },
      { name: 'bucket dora', ok: true, detail: 'can be written to' },
    ])
    expect(received[1]?.body).toMatch(/^#/)
  })

  test('says what is wrong', async () => {
    const answer = { status: 404, body: { message: 'bucket "dora" not found' } }
    const { loader } = await sinkTo(version('v2.7.12', () => answer))
    const [, bucket] = await loader.check(ioOf())
    expect(bucket).toMatchObject({ name: 'bucket dora', ok: false })
    expect(bucket?.detail).toContain('create the bucket dora of acme')
  })
})

describe('the configuration', () => {
  const settings = { url: 'http://localhost:8086', bucket: 'dora' }

  test('has defaults', () => {
    expect(influxdb.schema.parse(settings)).toMatchObject({ org: '', batchLines: 5000, timeout: 30_000 })
    expect(influxdb.schema.parse({ ...settings, timeout: '2m' }).timeout).toBe(120_000)
  })

  test.each([
    [{ url: 'localhost:8086' }, 'must be the address of InfluxDB'],
    [{ url: 'http://me:secret@localhost' }, 'set username and password'],
    [{ url: 'http://localhost:8086/api/v2/write' }, 'write its address alone'],
    [{ url: 'http://localhost:8086/write?db=dora' }, 'write its address alone'],
    [{ bucket: undefined }, 'expected string'],
    [{ timeout: '30' }, 'is no duration'],
    [{ batchLines: 0 }, '>=1'],
    [{ token: 'a', username: 'b' }, 'takes either token, or username and password'],
    [{ tokn: 'a' }, 'tokn'],
  ])('%o is refused', (wrong, message) => {
    const { error } = influxdb.schema.safeParse({ ...settings, ...wrong })
    expect(error?.issues.map((issue) => issue.message).join()).toContain(message)
  })
})
