import { Refused, Unavailable } from '../core/errors.ts'
import type { HttpRequest } from '../core/http.ts'
import type { Io } from '../core/io.ts'
import { decodeSeries, encodeTime } from '../core/line-protocol.ts'
import type { Target } from './influxdb-batch.ts'
import type { Clearing, Instant, RejectedPoint, StoredPoint } from './loader.ts'

/** Removes points from a server; `unsupported` where it turns out that it cannot: then they are overwritten. */
export interface Remover {
  /** Each by itself; those whose removal the server calls malformed are returned. */
  remove(points: readonly StoredPoint[]): Promise<RejectedPoint[] | 'unsupported'>
  /** All that a measurement or series has in a stretch of time. */
  clear(clearing: Clearing): Promise<'cleared' | 'unsupported'>
}

/** The statements of a request are part of its address, for which proxies allow 8 kB. */
const maxQueryLength = 6000

/** The server's version as it says it (`1.8.10`, `v2.7.1`), or undefined where it says none. */
export async function versionOf(target: Target, io: Io): Promise<string | undefined> {
  const { headers } = await io.http.request(requestTo(target, 'GET', '/ping'))
  return headers['x-influxdb-version']
}

/**
 * How points are deleted there: by InfluxQL on 1.x, by the delete API on 2.x; undefined where nothing can be
 * deleted (3.x) or the server does not say what it is. A predicate names every tag of a series, and would also
 * match a series with more tags: all series of a measurement therefore have the same tag keys.
 */
export async function removerFor(target: Target, io: Io): Promise<Remover | undefined> {
  const version = await versionOf(target, io)
  const major = /^v?(\d+)\./.exec(version ?? '')?.[1]
  if (major === '1') {
    return {
      remove: (points) => removeByQuery(points, target, io),
      async clear(clearing) {
        await query([statementToClear(clearing)], target, io)
        return 'cleared'
      },
    }
  }
  if (major === '2') {
    return {
      remove: (points) =>
        ifSupported(() => rejectedOf(points, (point) => predicated(rangeOf(point), target, io))),
      clear: (clearing) =>
        ifSupported(async () => {
          await predicated(clearing, target, io)
          return 'cleared' as const
        }),
    }
  }
  return undefined
}

type Range = Pick<Clearing, 'series' | 'from' | 'to'>

function rangeOf({ series, at, nanos }: StoredPoint): Range {
  return { series, from: { at, nanos }, to: { at, nanos } }
}

/** 1.x deletes in every retention policy of the database. */
async function removeByQuery(
  points: readonly StoredPoint[],
  target: Target,
  io: Io,
): Promise<RejectedPoint[]> {
  const rejected: RejectedPoint[] = []
  for (const group of groupsOf(points)) {
    try {
      await query(group.map(statementFor), target, io)
    } catch (error) {
      if (!isBadRequest(error)) throw error
      rejected.push(...(await rejectedOf(group, (point) => query([statementFor(point)], target, io))))
    }
  }
  return rejected
}

function groupsOf(points: readonly StoredPoint[]): StoredPoint[][] {
  const groups: StoredPoint[][] = []
  let length = maxQueryLength
  for (const point of points) {
    const added = encodeURIComponent(statementFor(point)).length
    length += added
    if (length > maxQueryLength) {
      groups.push([])
      length = added
    }
    groups.at(-1)?.push(point)
  }
  return groups
}

async function query(statements: readonly string[], target: Target, io: Io): Promise<void> {
  const database = target.bucket.split('/', 1)[0]
  const q = statements.join('; ')
  const { body } = await io.http.request({
    ...requestTo(target, 'POST', '/query'),
    query: { db: database, q },
  })
  const failure = firstError(body)
  if (failure === undefined) return
  const message = `InfluxDB ${target.name} (${target.url}) cannot delete: ${failure}`
  if (/authoriz/.test(failure)) throw new Refused(`${message}; give the user WRITE on ${database}`)
  throw new Unavailable(message)
}

function statementFor({ series, at, nanos }: StoredPoint): string {
  return statementWhere(series, [`time = ${encodeTime(at, nanos)}`])
}

function statementToClear({ series, from, to }: Range): string {
  const [first, last] = [encodeTime(from.at, from.nanos), encodeTime(to.at, to.nanos)]
  return statementWhere(series, [`time >= ${first}`, `time <= ${last}`])
}

function statementWhere(series: string, times: readonly string[]): string {
  const { measurement, tags } = decodeSeries(series)
  const conditions = Object.entries(tags).map(([key, value]) => `${quoted(key, '"')} = ${quoted(value, "'")}`)
  return `DELETE FROM ${quoted(measurement, '"')} WHERE ${[...conditions, ...times].join(' AND ')}`
}

/** A predicate has no OR: what is no range is a request of its own. */
async function predicated({ series, from, to }: Range, target: Target, io: Io): Promise<void> {
  const { measurement, tags } = decodeSeries(series)
  const conditions = Object.entries(tags).map(([key, value]) => `${quoted(key, '"')}=${quoted(value, '"')}`)
  await io.http.request({
    ...requestTo(target, 'POST', '/api/v2/delete'),
    query: { org: target.org, bucket: target.bucket },
    body: {
      // Both bounds are inclusive.
      start: instantText(from),
      stop: instantText(to),
      predicate: [`_measurement=${quoted(measurement, '"')}`, ...conditions].join(' AND '),
    },
  })
}

async function ifSupported<Result>(removal: () => Promise<Result>): Promise<Result | 'unsupported'> {
  try {
    return await removal()
  } catch (error) {
    if (error instanceof Refused && [404, 405].includes(error.status ?? 0)) return 'unsupported'
    throw error
  }
}

function instantText({ at, nanos }: Instant): string {
  return new Date(at).toISOString().replace('Z', `${String(nanos).padStart(6, '0')}Z`)
}

/** Points whose removal the server calls malformed; any other failure is thrown. */
async function rejectedOf(
  points: readonly StoredPoint[],
  remove: (point: StoredPoint) => Promise<unknown>,
): Promise<RejectedPoint[]> {
  const rejected: RejectedPoint[] = []
  for (const point of points) {
    try {
      await remove(point)
    } catch (error) {
      if (!isBadRequest(error)) throw error
      rejected.push({ point, reason: error.message })
    }
  }
  return rejected
}

function isBadRequest(error: unknown): error is Refused {
  return error instanceof Refused && error.status === 400
}

function firstError(body: unknown): string | undefined {
  const { results = [] } = (body ?? {}) as { results?: { error?: string }[] }
  return results.find(({ error }) => error !== undefined)?.error
}

/** InfluxQL escapes its quotes with a backslash. */
function quoted(text: string, quote: '"' | "'"): string {
  return quote + text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`) + quote
}

function requestTo(target: Target, method: HttpRequest['method'], path: string): HttpRequest {
  const url = target.url.replace(/\/+$/, '') + path
  const headers = target.token === undefined ? {} : { authorization: `Token ${target.token}` }
  return { ...(method && { method }), url, headers, timeoutMs: target.timeoutMs }
}
