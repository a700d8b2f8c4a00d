import { afterEach, describe, expect, test } from 'vitest'
import { createHttpClient } from '../../core/http-client.ts'
import type { HttpClient, HttpRequest } from '../../core/http.ts'
import type { Logger } from '../../core/io.ts'
import type { Loopback, Reply } from './loopback.ts'
import { listen } from './loopback.ts'

const now = Date.UTC(2026, 2, 2, 10)
const secret = 'tok_5ecret5ecret'

let server: Loopback | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

interface Bench {
  http: HttpClient
  url: string
  received: Loopback['received']
  waits: number[]
  logged: string[]
  abort: () => void
}

async function bench(reply: Parameters<typeof listen>[0]): Promise<Bench> {
  server = await listen(reply)
  const waits: number[] = []
  const logged: string[] = []
  const note = (message: string, details?: object) =>
    logged.push(`${message} ${JSON.stringify(details ?? {})}`)
  const log: Logger = { debug: note, info: note, warn: note, error: note }
  const controller = new AbortController()
  const http = createHttpClient({
    sleep: (ms) => {
      waits.push(ms)
      return Promise.resolve()
    },
    signal: controller.signal,
    userAgent: 'dorado/test',
    log,
    clock: () => now,
    random: () => 0.5,
  })
  const abort = () => controller.abort(new Error('stopped'))
  return { http, url: server.url, received: server.received, waits, logged, abort }
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error as Error,
  )
}

/** Answers in turn; the last one for ever. */
function inTurn(...replies: (Reply | 'hang up')[]): Parameters<typeof listen>[0] {
  return (_, index) => replies[Math.min(index, replies.length - 1)] ?? {}
}

describe('a request', () => {
  test('is sent with query, headers and JSON body, and the answer is parsed', async () => {
    const { http, url, received } = await bench(() => ({
      status: 201,
      headers: { 'X-Total': '3', 'content-type': 'application/vnd.example+json; charset=utf-8' },
      body: { ok: true },
    }))
    const query = {
      'ids[]': ['a', 'b c'],
      since: '2026-03-02T10:00:00+02:00',
      all: true,
      n: 5,
      none: undefined,
    }
    const answer = await http.request({ method: 'POST', url: `${url}/x?sig=%2Fa`, query, body: { a: 1 } })
    expect(answer).toMatchObject({ status: 201, body: { ok: true }, headers: { 'x-total': '3' } })
    expect(received[0]).toMatchObject({ method: 'POST', path: '/x', body: '{"a":1}' })
    expect(received[0]?.headers).toMatchObject({
      'user-agent': 'dorado/test',
      'content-type': 'application/json',
    })
    expect([...(received[0]?.query ?? [])]).toEqual([
      ['sig', '/a'],
      ['ids[]', 'a'],
      ['ids[]', 'b c'],
      ['since', '2026-03-02T10:00:00+02:00'],
      ['all', 'true'],
      ['n', '5'],
    ])
    expect(http.sent).toBe(1)
  })

  test('has its text where the answer is none of JSON', async () => {
    const { http, url } = await bench(() => ({ body: 'ok' }))
    expect((await http.request({ url })).body).toBe('ok')
  })

  test('has 304 as an answer', async () => {
    const { http, url } = await bench(() => ({ status: 304 }))
    expect((await http.request({ url })).status).toBe(304)
  })

  test('that accepts JSON only refuses a sign-in page', async () => {
    const { http, url } = await bench(() => ({
      status: 203,
      headers: { 'content-type': 'text/html' },
      body: '<html>',
    }))
    const error = await failure(
      http.request({ url: `${url}/builds`, headers: { Accept: 'application/json' } }),
    )
    expect(error.name).toBe('Refused')
    expect(error.message).toContain('/builds answered with text/html where JSON is expected')
  })

  test('follows a redirect within the origin, with its method and body', async () => {
    const { http, url, received } = await bench(
      inTurn({ status: 307, headers: { location: '/new?page=2' } }, { body: 1 }),
    )
    expect((await http.request({ method: 'POST', url: `${url}/old`, body: { a: 1 } })).body).toBe(1)
    expect(received[1]).toMatchObject({ method: 'POST', path: '/new', body: '{"a":1}' })
    expect(http.sent).toBe(2)
  })

  test('never takes its headers to another origin', async () => {
    const { http, url } = await bench(() => ({ status: 302, headers: { location: 'http://127.0.0.1:1/x' } }))
    const error = await failure(http.request({ url, headers: { authorization: secret } }))
    expect(error.name).toBe('Refused')
    expect(error.message).toContain('redirects to http://127.0.0.1:1;')
  })

  test('gives up on redirects in a circle', async () => {
    const { http, url } = await bench(() => ({ status: 302, headers: { location: '/' } }))
    expect((await failure(http.request({ url }))).message).toContain('redirects in a circle')
  })
})

describe('what may pass is tried again', () => {
  test.each<[string, Reply | 'hang up']>([
    ['408', { status: 408 }],
    ['425', { status: 425 }],
    ['500', { status: 500 }],
    ['502', { status: 502, body: '<html>bad gateway</html>' }],
    ['503', { status: 503 }],
    ['504', { status: 504 }],
    ['a broken connection', 'hang up'],
    ['JSON that is cut off', { headers: { 'content-type': 'application/json' }, body: '{"a":' }],
  ])('%s', async (_, reply) => {
    const { http, url, waits } = await bench(inTurn(reply, reply, { body: { fine: true } }))
    expect((await http.request({ url })).body).toEqual({ fine: true })
    expect(waits).toEqual([500, 1000])
    expect(http.sent).toBe(3)
  })

  test('five times, then it is Unavailable', async () => {
    const { http, url, waits } = await bench(() => ({ status: 502, body: { message: 'upstream is down' } }))
    const error = await failure(http.request({ url: `${url}/a` }))
    expect(error.name).toBe('Unavailable')
    expect(error.message).toBe(
      `GET ${new URL(url).host}/a failed 5 times, the last time: 502: upstream is down`,
    )
    expect(waits).toEqual([500, 1000, 2000, 4000])
  })

  test('no answer in time is a failure that may pass', async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<Reply>()
    const { http, url } = await bench((_, index) => (index === 0 ? held : { body: 1 }))
    expect((await http.request({ url, timeoutMs: 30 })).body).toBe(1)
    release({})
  })

  test('nobody listening is Unavailable', async () => {
    const { http, url } = await bench(() => ({}))
    await server?.close()
    server = undefined
    const error = await failure(http.request({ url }))
    expect(error.name).toBe('Unavailable')
    expect(error.message).toContain('ECONNREFUSED')
  })
})

describe('a limit', () => {
  test('is waited for as long as it says, in seconds or as a date', async () => {
    const { http, url, waits } = await bench(
      inTurn(
        { status: 429, headers: { 'retry-after': '30' } },
        { status: 503, headers: { 'retry-after': 'Mon, 02 Mar 2026 10:02:00 GMT' } },
        {
          status: 403,
          headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 10) },
        },
        { body: 1 },
      ),
    )
    expect((await http.request({ url })).body).toBe(1)
    expect(waits).toEqual([30_000, 120_000, 10_000])
  })

  test('of more than ten minutes is RateLimited at once, with the wait', async () => {
    const { http, url, waits } = await bench(() => ({ status: 429, headers: { 'retry-after': '601' } }))
    const error = await failure(http.request({ url }))
    expect(error).toMatchObject({ name: 'RateLimited', retryAfterMs: 601_000 })
    expect(waits).toEqual([])
    expect(http.sent).toBe(1)
  })

  test('that does not end is RateLimited after five tries', async () => {
    const { http, url, waits } = await bench(() => ({ status: 429 }))
    const error = await failure(http.request({ url }))
    expect(error.name).toBe('RateLimited')
    expect(waits).toEqual([7500, 15_000, 30_000, 30_000])
  })
})

describe('what will not pass is not tried again', () => {
  test.each([400, 401, 403, 404, 410, 422])('%i', async (status) => {
    const { http, url } = await bench(() => ({
      status,
      body: { error: { message: 'not for you', code: 2010 } },
    }))
    const error = await failure(http.request({ url: `${url}/x` }))
    expect(error).toMatchObject({ name: 'Refused', status })
    expect(error.message).toBe(`GET ${new URL(url).host}/x answered ${status}: not for you`)
    expect(http.sent).toBe(1)
  })

  test('an address that is none', async () => {
    const { http } = await bench(() => ({}))
    expect((await failure(http.request({ url: 'api.example.com/x' }))).name).toBe('Refused')
  })
})

test('an abort ends it at once, also between tries', async () => {
  const { http, url, abort } = await bench((_, index) => {
    if (index === 1) abort()
    return { status: 500 }
  })
  expect((await failure(http.request({ url }))).message).toBe('stopped')
  expect(http.sent).toBe(2)
})

describe('a secret is in no error and no log', () => {
  const requests: [string, (url: string) => HttpRequest][] = [
    ['header', (url) => ({ url, headers: { Authorization: `Token token=${secret}` } })],
    ['query', (url) => ({ url: `${url}/x?sig=${secret}`, query: { key: secret } })],
    ['path', (url) => ({ url: `${url}/services/${secret}`, isUrlSecret: true })],
    ['password', (url) => ({ url: url.replace('//', `//user:${secret}@`) })],
  ]
  test.each(requests)('of the %s', async (_, request) => {
    const echo: Reply['body'] = { message: `bad: ${secret}` }
    const { http, url, logged } = await bench((_one, index) => ({
      status: index < 6 ? 500 : 401,
      body: echo,
    }))
    const texts = []
    for (let turn = 0; turn < 3; turn += 1) {
      const error = await failure(http.request(request(url)))
      texts.push(String(error.stack), JSON.stringify(error))
    }
    expect(texts.join('\n')).toContain('bad: ***')
    expect([...texts, ...logged].join('\n')).not.toContain(secret)
    expect(logged.length).toBeGreaterThan(3)
  })
})

describe('what may have arrived', () => {
  test.each<[string, Reply | 'hang up', boolean]>([
    ['was answered with 503', { status: 503 }, false],
    ['was answered with 503 and a wait', { status: 503, headers: { 'retry-after': '5000' } }, false],
    ['was answered with 429', { status: 429 }, false],
    ['was answered with 500', { status: 500 }, true],
    ['was answered by a gateway', { status: 504 }, true],
    ['got no answer', 'hang up', true],
  ])('%s', async (_, reply, mayHaveArrived) => {
    const { http, url } = await bench(() => reply)
    expect(await failure(http.request({ url, method: 'POST', tries: 1 }))).toMatchObject({ mayHaveArrived })
  })

  test('has not where nobody listens', async () => {
    const { http, url } = await bench(() => ({}))
    await server!.close()
    server = undefined
    expect(await failure(http.request({ url, tries: 1 }))).toMatchObject({ mayHaveArrived: false })
  })

  test('of several tries is that of any', async () => {
    const { http, url } = await bench(inTurn('hang up', { status: 503 }))
    expect(await failure(http.request({ url, tries: 2 }))).toMatchObject({ mayHaveArrived: true })
  })
})
