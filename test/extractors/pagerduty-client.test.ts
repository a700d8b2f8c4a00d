import { describe, expect, test } from 'vitest'
import { Refused } from '../../core/errors.ts'
import type { HttpRequest } from '../../core/http.ts'
import type { Io } from '../../core/io.ts'
import type { Client } from '../../extractors/pagerduty/client.ts'
import { createClient } from '../../extractors/pagerduty/client.ts'
import { settingsSchema } from '../../extractors/pagerduty/settings.ts'
import { quietIo } from './contract.ts'

const minute = 60_000
const start = Date.UTC(2026, 1, 1)

interface Bench {
  client: Client
  asked: NonNullable<HttpRequest['query']>[]
}

/** A client before an API with one row a minute; `pageLimit` is the most it gives at once. */
function bench(count: number, pageLimit = 100, spacing = minute): Bench {
  const asked: Bench['asked'] = []
  const rows = Array.from({ length: count }, (_, index) => ({ id: index, at: start + index * spacing }))
  const http: Io['http'] = {
    sent: 0,
    request(request) {
      const { query = {} } = request
      asked.push(query)
      const offset = Number(query['offset'])
      const limit = Math.min(pageLimit, Number(query['limit']))
      if (offset + limit > 10_000) throw new Refused('offset is too large', 400)
      const [since, until] = [Date.parse(String(query['since'])), Date.parse(String(query['until']))]
      const found = rows.filter(({ at }) => at >= since && at < until)
      const more = offset + limit < found.length
      const body = { rows: found.slice(offset, offset + limit), limit, offset, more }
      return Promise.resolve({ status: 200, headers: {}, body })
    },
  }
  const settings = settingsSchema.parse({ token: 't' })
  const client = createClient('pd', settings, { ...quietIo(0), http }, { requests: 0 })
  return { client, asked }
}

async function idsOf({ client }: Bench, from: number, to: number): Promise<Set<number>> {
  const ids = new Set<number>()
  for await (const rows of client.windows('/rows', 'rows', {}, from, to)) {
    for (const row of rows) ids.add((row as { id: number }).id)
  }
  return ids
}

describe('a list of PagerDuty', () => {
  test('of more rows than offsets reach is read completely, in halves', async () => {
    const one = bench(25_000)
    expect((await idsOf(one, start, start + 25_000 * minute)).size).toBe(25_000)
    expect(Math.max(...one.asked.map(({ offset }) => Number(offset)))).toBe(9900)
  })

  test('of fewer rows a page than were asked for is read completely', async () => {
    expect((await idsOf(bench(130, 25), start, start + 130 * minute)).size).toBe(130)
  })

  test('of too many rows within one second says so', async () => {
    await expect(idsOf(bench(10_001, 100, 0), start, start + 4000)).rejects.toMatchObject({
      name: 'Unavailable',
      message: 'pd: more than 10000 rows within one second from 2026-02-01T00:00:00Z',
    })
  })

  test('is asked for in windows of at most 90 days, in whole seconds with a zone', async () => {
    const one = bench(0)
    await idsOf(one, start + 1, start + 200 * 86_400_000)
    expect(one.asked.map(({ since, until, time_zone: zone }) => [since, until, zone])).toEqual([
      ['2026-02-01T00:00:00Z', '2026-05-02T00:00:01Z', 'UTC'],
      ['2026-05-02T00:00:00Z', '2026-07-31T00:00:01Z', 'UTC'],
      ['2026-07-31T00:00:00Z', '2026-08-20T00:00:00Z', 'UTC'],
    ])
  })
})

test.each([
  [
    401,
    'pd: the token is unknown or expired, or of another region; set a valid `token`, or `region: eu` (no)',
  ],
  [403, 'pd: the token may not read this; it needs incidents.read and services.read (no)'],
  [400, 'no'],
])('%i is said with its remedy', async (status, message) => {
  const http: Io['http'] = { sent: 0, request: () => Promise.reject(new Refused('no', status)) }
  const settings = settingsSchema.parse({ token: 't' })
  const client = createClient('pd', settings, { ...quietIo(0), http }, { requests: 0 })
  await expect(client.get('/incidents')).rejects.toMatchObject({ name: 'Refused', status, message })
})
