import { Agent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import { z } from 'zod'
import type { Check } from '../core/check.ts'
import { connector } from '../core/connector.ts'
import { parseDuration } from '../core/duration.ts'
import { messageOf, Rejected } from '../core/errors.ts'
import type { Io } from '../core/io.ts'
import { secret } from '../core/secret.ts'
import { durationField, textField } from '../core/setting-fields.ts'
import { batchSender } from './influxdb-batch.ts'
import { writeApart, type BatchLimits } from './influxdb-refusal.ts'
import { removerFor, type Remover } from './influxdb-removal.ts'
import { serverOf, type Target } from './influxdb-server.ts'
import { setUp } from './influxdb-setup.ts'
import {
  isIn,
  type Clearing,
  type Loader,
  type RejectedPoint,
  type StoredPoint,
  type WriteResult,
} from './loader.ts'
import { placedAnew } from './places.ts'
import { stagesOf } from './stages.ts'

/** What people copy from a manual; another path may be that of a proxy. */
const ofApi = /\/(?:api\/v[123]|write|query|ping|health|orgs)(?:\/|$)/

const schema = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'must be the address of InfluxDB, such as http://localhost:8086' })
      .refine((url) => URL.canParse(url) && new URL(url).username === '', {
        error: 'must not contain a user; set username and password',
      })
      .refine((url) => !URL.canParse(url) || !ofApi.test(new URL(url).pathname), {
        error: 'is the address of a part of InfluxDB; write its address alone, such as http://localhost:8086',
      }),
    /** Of 2.x and 3.x. */
    token: secret().optional(),
    /** Of 1.8, where it asks for them. */
    username: z.string().min(1).optional(),
    password: secret().optional(),
    /** Any text for 1.8. */
    org: z.string().default(''),
    /** Of 1.8: `database` or `database/retention-policy`. */
    bucket: z.string().min(1),
    /** 5,000 is what InfluxData recommends for 1.x and 2.x, and what measured best. */
    batchLines: z.int().min(1).max(100_000).default(5000),
    /** Of line protocol before it is compressed: 3.x takes 10 MB, 1.x 25 MB. */
    batchBytes: z.int().min(10_000).max(100_000_000).default(8_000_000),
    timeout: durationField('30s').prefault('30s'),
    /** For `dorado setup`: how long the bucket keeps points. */
    retention: textField(
      (text) => (text === 'forever' ? Infinity : retentionOf(text)),
      ['forever', '400d'],
    ).optional(),
  })
  .refine(({ token, username }) => token === undefined || username === undefined, {
    error: 'takes either token, or username and password',
    path: ['token'],
  })

type Settings = z.output<typeof schema>

/** InfluxDB keeps nothing for less than an hour. */
const leastRetentionMs = 3_600_000

function retentionOf(text: string): number {
  const ms = parseDuration(text)
  if (ms < leastRetentionMs) throw new Rejected(`${text} is less than the hour that InfluxDB keeps at least`)
  return ms
}

/** InfluxDB 1.8 and newer, 2.x and 3.x, through the write API that they have in common. */
export const influxdb = connector('influxdb', schema, (name, settings): Loader => {
  const target = targetOf(name, settings)
  const limits: BatchLimits = { lines: settings.batchLines, bytes: settings.batchBytes }
  return {
    name,
    batchPoints: settings.batchLines,
    write: (points, io, clearings = []) =>
      withAgent(target, (agent) => write({ points, clearings }, target, limits, agent, io)),
    check: (io) => withAgent(target, (agent) => check(target, agent, io)),
    setUp: (io) => setUp(target, settings.retention, io),
  }
})

function targetOf(name: string, settings: Settings): Target {
  const { url, org, bucket, username, password = '' } = settings
  const token = settings.token ?? (username === undefined ? undefined : `${username}:${password}`)
  return { name, url, token, org, bucket, timeoutMs: settings.timeout }
}

async function write(
  { points, clearings }: { points: readonly StoredPoint[]; clearings: readonly Clearing[] },
  target: Target,
  limits: BatchLimits,
  agent: Agent,
  io: Io,
): Promise<WriteResult> {
  const send = batchSender(target, agent, io)
  const hasRemovals = points.some(({ fields }) => fields === null)
  const remover = hasRemovals ? await removerFor(target, io) : undefined
  const rejected =
    remover && (await writeStages(points, clearings, remover, (writes) => writeApart(writes, limits, send)))
  return { rejected: rejected ?? (await writeApart(placedAnew(points), limits, send)) }
}

/** Undefined where the server does not delete after all. */
async function writeStages(
  points: readonly StoredPoint[],
  clearings: readonly Clearing[],
  { remove, clear }: Remover,
  writeAll: (writes: readonly StoredPoint[]) => Promise<RejectedPoint[]>,
): Promise<RejectedPoint[] | undefined> {
  const rejected: RejectedPoint[] = []
  for (const { removals, writes } of stagesOf(points)) {
    const standing: StoredPoint[] = []
    let left = removals
    for (const clearing of clearings) {
      const others = left.filter((point) => !isIn(point, clearing))
      if (others.length === left.length) continue
      left = others
      if ((await clear(clearing)) === 'unsupported') return undefined
      standing.push(...clearing.standing)
    }
    const refused = await remove(left)
    if (refused === 'unsupported') return undefined
    rejected.push(...refused, ...(await writeAll([...standing, ...writes])))
  }
  return rejected
}

async function check(target: Target, agent: Agent, io: Io): Promise<Check[]> {
  const reached = await tried('server', async () => {
    const { version } = await serverOf(target, io)
    return `InfluxDB ${version ?? ''}`.trim()
  })
  // A comment is a batch without a point: only the address, the token and the bucket are looked at.
  const writable = await tried(`bucket ${target.bucket}`, async () => {
    await batchSender(target, agent, io)('# is this bucket writable?')
    return 'can be written to'
  })
  return [reached, writable]
}

async function tried(name: string, attempt: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, detail: await attempt() }
  } catch (error) {
    return { name, ok: false, detail: messageOf(error) }
  }
}

/** Connections are shared by the batches of one call and closed with it, whatever hangs on them. */
async function withAgent<Result>(target: Target, use: (agent: Agent) => Promise<Result>): Promise<Result> {
  const isSecure = target.url.startsWith('https:')
  const agent = isSecure ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true })
  try {
    return await use(agent)
  } finally {
    agent.destroy()
  }
}
