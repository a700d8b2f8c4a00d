import { Refused, Unavailable } from '../core/errors.ts'
import type { Io } from '../core/io.ts'
import { decodeSeries, encodeTime } from '../core/line-protocol.ts'
import { databaseOf, quoted, requestTo, runQuery, serverOf, type Target } from './influxdb-server.ts'
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

/**
 * How points are deleted there: by InfluxQL on 1.x, by the delete API on 2.x; undefined where nothing can be
 * deleted (3.x) or the server does not say what it is. A predicate names every tag of a series, and would also
 * match a series with more tags: all series of a measurement therefore have the same tag keys.
 */
export async function removerFor(target: Target, io: Io): Promise<Remover | undefined> {
  const { major } = await serverOf(target, io)
  if (major === 1) {
    return {
      remove: (points) => removeByQuery(points, target, io),
      async clear(clearing) {
        await query([statementToClear(clearing)], target, io)
        return 'cleared'
      },
    }
  }
  if (major === 2) {
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
  const { error } = await runQuery(statements, target, io)
  if (error === undefined) return
  const message = `InfluxDB ${target.name} (${target.url}) cannot delete: ${error}`
  if (/authoriz/.test(error)) throw new Refused(`${message}; give the user WRITE on ${databaseOf(target)}`)
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
