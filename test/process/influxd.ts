import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** A server that the tests read back from, through InfluxQL. */
export interface Influx {
  url: string
  token: string | undefined
  org: string
  bucket: string
  /** 1.6 has no /api/v2/write: the proxy sends what comes there to /write. */
  isOld: boolean
  stop(): Promise<void>
}

/**
 * The servers to test with: influxd 1.x where it is installed, and the one that INFLUX_URL, INFLUX_TOKEN, INFLUX_ORG
 * and INFLUX_BUCKET name. There each test file has a bucket of its own, so that neither former runs nor other files
 * are in its way; where the token may not make one, it has INFLUX_BUCKET, and afterwards `leftovers`, a regular
 * expression of measurements, are removed from it.
 */
export function influxServers(leftovers: string): [string, () => Promise<Influx>][] {
  const file = findInfluxd()
  const configured = configuredInflux()
  const servers: [string, () => Promise<Influx>][] = []
  if (file !== undefined) servers.push(['influxd 1.x', () => startInfluxd(file)])
  if (configured !== undefined) {
    const open = async () => (await withOwnBucket(configured)) ?? cleaned(configured, leftovers)
    servers.push([`the server at ${configured.url}`, open])
  }
  return servers
}

/** The path of influxd (1.x), or undefined where it is not installed. */
export function findInfluxd(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, 'influxd')).find((file) => existsSync(file))
}

/** The server that the environment names, if any: its bucket has to keep points of 2026. */
export function configuredInflux(): Influx | undefined {
  const { INFLUX_URL: url, INFLUX_TOKEN: token, INFLUX_ORG: org = '', INFLUX_BUCKET: bucket } = process.env
  if (!url || !bucket) return undefined
  return { url: url.replace(/\/$/, ''), token, org, bucket, isOld: false, stop: () => Promise.resolve() }
}

/** Makes a bucket that goes with stop(); undefined where the server has no buckets or the token may not make them. */
async function withOwnBucket(influx: Influx): Promise<Influx | undefined> {
  const { orgs } = await apiOf(influx, `orgs?org=${encodeURIComponent(influx.org)}`)
  const [org] = (orgs ?? []) as { id: string }[]
  if (org === undefined) return undefined
  const name = `dorado-test-${randomUUID()}`
  const { id } = await apiOf(influx, 'buckets', { method: 'POST', body: { orgID: org.id, name } })
  if (typeof id !== 'string') return undefined
  const stop = async () => void (await apiOf(influx, `buckets/${id}`, { method: 'DELETE' }))
  return { ...influx, bucket: name, stop }
}

function cleaned(influx: Influx, leftovers: string): Influx {
  const stop = async () => void (await ask(influx, `DELETE FROM /${leftovers}/`, 'POST'))
  return { ...influx, stop }
}

/** What the API of 2.x answers; nothing where it refuses, or where there is no such API. */
async function apiOf(
  { url, token }: Influx,
  path: string,
  { method = 'GET', body }: { method?: string; body?: object } = {},
): Promise<Record<string, unknown>> {
  const answer = await fetch(`${url}/api/v2/${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...authorization(token) },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false
  return answer.ok && isJson ? (JSON.parse(text) as Record<string, unknown>) : {}
}

function authorization(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Token ${token}` }
}

/** Starts influxd with an empty folder of its own. */
export async function startInfluxd(file: string): Promise<Influx> {
  const folder = await mkdtemp(join(tmpdir(), 'dorado-influxd-'))
  const [port, backupPort] = [await freePort(), await freePort()]
  const server = spawn(file, ['run'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${port}`,
      INFLUXDB_BIND_ADDRESS: `127.0.0.1:${backupPort}`,
      INFLUXDB_DATA_DIR: join(folder, 'data'),
      INFLUXDB_DATA_WAL_DIR: join(folder, 'wal'),
      INFLUXDB_META_DIR: join(folder, 'meta'),
      INFLUXDB_HTTP_LOG_ENABLED: 'false',
      INFLUXDB_REPORTING_DISABLED: 'true',
      INFLUXDB_CONFIG_PATH: '/dev/null',
    },
  })
  await listening(server)
  const url = `http://127.0.0.1:${port}`
  await fetch(`${url}/query?q=${encodeURIComponent('CREATE DATABASE dora')}`, { method: 'POST' })
  const stop = async () => {
    server.kill('SIGKILL')
    await new Promise((resolve) => server.once('close', resolve))
    await rm(folder, { recursive: true })
  }
  return { url, token: undefined, org: '', bucket: 'dora', isOld: true, stop }
}

function listening(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = ''
    server.once('exit', (code) => reject(new Error(`influxd ended with ${code}: ${log.slice(-500)}`)))
    server.once('error', reject)
    server.stderr?.on('data', (text: Buffer) => {
      log += text.toString()
      if (log.includes('Listening on HTTP')) resolve()
    })
  })
}

export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => {
    probe.listen(0, '127.0.0.1', resolve)
  })
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** What becomes of a write: `lost` is written, but the answer never comes; `torn` breaks off in the middle of the body. */
export type Fault = 'none' | 'unavailable' | 'throttled' | 'reset' | 'lost' | 'torn' | 'slow'

export interface Proxy {
  url: string
  faults: Fault[]
  /** What was asked for, in order. */
  requests: string[]
  close(): Promise<void>
}

/** Stands before the server and does to each write what the next of `faults` says, nothing when they are used up. */
export async function startProxy({ url, isOld }: Influx): Promise<Proxy> {
  const faults: Fault[] = []
  const requests: string[] = []
  // Whoever asks need not outlive the server: what it cannot answer is no answer.
  const server = createServer((request, response) => {
    pass(request, response).catch(() => request.socket.destroy())
  })

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/'
    requests.push(path)
    const fault = path.startsWith('/api/v2/write') ? (faults.shift() ?? 'none') : 'none'
    const chunks: Buffer[] = []
    for await (const chunk of request) {
      if (fault === 'torn') return void request.socket.resetAndDestroy()
      chunks.push(chunk as Buffer)
    }
    if (fault === 'slow') await wait(300)
    if (fault === 'reset') return void request.socket.resetAndDestroy()
    if (fault === 'unavailable') return void response.writeHead(503).end('{"error":"engine is closed"}')
    if (fault === 'throttled') return void response.writeHead(429, { 'retry-after': '1' }).end()
    const answer = await fetch(url + (isOld ? oldPath(path) : path), {
      method: request.method ?? 'GET',
      headers: picked(request.headers, ['authorization', 'content-encoding', 'content-type']),
      ...(request.method === 'GET' ? {} : { body: Buffer.concat(chunks) }),
    })
    const body = Buffer.from(await answer.arrayBuffer())
    if (fault === 'lost') return void request.socket.destroy()
    const kept = ['content-type', 'x-influxdb-version', 'x-influxdb-build', 'x-influxdb-error']
    response.writeHead(answer.status, picked(Object.fromEntries(answer.headers), kept)).end(body)
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${port}`, faults, requests, close }
}

function picked(headers: IncomingMessage['headers'], names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of names) if (headers[name] !== undefined) found[name] = String(headers[name])
  return found
}

function oldPath(path: string): string {
  const url = new URL(path, 'http://127.0.0.1')
  if (url.pathname !== '/api/v2/write') return path
  return `/write?db=${encodeURIComponent(url.searchParams.get('bucket') ?? '')}&precision=n`
}

interface Series {
  tags: Record<string, string>
  columns: string[]
  values: (string | number | boolean | null)[][]
}

/** One InfluxQL statement's series; instants as RFC 3339 with nanoseconds. */
export function select(influx: Influx, statement: string): Promise<Series[]> {
  return ask(influx, statement, 'GET')
}

async function ask({ url, token, bucket }: Influx, statement: string, method: string): Promise<Series[]> {
  const query = new URLSearchParams({ db: bucket, q: statement })
  const answer = await fetch(`${url}/query?${query.toString()}`, { method, headers: authorization(token) })
  const { results, error } = (await answer.json()) as {
    results?: { series?: Series[]; error?: string }[]
    error?: string
  }
  const problem = error ?? results?.[0]?.error
  if (problem !== undefined) throw new Error(`${statement}: ${problem}`)
  return results?.[0]?.series ?? []
}
