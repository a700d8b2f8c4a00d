import type { FastifyInstance, InjectOptions } from 'fastify'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConfigError } from '../../core/errors.ts'
import type { ServerContext } from '../../server/context.ts'
import { createServer, startServer } from '../../server/server.ts'
import { play, type Played } from '../pipeline/alerts-played.ts'
import { quietIo } from '../extractors/contract.ts'

const hourMs = 3_600_000
const start = Date.UTC(2026, 2, 10, 8)
const token = 'a token of some length'.replaceAll(' ', '-')

let played: Played
let now: number
let app: FastifyInstance
let logged: string[]

beforeEach(() => {
  now = start
  logged = []
  played = play({
    start,
    alerts: {
      rules: [
        { name: 'fails', metric: 'changeFailRate', above: '15%', runbook: 'Look at the last one' },
        { name: 'fails much', metric: 'changeFailRate', above: '40%', severity: 'critical', for: '3h' },
      ],
      routes: [{ channels: 'chat', mute: 'noon' }],
      muteTimes: [{ name: 'noon', times: '12:00-13:00' }],
    },
  })
  app = createServer(contextOf({ token }))
})
afterEach(async () => {
  await app.close()
  played.store.close()
})

function contextOf(given: Partial<ServerContext>): ServerContext {
  const { pipeline, settings } = played
  return {
    pipeline: { ...pipeline, loaders: [], alerts: { settings, notifiers: [] }, schedule: '0 * * * *' },
    clock: () => now,
    log: { ...quietIo(start).log, error: (text) => void logged.push(text) },
    startedAt: start,
    ...given,
  }
}

async function ask(method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object, headers = {}) {
  const options: InjectOptions = {
    method,
    url,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(payload && { payload }),
  }
  const { statusCode: status, body } = await app.inject(options)
  return { status, body: body === '' ? undefined : (JSON.parse(body) as Record<string, unknown>) }
}

describe('who is answered', () => {
  test.each([
    ['no token', {}, 'a token is missing: send Authorization: Bearer …'],
    ['another scheme', { authorization: `Basic ${token}` }, 'a token is missing'],
    ['another token', { authorization: `Bearer ${token}x` }, 'this is not the token'],
    [
      'the beginning of the token',
      { authorization: `Bearer ${token.slice(0, -1)}` },
      'this is not the token',
    ],
  ])('not one with %s, at any address but /health', async (_, headers, error) => {
    for (const url of [
      '/api/v1/alerts',
      '/api/v1/silences',
      '/',
      '/api/v1/nothing',
      '/health/',
      '//health',
    ]) {
      const answer = await app.inject({ url, headers })
      expect(answer.statusCode, url).toBe(401)
      expect(answer.headers['www-authenticate']).toBe('Bearer')
      expect(answer.json<{ error: string }>().error).toContain(error)
    }
    expect((await app.inject({ url: '/health', headers })).statusCode).toBe(200)
  })

  test('without a token, who names this machine and nobody else', async () => {
    await app.close()
    app = createServer(contextOf({}))
    const statusOf = async (host: string) =>
      (await app.inject({ url: '/api/v1/alerts', headers: { host } })).statusCode
    for (const host of ['localhost', 'localhost:8080', '127.0.0.1:8080', '[::1]:8080'])
      expect(await statusOf(host), host).toBe(200)
    for (const host of ['example.com', 'localhost.example.com', '127.0.0.1.example.com'])
      expect(await statusOf(host), host).toBe(403)
  })

  test('an address that is none is said to be none', async () => {
    expect(await ask('GET', '/api/v2/alerts?x=1')).toEqual({
      status: 404,
      body: { error: 'there is no GET /api/v2/alerts' },
    })
    expect(await ask('DELETE', '/api/v1/alerts')).toMatchObject({ status: 404 })
    const bad = await app.inject({ url: '/%zz' })
    expect(bad.statusCode).toBe(400)
    expect(Object.keys(bad.json<object>())).toEqual(['error'])
  })
})

describe('alerts', () => {
  test('are those that fire and those that are pending, with what keeps them quiet', async () => {
    expect(await ask('GET', '/api/v1/alerts')).toEqual({ status: 200, body: { asOf: null, alerts: [] } })
    await played.fails(0, 60)
    await played.fails(0, 5, 'blog')
    await played.told(0)
    await ask('POST', '/api/v1/silences', { id: 'move', match: { service: 'shop' }, for: '8h' })
    now = start + 4 * hourMs
    const { status, body } = await ask('GET', '/api/v1/alerts')
    expect(status).toBe(200)
    expect(body!['asOf']).toBe('2026-03-10T08:00:00.000Z')
    const silenced = { kind: 'silenced', silence: 'move', until: '2026-03-10T16:00:00.000Z' }
    const muted = { kind: 'muted', muteTime: 'noon', channels: ['chat'] }
    const [fails, much] = body!['alerts'] as Record<string, unknown>[]
    expect(fails).toMatchObject({
      rule: 'fails',
      state: 'firing',
      severity: 'warning',
      labels: { service: 'shop', team: 'web', environment: 'production', rule: 'fails' },
      since: '2026-03-10T08:00:00.000Z',
      runbook: 'Look at the last one',
      // What is pending keeps nothing quiet.
      quiet: [silenced, muted],
    })
    expect(fails!['values']).toContainEqual({ name: 'changeFailRate, 30d', text: '60 %' })
    expect(much).toMatchObject({ rule: 'fails much', state: 'pending', severity: 'critical' })
    expect(body!['alerts']).toHaveLength(2)
  })

  test('say which other one keeps them quiet', async () => {
    for (const hour of [0, 3]) {
      await played.fails(hour, 60)
      await played.told(hour)
    }
    const { body } = await ask('GET', '/api/v1/alerts')
    const [fails, much] = body!['alerts'] as Record<string, unknown>[]
    expect(much).toMatchObject({ state: 'firing', quiet: [] })
    expect(fails!['quiet']).toEqual([
      { kind: 'inhibited', by: much!['fingerprint'], summary: much!['summary'] },
    ])
  })
})

describe('silences', () => {
  test('are set, listed, held by the next evaluation, and ended', async () => {
    const set = await ask('POST', '/api/v1/silences', {
      match: { team: ['web'], service: '/sh.*/' },
      for: '2h',
      comment: 'moving house',
      author: 'dev-1',
    })
    expect(set).toEqual({
      status: 201,
      body: {
        id: expect.stringMatching(/^[0-9a-f]{8}$/),
        match: { team: ['web'], service: ['/sh.*/'] },
        from: '2026-03-10T08:00:00.000Z',
        until: '2026-03-10T10:00:00.000Z',
        comment: 'moving house',
        author: 'dev-1',
        createdAt: '2026-03-10T08:00:00.000Z',
      },
    })
    expect(await ask('GET', '/api/v1/silences')).toEqual({ status: 200, body: { silences: [set.body] } })
    await played.fails(0, 30)
    await played.fails(0, 30, 'blog')
    expect(await played.told(0)).toEqual(['chat firing: blog fails'])

    const url = `/api/v1/silences/${String(set.body!['id'])}`
    expect(await ask('DELETE', url)).toEqual({ status: 204, body: undefined })
    expect(await ask('DELETE', url)).toMatchObject({ status: 404 })
    expect(await ask('GET', '/api/v1/silences')).toEqual({ status: 200, body: { silences: [] } })
    await played.fails(1, 30)
    await played.fails(1, 30, 'blog')
    expect(await played.told(1)).toEqual(['chat firing: blog fails, shop fails'])
  })

  test('are set after a derivation that is being written, and are no part of it', async () => {
    const { promise, reject } = Promise.withResolvers<void>()
    const writing = played.store.write(() => promise)
    const set = ask('POST', '/api/v1/silences', { match: { service: 'shop' }, for: '1h' })
    // What can be read is answered meanwhile.
    expect(await ask('GET', '/api/v1/silences')).toMatchObject({ status: 200 })
    reject(new Error('a derivation that failed'))
    await expect(writing).rejects.toThrow('a derivation that failed')
    expect(await set).toMatchObject({ status: 201 })
    expect(await played.store.alerts.silences()).toHaveLength(1)
  })

  test('of one id are one: while it holds, it is not set again', async () => {
    const body = { id: 'deploy-42', match: { service: 'shop' }, for: '1h' }
    expect(await ask('POST', '/api/v1/silences', body)).toMatchObject({ status: 201 })
    expect(await ask('POST', '/api/v1/silences', body)).toEqual({
      status: 409,
      body: { error: 'there is a silence deploy-42 already' },
    })
    now += hourMs
    expect(await ask('GET', '/api/v1/silences')).toMatchObject({ body: { silences: [] } })
    expect(await ask('POST', '/api/v1/silences', body)).toMatchObject({ status: 201 })
  })

  test.each([
    [undefined, 'the body: '],
    [{ for: '1h' }, 'match: '],
    [{ match: {}, for: '1h' }, 'match is empty; name a label and its value'],
    [{ match: { team: '/(/' }, for: '1h' }, 'match: /(/ is no regular expression'],
    [{ match: { team: '/(?=a)/' }, for: '1h' }, 'match: /(?=a)/ is no regular expression'],
    [{ match: { nolabel: '' }, for: '1h' }, 'match: nolabel has no value: that is every alert without it'],
    [{ match: { team: ['web', ''] }, for: '1h' }, 'match: team has no value'],
    [{ match: { team: '/.*/' }, for: '1h' }, 'match: team=/.*/ is every alert without these labels, too'],
    [{ match: { team: 'web' }, for: '100000000d' }, 'it would end more than a year from now'],
    [{ match: { team: 'web' }, for: '367d' }, 'it would end more than a year from now'],
    [{ match: { team: 'web' }, for: `${'9'.repeat(400)}d` }, 'for: '],
    [{ match: { team: 'web' } }, 'until: takes either for'],
    [{ match: { team: 'web' }, for: '1h', until: '2026-03-11T00:00:00Z' }, 'until: takes either for'],
    [{ match: { team: 'web' }, for: '1' }, 'for: "1" is no duration'],
    [{ match: { team: 'web' }, until: '2026-03-11' }, 'until: "2026-03-11" has no time of day'],
    [{ match: { team: 'web' }, until: '2026-03-09T00:00:00Z' }, 'it would end before it begins'],
    [{ match: { team: 'web' }, for: '1h', id: '../x' }, 'id: takes up to 40 letters'],
    [{ match: { team: 'web' }, for: '1h', note: 'x' }, 'note: there is no such key'],
    [{ match: { team: 1 }, for: '1h' }, 'match.team: '],
  ])('%j is refused', async (body, error) => {
    const answer = await ask('POST', '/api/v1/silences', body)
    expect(answer.status).toBe(400)
    expect(answer.body).toEqual({ error: expect.stringContaining(error) as string })
    expect(String(answer.body!['error'])).not.toContain('\n')
    expect(await played.store.alerts.silences()).toEqual([])
  })

  test('may take a year, and an expression that is slow elsewhere', async () => {
    for (const match of [{ team: 'web' }, { service: '/(\\w+)+!/', team: '/.*/' }])
      expect(await ask('POST', '/api/v1/silences', { match, for: '366d' })).toMatchObject({ status: 201 })
    expect(await ask('GET', '/api/v1/silences')).toMatchObject({ status: 200, body: { silences: [{}, {}] } })
    expect(await ask('GET', '/api/v1/alerts')).toMatchObject({ status: 200 })
  })

  test('that are no JSON, or more than is read, are refused', async () => {
    const post = async (payload: string, type = 'application/json') => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': type }
      const answer = await app.inject({ method: 'POST', url: '/api/v1/silences', headers, payload })
      expect(Object.keys(answer.json<object>())).toEqual(['error'])
      return answer.statusCode
    }
    expect(await post('{"match":')).toBe(400)
    expect(await post('a=b', 'application/x-www-form-urlencoded')).toBe(415)
    expect(await post(JSON.stringify({ comment: 'x'.repeat(70_000) }))).toBe(413)
    expect(logged).toEqual([])
  })
})

test('what fails in here is logged and not shown', async () => {
  await app.close()
  const { store } = played
  const broken = {
    ...store,
    alerts: { ...store.alerts, silences: () => Promise.reject(new Error('disk I/O error')) },
  }
  const context = contextOf({ token })
  app = createServer({ ...context, pipeline: { ...context.pipeline, store: broken } })
  expect(await ask('GET', '/api/v1/silences')).toEqual({
    status: 500,
    body: { error: 'this failed; the log says why' },
  })
  expect(logged).toEqual(['GET /api/v1/silences: disk I/O error'])
})

describe('health', () => {
  test('is the last slot that was finished, and bad where two were missed', async () => {
    expect(await ask('GET', '/health')).toEqual({
      status: 200,
      body: { ok: true, lastSlot: null, ageSeconds: null },
    })
    const { meta } = played.store
    await meta.claimSlot('refresh', start, start)
    await meta.endSlot('refresh', start, start + 60_000)
    now = start + hourMs + 90_000
    expect(await ask('GET', '/health')).toEqual({
      status: 200,
      body: { ok: true, lastSlot: '2026-03-10T08:00:00.000Z', ageSeconds: 3690 },
    })
    now = start + 2 * hourMs
    expect(await ask('GET', '/health')).toMatchObject({ status: 200 })
    now += 1
    expect(await ask('GET', '/health')).toMatchObject({ status: 503, body: { ok: false } })
  })

  test('is bad of a process that never finished one', async () => {
    now = start + 5 * hourMs
    expect(await ask('GET', '/health')).toEqual({
      status: 503,
      body: { ok: false, lastSlot: null, ageSeconds: null },
    })
  })
})

describe('listening', () => {
  test('a port in use is told in one line', async () => {
    const first = await startServer({ host: '127.0.0.1', port: 0 }, contextOf({ token }))
    try {
      const port = Number(new URL(first.url).port)
      const second = startServer({ host: '127.0.0.1', port }, contextOf({ token }))
      await expect(second).rejects.toThrow(
        new ConfigError(
          `server.listen 127.0.0.1:${port}: the port is in use; stop what uses it, or name another`,
        ),
      )
    } finally {
      await first.close()
    }
  })

  test('ends while a caller keeps its connection and asks nothing', async () => {
    const server = await startServer({ host: '127.0.0.1', port: 0 }, contextOf({ token }))
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    const ended = new Promise((resolve) => socket.once('close', resolve))
    await new Promise((resolve) =>
      socket.once('data', resolve).write('GET /health HTTP/1.1\r\nHost: a\r\n\r\n'),
    )
    await server.close()
    await ended
  })
})
