import { Agent, request } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { encodeFields, encodeSeries } from '../core/line-protocol.ts'
import { createHttpClient } from '../core/http-client.ts'
import type { Io } from '../core/io.ts'
import { influxdb } from '../loaders/influxdb.ts'
import { lineOf } from '../loaders/line.ts'
import { deliver } from '../pipeline/deliver.ts'
import { openSqlite } from '../store/sqlite.ts'
import type { PointToSave } from '../store/store.ts'
import { runPart, type Measured } from './measured.ts'
import { stopwatch } from './stopwatch.ts'

export type DeliveryPart = keyof typeof parts

type Part = (path: string, url: string, points: number) => Promise<Omit<Measured, 'peakMiB'>>

/** What InfluxData recommends, and what the sink sends at once. */
const batchLines = 5000
const pointsAtOnce = 10_000
const hourMs = 3_600_000
const start = Date.UTC(2024, 0, 1)
const services = 1000

const parts = {
  /** A store with so many points that no sink has. */
  fill: async (path, _url, points) => {
    const store = openSqlite({ path })
    const took = stopwatch()
    for (let from = 0; from < points; from += pointsAtOnce) {
      const many = Array.from({ length: Math.min(pointsAtOnce, points - from) }, (_, at) =>
        pointOf(from + at),
      )
      await store.points.save('bench', many)
    }
    store.close()
    return { ...took(), rows: points }
  },
  /** The sink as it is. */
  deliver: async (path, url) => {
    const store = openSqlite({ path })
    const loader = influxdb.make('bench', influxdb.schema.parse({ url, bucket: 'dora' }))
    const took = stopwatch()
    const { points, error, rejected } = await deliver(store, loader, quietIo())
    const time = took()
    store.close()
    if (error !== undefined || rejected > 0) throw new Error(`${rejected} rejected; ${error}`)
    return { ...time, rows: points }
  },
  /** Nothing but compressing and sending lines that were made before, one batch after the other. */
  bare: async (path, url, points) => {
    const store = openSqlite({ path, readOnly: true })
    const bodies: string[] = []
    for (let rev = 0; ;) {
      const batch = await store.points.after(rev, batchLines)
      if (batch.length === 0) break
      bodies.push(batch.map(lineOf).join('\n'))
      rev = batch.at(-1)!.rev
    }
    store.close()
    const agent = new Agent({ keepAlive: true })
    const took = stopwatch()
    for (const body of bodies) await post(`${url}/api/v2/write?org=&bucket=dora&precision=ns`, body, agent)
    const time = took()
    agent.destroy()
    return { ...time, rows: points }
  },
} satisfies Record<string, Part>

const compress = promisify(gzip)

async function post(url: string, body: string, agent: Agent): Promise<void> {
  const compressed = await compress(body)
  await new Promise<void>((resolve, reject) => {
    const headers = { 'content-encoding': 'gzip', 'content-type': 'text/plain; charset=utf-8' }
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume()
      answer.once('end', () =>
        answer.statusCode === 204 ? resolve() : reject(new Error(`answered ${answer.statusCode}`)),
      )
    })
    sent.once('error', reject)
    sent.end(compressed)
  })
}

/** One of a thousand services' points of one hour after the other: ten fields, as of a window. */
function pointOf(index: number): PointToSave {
  const service = index % services
  return {
    series: encodeSeries('dora_window', {
      environment: 'production',
      service: `service-${String(service).padStart(4, '0')}`,
      team: `team-${service % 40}`,
      window: '30d',
    }),
    at: start + Math.floor(index / services) * hourMs,
    nanos: 0,
    fields: encodeFields({
      n: { int: index % 97 },
      deployments: { int: index % 97 },
      successful: { int: index % 89 },
      deployment_frequency_per_day: (index % 97) / 30,
      deployment_frequency_band: 'elite',
      lead_time_n: { int: index % 211 },
      lead_time_p50_s: 3600 + (index % 10_007) / 8,
      lead_time_p90_s: 86_400 + (index % 9973) / 4,
      change_fail_rate: (index % 13) / 100,
      failed: { int: index % 13 },
    }),
  }
}

function quietIo(): Io {
  const { signal } = new AbortController()
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const sleep = () => Promise.resolve()
  return {
    http: createHttpClient({ sleep, signal, userAgent: 'dorado/bench', log, clock: Date.now }),
    clock: Date.now,
    sleep,
    log,
    signal,
  }
}

if (import.meta.main) {
  await runPart(parts, (part, [path = '', url = '', points = '']) => part(path, url, Number(points)))
}
