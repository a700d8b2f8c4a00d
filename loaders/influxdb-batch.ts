import { HttpError, InfluxDB } from '@influxdata/influxdb-client'
import type { ClientOptions, Transport } from '@influxdata/influxdb-client'
import type { Agent } from 'node:http'
import { messageOf, RateLimited, Refused, Unavailable } from '../core/errors.ts'
import { waitOf } from '../core/http-retry.ts'
import type { Io } from '../core/io.ts'
import type { Refusal, Send } from './influxdb-refusal.ts'

export interface Target {
  /** The name the sink is configured under. */
  name: string
  url: string
  token: string | undefined
  org: string
  bucket: string
  timeoutMs: number
}

const defaultWaitMs = 60_000

/**
 * Sends a batch in one request and knows afterwards what became of it. A write API lives for one attempt, with
 * the client's own retries off: flush() would otherwise settle before its batches have (client 1.35), and
 * its retry buffer drops lines in silence. Throws Refused, RateLimited and Unavailable.
 */
export function batchSender(target: Target, agent: Agent, io: Io): Send {
  return (lines) => sendBody(lines.join('\n'), target, agent, io)
}

async function sendBody(body: string, target: Target, agent: Agent, io: Io): Promise<'written' | Refusal> {
  // The client's own timeout leaves the request open; only a signal ends it. A signal made by AbortSignal.timeout
  // would hold the batch until its time has come, however long ago the answer came.
  const ending = new AbortController()
  const { signal } = ending
  const end = () => ending.abort()
  const timer = setTimeout(end, target.timeoutMs)
  io.signal.addEventListener('abort', end)
  if (io.signal.aborted) end()
  const { url, token } = target
  const options: ClientOptions = { url, timeout: 0, transportOptions: { signal, agent } }
  if (token !== undefined) options.token = token
  const client = new InfluxDB({ ...options, transport: strict(new InfluxDB(options).transport) })
  const api = client.getWriteApi(target.org, target.bucket, 'ns', {
    batchSize: 2,
    maxBatchBytes: Number.MAX_SAFE_INTEGER,
    flushInterval: 0,
    maxRetries: 0,
    maxBufferLines: 0,
    // A promise keeps the client from logging the error to the console.
    writeFailed: (error) => Promise.reject(error),
  })
  try {
    // To the client it is one record: it would only join them again.
    api.writeRecord(body)
    await api.flush()
    return 'written'
  } catch (error) {
    return answerOf(error, target, signal, io)
  } finally {
    clearTimeout(timer)
    io.signal.removeEventListener('abort', end)
  }
}

/** The client takes 201 for a success; it says that only a part was written, and the body says which was not. */
function strict(transport: Transport): Transport {
  return {
    chunkCombiner: transport.chunkCombiner,
    request: (...parameters) => transport.request(...parameters),
    iterate: (...parameters) => transport.iterate(...parameters),
    send(path, body, options, callbacks) {
      let status: number | undefined
      const chunks: Uint8Array[] = []
      transport.send(path, body, options, {
        ...callbacks,
        responseStarted(headers, statusCode) {
          status = statusCode
          callbacks?.responseStarted?.(headers, statusCode)
        },
        next: (chunk: Uint8Array) => void chunks.push(chunk),
        complete() {
          if (status !== 201) return callbacks?.complete?.()
          const text = Buffer.concat(chunks).toString('utf8')
          callbacks?.error?.(new HttpError(201, 'Created', text, null, 'application/json'))
        },
      })
    },
  }
}

function answerOf(error: unknown, target: Target, signal: AbortSignal, io: Io): Refusal {
  const place = `InfluxDB ${target.name} (${target.url})`
  if (!(error instanceof HttpError)) {
    if (io.signal.aborted) throw new Unavailable(`${place}: stopped before the answer came`)
    if (signal.aborted) throw new Unavailable(`${place} gave no answer in ${target.timeoutMs / 1000} s`)
    throw new Unavailable(`${place} could not be reached: ${failureOf(error)}`)
  }
  const status = error.statusCode
  const said = `answered ${status}: ${textOf(error).slice(0, 200)}`
  const waitMs = waitOf(headersOf(error), io.clock())
  if (status === 429 || (status === 503 && waitMs !== undefined)) {
    throw new RateLimited(`${place} ${said}`, waitMs ?? defaultWaitMs)
  }
  if (status >= 500 || status === 408 || status === 425) throw new Unavailable(`${place} ${said}`)
  if (status === 413 || (isRefusal(status) && isInflux(error))) return refusalOf(error)
  throw new Refused(`${place} ${said}; ${remedyOf(status, said, target)}`, status)
}

function isRefusal(status: number): boolean {
  return status === 400 || status === 422 || status === 201
}

/** A proxy's error page must not set every point aside. */
function isInflux(error: HttpError): boolean {
  return error.json !== undefined || 'x-influxdb-version' in (error.headers ?? {})
}

function remedyOf(status: number, said: string, { org, bucket }: Target): string {
  if (status === 401) return `set a token that may write to the bucket ${bucket}`
  if (status === 403) return `give the token leave to write to the bucket ${bucket}`
  if (status === 404 && !said.includes('page not found')) {
    return `create the bucket ${bucket} of ${org}, or correct bucket and org`
  }
  return 'check the url: /api/v2/write of InfluxDB 1.8 or newer is expected there'
}

function refusalOf(error: HttpError): Refusal {
  const { data } = (error.json ?? {}) as { data?: unknown }
  const numbered: Refusal['numbered'] = []
  for (const entry of Array.isArray(data) ? (data as Record<string, unknown>[]) : []) {
    if (typeof entry.line_number !== 'number') continue
    numbered.push({ line: entry.line_number, reason: String(entry.error_message) })
  }
  return { message: textOf(error), numbered }
}

/** What the server says: `message` (2.x), `error` (1.x, 3.x), or the body. */
function textOf(error: HttpError): string {
  const { message, error: reason } = (error.json ?? {}) as Record<string, unknown>
  for (const text of [message, reason, error.body]) if (typeof text === 'string') return text.trim()
  return error.statusMessage ?? ''
}

function headersOf(error: HttpError): Record<string, string> {
  const headers = Object.entries(error.headers ?? {}).map(([name, value]) => [name, String(value)])
  return Object.fromEntries(headers) as Record<string, string>
}

/** Node gives the reasons of several tried addresses in an AggregateError without a message. */
function failureOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return messageOf(error) || code
}
