import { formatDuration, parseDuration } from '../core/duration.ts'
import { Refused } from '../core/errors.ts'
import type { HttpRequest } from '../core/http.ts'
import type { Io } from '../core/io.ts'
import {
  databaseOf,
  policyOf,
  quoted,
  requestTo,
  runQuery,
  serverOf,
  type Target,
} from './influxdb-server.ts'

/**
 * Makes the bucket with its retention, and on 2.x the mapping by which InfluxQL finds it, where they are not there.
 * `retentionMs` is Infinity for ever, undefined to leave it as it is. A retention is only ever made longer: a shorter
 * one deletes points, which is for somebody to decide. Returns a line for each thing that was made, changed, or there.
 * Throws Refused and Unavailable.
 */
export async function setUp(target: Target, retentionMs: number | undefined, io: Io): Promise<string[]> {
  try {
    return await setUpServer(target, retentionMs, io)
  } catch (error) {
    if (!(error instanceof Refused) || (error.status !== 401 && error.status !== 403)) throw error
    throw new Refused(`${error.message}; setting up takes a token that may make buckets`, error.status)
  }
}

async function setUpServer(target: Target, retentionMs: number | undefined, io: Io): Promise<string[]> {
  const { version, major } = await serverOf(target, io)
  const server = version === undefined ? `server at ${target.url}` : `InfluxDB ${version} at ${target.url}`
  if (major === 1) return [server, ...(await setUpDatabase(target, retentionMs, io))]
  if (major === 2) return [server, ...(await setUpBucket(target, retentionMs, io))]
  if (major === 3) return [server, ...(await setUpDatabase3(target, retentionMs, io))]
  return [
    `${server} says no version of InfluxDB: nothing to set up, what is written first makes what it needs`,
  ]
}

async function setUpDatabase(target: Target, retentionMs: number | undefined, io: Io): Promise<string[]> {
  const run = async (statement: string) => {
    const { error, rows } = await runQuery([statement], target, io)
    if (error !== undefined)
      throw new Refused(`InfluxDB ${target.name} (${target.url}): ${statement}: ${error}`)
    return rows
  }
  const database = databaseOf(target)
  const named = quoted(database, '"')
  const told: string[] = []
  const databases = await run('SHOW DATABASES')
  if (databases.some(({ name }) => name === database)) told.push(`database ${database} was there`)
  else {
    await run(`CREATE DATABASE ${named}`)
    told.push(`database ${database} created`)
  }
  const policies = await run(`SHOW RETENTION POLICIES ON ${named}`)
  const wanted = policyOf(target)
  const policy = policies.find((each) => (wanted === undefined ? each['default'] : each['name'] === wanted))
  const duration = (ms: number) => (ms === Infinity ? 'INF' : `${Math.round(ms / 1000)}s`)
  if (!policy && wanted !== undefined) {
    const ms = retentionMs ?? Infinity
    await run(
      `CREATE RETENTION POLICY ${quoted(wanted, '"')} ON ${named} DURATION ${duration(ms)} REPLICATION 1`,
    )
    return [...told, `retention policy ${wanted} created, keeps ${textOf(ms)}`]
  }
  const name = String(policy?.['name'] ?? 'autogen')
  const keptMs = keptOf(policy?.['duration'])
  const what = `retention policy ${name}`
  const change = () =>
    run(`ALTER RETENTION POLICY ${quoted(name, '"')} ON ${named} DURATION ${duration(retentionMs!)}`)
  return [...told, await lengthened(what, keptMs, retentionMs, change)]
}

/** As 1.x writes a duration: `0s` for ever, `9600h0m0s`. */
function keptOf(duration: string | number | boolean | null | undefined): number {
  const ms = parseDuration(String(duration ?? '0s'))
  return ms === 0 ? Infinity : ms
}

interface Bucket {
  id: string
  retentionRules: { everySeconds: number }[]
}

async function setUpBucket(target: Target, retentionMs: number | undefined, io: Io): Promise<string[]> {
  const ask = async (method: 'GET' | 'POST' | 'PATCH', path: string, more: Partial<HttpRequest> = {}) => {
    const { body } = await io.http.request({ ...requestTo(target, method, path), ...more })
    return body as Record<string, unknown>
  }
  const orgID = await orgOf(target, ask)
  const found = await orNone(ask('GET', '/api/v2/buckets', { query: { orgID, name: target.bucket } }))
  const told: string[] = []
  let [bucket] = (found?.['buckets'] ?? []) as Bucket[]
  const rules = (ms: number) =>
    ms === Infinity ? [] : [{ type: 'expire', everySeconds: Math.round(ms / 1000) }]
  if (bucket) {
    const { id } = bucket
    const seconds = bucket.retentionRules[0]?.everySeconds ?? 0
    told.push(
      await lengthened(
        `bucket ${target.bucket} was there,`,
        seconds === 0 ? Infinity : seconds * 1000,
        retentionMs,
        () =>
          ask('PATCH', `/api/v2/buckets/${id}`, {
            body: {
              retentionRules:
                retentionMs === Infinity ? [{ type: 'expire', everySeconds: 0 }] : rules(retentionMs!),
            },
          }),
      ),
    )
  } else {
    const ms = retentionMs ?? Infinity
    bucket = (await ask('POST', '/api/v2/buckets', {
      body: { orgID, name: target.bucket, retentionRules: rules(ms) },
    })) as unknown as Bucket
    told.push(`bucket ${target.bucket} created, keeps ${textOf(ms)}`)
  }
  return [...told, await setUpMapping(target, { orgID, bucketID: bucket.id }, ask)]
}

type Ask = (
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  more?: Partial<HttpRequest>,
) => Promise<Record<string, unknown>>

/** By its name, or by its id. */
async function orgOf(target: Target, ask: Ask): Promise<string> {
  const { org } = target
  const found =
    (await orNone(ask('GET', '/api/v2/orgs', { query: { org } }))) ??
    (/^[0-9a-f]{16}$/.test(org)
      ? await orNone(ask('GET', '/api/v2/orgs', { query: { orgID: org } }))
      : undefined)
  const [first] = (found?.['orgs'] ?? []) as { id: string }[]
  if (first && org !== '') return first.id
  const { orgs = [] } = (await ask('GET', '/api/v2/orgs')) as { orgs?: { name: string }[] }
  const names = orgs.map(({ name }) => name).join(', ')
  throw new Refused(
    `InfluxDB ${target.name} (${target.url}): no organisation ${org === '' ? 'is configured' : org}; ` +
      `set org to ${names === '' ? 'one that the token may see' : names}`,
  )
}

/** Since 2.4 every bucket is a database by itself; before, and for other names, a mapping says so. */
async function setUpMapping(
  target: Target,
  { orgID, bucketID }: { orgID: string; bucketID: string },
  ask: Ask,
): Promise<string> {
  const database = databaseOf(target)
  const policy = policyOf(target) ?? 'autogen'
  const { content = [] } = (await ask('GET', '/api/v2/dbrps', { query: { orgID, bucketID } })) as {
    content?: { database: string; retention_policy: string; virtual?: boolean }[]
  }
  const known = content.find((each) => each.database === database && each.retention_policy === policy)
  if (known) return `InfluxQL finds it as database ${database}${known.virtual ? ', without a mapping' : ''}`
  await ask('POST', '/api/v2/dbrps', {
    body: { orgID, bucketID, database, retention_policy: policy, default: true },
  })
  return `mapping created: InfluxQL finds it as database ${database}, retention policy ${policy}`
}

async function setUpDatabase3(target: Target, retentionMs: number | undefined, io: Io): Promise<string[]> {
  const database = databaseOf(target)
  const path = '/api/v3/configure/database'
  const { body } = await io.http.request({ ...requestTo(target, 'GET', path), query: { format: 'json' } })
  const there = (Array.isArray(body) ? (body as Record<string, unknown>[]) : []).some((row) =>
    Object.values(row).includes(database),
  )
  if (there) {
    const left =
      retentionMs === undefined ? '' : '; its retention is as it was, see influxdb3 update database'
    return [`database ${database} was there${left}`]
  }
  const kept =
    retentionMs === undefined || retentionMs === Infinity
      ? {}
      : { retention_period: formatDuration(retentionMs) }
  await io.http.request({ ...requestTo(target, 'POST', path), body: { db: database, ...kept } })
  return [`database ${database} created, keeps ${textOf(retentionMs ?? Infinity)}`]
}

/** What was done about a retention that is there. */
async function lengthened(
  what: string,
  keptMs: number,
  wantedMs: number | undefined,
  change: () => Promise<unknown>,
): Promise<string> {
  if (wantedMs === undefined || wantedMs === keptMs) return `${what} keeps ${textOf(keptMs)}`
  if (wantedMs < keptMs) {
    return (
      `${what} keeps ${textOf(keptMs)} and not ${textOf(wantedMs)}: a shorter retention deletes points, ` +
      'so change it there if that is what you want'
    )
  }
  await change()
  return `${what} keeps ${textOf(wantedMs)} now, ${textOf(keptMs)} before`
}

function textOf(ms: number): string {
  return ms === Infinity ? 'points for ever' : formatDuration(ms)
}

async function orNone<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return undefined
    throw error
  }
}
