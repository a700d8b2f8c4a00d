import { HttpError, InfluxDB } from '@influxdata/influxdb-client'
import type { ClientOptions, Transport } from '@influxdata/influxdb-client'
import type { Agent } from 'node:http'
import type { Io } from '../core/io.ts'
import { answerOf } from './influxdb-answer.ts'
import type { Refusal, Send } from './influxdb-refusal.ts'
import type { Target } from './influxdb-server.ts'

/**
 * Sends a batch in one request and knows afterwards what became of it. A write API lives for one attempt, with
 * the client's own retries off: flush() would otherwise settle before its batches have (client 1.35), and
 * its retry buffer drops lines in silence. Throws Refused, RateLimited and Unavailable.
 */
export function batchSender(target: Target, agent: Agent, io: Io): Send {
  return (body) => sendBody(body, target, agent, io)
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
