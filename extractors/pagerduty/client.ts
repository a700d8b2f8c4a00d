import { Refused, Unavailable, messageOf } from '../../core/errors.ts'
import type { HttpRequest, HttpResponse } from '../../core/http.ts'
import type { Io } from '../../core/io.ts'
import type { Usage } from '../extractor.ts'
import type { Settings } from './settings.ts'
import { baseUrlOf } from './settings.ts'

type Query = NonNullable<HttpRequest['query']>

export interface Client {
  /** The answer's body. */
  get(path: string, query?: Query): Promise<Record<string, unknown>>
  /** Like get; undefined where the answer is 404. */
  find(path: string, query?: Query): Promise<Record<string, unknown> | undefined>
  /** Pages of rows; returns whether they were all, or only as many as offsets reach. */
  pages(path: string, key: string, query: Query): AsyncGenerator<unknown[], 'complete' | 'bound'>
  /** Pages of what lies in [from, to), cut into windows that are answered completely. */
  windows(path: string, key: string, query: Query, from: number, to: number): AsyncGenerator<unknown[]>
  /** The server's clock at its first answer, epoch ms. */
  readonly servedAt: number | undefined
}

const pageSize = 100
// PagerDuty answers 400 to what lies behind, and nothing at all to windows of more than about 180 days.
const lastOffset = 10_000
const longestWindowMs = 90 * 86_400_000

/** GET requests with the account's token, one after the other; counts them in `usage`. */
export function createClient(name: string, settings: Settings, io: Io, usage: Usage): Client {
  const base = baseUrlOf(settings)
  const headers = {
    authorization: `Token token=${settings.token}`,
    accept: 'application/vnd.pagerduty+json;version=2',
  }
  let servedAt: number | undefined

  async function get(path: string, query: Query = {}): Promise<Record<string, unknown>> {
    usage.requests += 1
    const answer = await io.http
      .request({ url: `${base}${path}`, headers, query: { ...query, time_zone: 'UTC' } })
      .catch((error: unknown) => {
        throw remedied(error, name)
      })
    note(answer)
    if (typeof answer.body !== 'object' || answer.body === null) {
      throw new Unavailable(`${name}: PagerDuty answered ${path} with no JSON object`)
    }
    return answer.body as Record<string, unknown>
  }

  function note({ headers: answered }: HttpResponse): void {
    const remaining = Number(answered['ratelimit-remaining'] ?? Number.NaN)
    if (!Number.isNaN(remaining)) usage.rateLimitRemaining = remaining
    const at = Date.parse(answered['date'] ?? '')
    if (!Number.isNaN(at)) servedAt ??= at
  }

  async function find(path: string, query: Query = {}): Promise<Record<string, unknown> | undefined> {
    try {
      return await get(path, query)
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return undefined
      throw error
    }
  }

  async function* pages(
    path: string,
    key: string,
    query: Query,
  ): AsyncGenerator<unknown[], 'complete' | 'bound'> {
    for (let offset = 0; offset + pageSize <= lastOffset;) {
      const body = await get(path, { ...query, limit: pageSize, offset })
      const rows = body[key]
      if (!Array.isArray(rows)) throw new Unavailable(`${name}: PagerDuty answered ${path} without ${key}`)
      yield rows
      if (body['more'] !== true) return 'complete'
      // A server that gives fewer than asked for says so.
      const { limit } = body
      offset += typeof limit === 'number' && limit > 0 ? limit : pageSize
    }
    return 'bound'
  }

  async function* windows(
    path: string,
    key: string,
    query: Query,
    from: number,
    to: number,
  ): AsyncGenerator<unknown[]> {
    for (let start = from; start < to; start += longestWindowMs) {
      yield* window(path, key, query, start, Math.min(to, start + longestWindowMs))
    }
  }

  async function* window(
    path: string,
    key: string,
    query: Query,
    from: number,
    to: number,
  ): AsyncGenerator<unknown[]> {
    const bounds = { since: wholeSecond(Math.floor(from / 1000)), until: wholeSecond(Math.ceil(to / 1000)) }
    if ((yield* pages(path, key, { ...query, ...bounds })) === 'complete') return
    if (to - from < 2000) {
      throw new Unavailable(`${name}: more than ${lastOffset} ${key} within one second from ${bounds.since}`)
    }
    // What was read already comes again: rows are recognized by their id.
    const middle = from + Math.floor((to - from) / 2000) * 1000
    yield* window(path, key, query, from, middle)
    yield* window(path, key, query, middle, to)
  }

  return {
    get,
    find,
    pages,
    windows,
    get servedAt() {
      return servedAt
    },
  }
}

/** `2026-03-02T10:00:00Z`: without the zone the account's own would be meant. */
function wholeSecond(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

function remedied(error: unknown, name: string): unknown {
  if (!(error instanceof Refused)) return error
  const { status } = error
  const remedies: Record<number, string> = {
    401: 'the token is unknown or expired, or of another region; set a valid `token`, or `region: eu`',
    402: 'the account has no access to this API; ask its owner',
    403: 'the token may not read this; it needs incidents.read and services.read',
  }
  const remedy = remedies[status ?? 0]
  return remedy === undefined ? error : new Refused(`${name}: ${remedy} (${messageOf(error)})`, status)
}
