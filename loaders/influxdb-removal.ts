import { Refused, Unavailable } from '../core/errors.ts'
import type { HttpRequest } from '../core/http.ts'
import type { Io } from '../core/io.ts'
import { decodeSeries, encodeTime } from '../core/line-protocol.ts'
import type { Target } from './influxdb-batch.ts'
import type { RejectedPoint, StoredPoint } from './loader.ts'

/** Deletes points; `unsupported` where the server turns out not to: then they are overwritten. */
export type Remove = (points: readonly StoredPoint[]) => Promise<RejectedPoint[] | 'unsupported'>

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
export async function removerFor(target: Target, io: Io): Promise<Remove | undefined> {
  const version = await versionOf(target, io)
  const major = /^v?(\d+)\./.exec(version ?? '')?.[1]
  if (major === '1') return (points) => removeByQuery(points, target, io)
  if (major === '2') return (points) => removeByPredicate(points, target, io)
  return undefined
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
      await query(group, target, io)
    } catch (error) {
      if (!isBadRequest(error)) throw error
      rejected.push(...(await rejectedOf(group, (point) => query([point], target, io))))
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

async function query(points: readonly StoredPoint[], target: Target, io: Io): Promise<void> {
  const database = target.bucket.split('/', 1)[0]
  const q = points.map(statementFor).join('; ')
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

function statementFor(point: StoredPoint): string {
  const { measurement, tags } = decodeSeries(point.series)
  const conditions = Object.entries(tags).map(([key, value]) => `${quoted(key, '"')} = ${quoted(value, "'")}`)
  conditions.push(`time = ${encodeTime(point.at, point.nanos)}`)
  return `DELETE FROM ${quoted(measurement, '"')} WHERE ${conditions.join(' AND ')}`
}

/** A predicate has no OR: each removed point is a request of its own. */
async function removeByPredicate(
  points: readonly StoredPoint[],
  target: Target,
  io: Io,
): Promise<RejectedPoint[] | 'unsupported'> {
  const request = {
    ...requestTo(target, 'POST', '/api/v2/delete'),
    query: { org: target.org, bucket: target.bucket },
  }
  try {
    return await rejectedOf(points, (point) => io.http.request({ ...request, body: predicateFor(point) }))
  } catch (error) {
    if (error instanceof Refused && [404, 405].includes(error.status ?? 0)) return 'unsupported'
    throw error
  }
}

/** Both bounds are inclusive. */
function predicateFor(point: StoredPoint): { start: string; stop: string; predicate: string } {
  const { measurement, tags } = decodeSeries(point.series)
  const conditions = Object.entries(tags).map(([key, value]) => `${quoted(key, '"')}=${quoted(value, '"')}`)
  const nanos = String(point.nanos).padStart(6, '0')
  const instant = new Date(point.at).toISOString().replace('Z', `${nanos}Z`)
  const predicate = [`_measurement=${quoted(measurement, '"')}`, ...conditions].join(' AND ')
  return { start: instant, stop: instant, predicate }
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
