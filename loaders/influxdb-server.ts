import type { HttpRequest } from '../core/http.ts'
import type { Io } from '../core/io.ts'

/** Where a sink writes to. */
export interface Target {
  /** The name the sink is configured under. */
  name: string
  url: string
  token: string | undefined
  org: string
  bucket: string
  timeoutMs: number
}

export interface Server {
  /** As it says it (`1.8.10`, `v2.7.1`), or undefined where it says none. */
  version: string | undefined
  /** 1, 2, 3 of an InfluxDB; undefined of anything else. */
  major: number | undefined
}

/** What answers there. VictoriaMetrics may call itself InfluxDB 1.8, and does not do what that would. */
export async function serverOf(target: Target, io: Io): Promise<Server> {
  const { headers } = await io.http.request(requestTo(target, 'GET', '/ping'))
  const version = headers['x-influxdb-version']
  const major = /^v?(\d+)\./.exec(version ?? '')?.[1]
  const isOther = 'x-server-hostname' in headers
  return { version, major: major === undefined || isOther ? undefined : Number(major) }
}

export function requestTo(
  target: Target,
  method: NonNullable<HttpRequest['method']>,
  path: string,
): HttpRequest {
  const url = target.url.replace(/\/+$/, '') + path
  const headers = target.token === undefined ? {} : { authorization: `Token ${target.token}` }
  return { method, url, headers, timeoutMs: target.timeoutMs }
}

/** The database and, where it is named, the retention policy that InfluxQL knows a bucket as. */
export function databaseOf({ bucket }: Target): string {
  return bucket.split('/', 1)[0]!
}

export function policyOf({ bucket }: Target): string | undefined {
  const slash = bucket.indexOf('/')
  return slash === -1 ? undefined : bucket.slice(slash + 1)
}

export interface QueryAnswer {
  /** Of the statement that failed first. */
  error: string | undefined
  /** The rows of the first statement's first series, by column. */
  rows: Record<string, string | number | boolean | null>[]
}

/** InfluxQL statements in one request. */
export async function runQuery(statements: readonly string[], target: Target, io: Io): Promise<QueryAnswer> {
  const { body } = await io.http.request({
    ...requestTo(target, 'POST', '/query'),
    query: { db: databaseOf(target), q: statements.join('; ') },
  })
  const { results = [] } = (body ?? {}) as {
    results?: {
      error?: string
      series?: { columns: string[]; values?: (string | number | boolean | null)[][] }[]
    }[]
  }
  const { columns = [], values = [] } = results[0]?.series?.[0] ?? {}
  return {
    error: results.find(({ error }) => error !== undefined)?.error,
    rows: values.map((row) =>
      Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])),
    ),
  }
}

/** InfluxQL, and predicates, escape their quotes with a backslash. */
export function quoted(text: string, quote: '"' | "'"): string {
  return quote + text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`) + quote
}
