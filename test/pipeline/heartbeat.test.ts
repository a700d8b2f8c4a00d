import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { alertsSchema } from '../../alerts/settings.ts'
import { readBeats, sendHeartbeat } from '../../pipeline/heartbeat.ts'
import { refresh, type Pipeline } from '../../pipeline/refresh.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { optionsOf } from '../analyse.ts'
import { listen, type Loopback, type Reply } from '../core/loopback.ts'
import { quietIo } from '../extractors/contract.ts'

const hourMs = 3_600_000
const start = Date.UTC(2026, 2, 10, 8)

let store: Store
let server: Loopback
let reply: Reply
beforeEach(async () => {
  store = openSqlite({ path: ':memory:' })
  reply = {}
  server = await listen(() => reply)
})
afterEach(async () => {
  await server.close()
  store.close()
})

const heartbeatOf = (said: object = {}) =>
  alertsSchema.parse({ heartbeat: { url: `${server.url}/ping/the-secret-part`, ...said } }).heartbeat

const evaluated = (hour: number) =>
  store.alerts.commit(
    start + hour * hourMs,
    { instances: [], gone: [], groups: [], history: [], messages: [] },
    start + hour * hourMs,
  )

/** Looks so many minutes after a slot whether there is something to tell. */
async function beat(hour: number, minutes: number, heartbeat = heartbeatOf()) {
  const io = quietIo(start + hour * hourMs + minutes * 60_000)
  await sendHeartbeat(store, heartbeat, io)
  return io
}

describe('a heartbeat', () => {
  test('is told once of every slot that was evaluated, and of none that was not', async () => {
    await beat(0, 0)
    expect(server.received).toHaveLength(0)
    for (const hour of [0, 1]) {
      await evaluated(hour)
      // The second refresh is a little faster than the first.
      for (const minutes of [3 - hour, 4, 5]) await beat(hour, minutes)
    }
    expect(server.received.map(({ method, path, body }) => [method, path, body])).toEqual(
      Array.from({ length: 2 }, () => ['GET', '/ping/the-secret-part', '']),
    )
    await beat(2, 3)
    expect(server.received).toHaveLength(2)
  })

  test('is told of slots that lie so far apart', async () => {
    const told: number[] = []
    for (let hour = 0; hour < 6; hour += 1) {
      await evaluated(hour)
      const before = server.received.length
      await beat(hour, 1, heartbeatOf({ every: '2h' }))
      if (server.received.length > before) told.push(hour)
    }
    expect(told).toEqual([0, 2, 4])
  })

  test('says by POST which slot it is of', async () => {
    await evaluated(0)
    await beat(0, 1, heartbeatOf({ method: 'POST' }))
    const [received] = server.received
    expect(received).toMatchObject({ method: 'POST' })
    expect(JSON.parse(received!.body)).toEqual({
      slot: '2026-03-10T08:00:00.000Z',
      at: '2026-03-10T08:01:00.000Z',
    })
  })

  test('that fails is logged once, noted, and tried again until it is taken', async () => {
    await evaluated(0)
    reply = { status: 500, body: 'no' }
    const logged = [...(await beat(0, 1)).logged, ...(await beat(0, 2)).logged]
    expect(logged).toHaveLength(1)
    expect(logged[0]).toMatch(/^heartbeat: GET 127\.0\.0\.1:\d+\/… failed: 500: no; it is tried again/)
    expect(logged[0]).not.toContain('the-secret-part')
    expect(await readBeats(store)).toMatchObject({ failed: { since: start + 60_000 } })
    expect(server.received).toHaveLength(2)

    reply = {}
    await beat(0, 3)
    await beat(0, 4)
    expect(server.received).toHaveLength(3)
    expect(await readBeats(store)).toEqual({ last: { slot: start, at: start + 3 * 60_000 } })
  })
})

test('a refresh tells it after its evaluation, and does not fail with it', async () => {
  reply = { status: 404 }
  const { observed: _observed, at: _at, ...derivation } = optionsOf({}, start)
  const settings = alertsSchema.parse({ heartbeat: { url: server.url } })
  const pipeline: Pipeline = {
    store,
    extractors: [],
    loaders: [],
    derivation,
    alerts: { settings, notifiers: [] },
  }
  await expect(refresh(pipeline, quietIo(start + 60_000))).resolves.toMatchObject({ alerted: { firing: 0 } })
  expect(server.received).toHaveLength(1)
  expect((await readBeats(store)).failed?.error).toContain('404')
  reply = {}
  await refresh(pipeline, quietIo(start + 120_000))
  expect(await readBeats(store)).toEqual({ last: { slot: start, at: start + 120_000 } })
})

test.each([
  [{ url: 'hc-ping.com' }, 'must be an address'],
  [{ url: 'ftp://example.com' }, 'must be an address'],
  [{ url: 'https://example.com', every: 'hourly' }, '"hourly" is no duration'],
])('%j is refused', (heartbeat, problem) => {
  const { error } = alertsSchema.safeParse({ heartbeat })
  expect(error?.issues.map(({ message }) => message).join('\n')).toContain(problem)
})
