import { createHttpClient } from '../../core/http-client.ts'
import type { Io, Logger } from '../../core/io.ts'
import type { StoredPoint } from '../../loaders/loader.ts'

export const now = Date.UTC(2026, 2, 2, 10)

/** What overwrites a window where nothing can be deleted. */
export const emptyWindow =
  'n=0i,lead_time_n=0i,recovery_time_n=0i,recovery_time_from_deployment_n=0i,incident_recovery_time_n=0i'

export function stored(point: Partial<StoredPoint> = {}): StoredPoint {
  return { rev: 1, series: 'dora_window,service=a,window=7d', at: 1000, nanos: 0, fields: 'n=1i', ...point }
}

const sleep = () => Promise.resolve()
const clock = () => now

/** Edges that wait for nothing and note what is logged. */
export function ioOf(signal: AbortSignal = new AbortController().signal): Io & { logged: string[] } {
  const logged: string[] = []
  const note = (message: string, details?: object) =>
    void logged.push(`${message} ${JSON.stringify(details ?? {})}`)
  const log: Logger = { debug: note, info: note, warn: note, error: note }
  const http = createHttpClient({ sleep, signal, userAgent: 'dorado/test', log, clock, random: () => 0.5 })
  return { http, clock, sleep, log, signal, logged }
}

export async function failure(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    () => 'it should have failed',
    (error: unknown) => error,
  )
  if (!(outcome instanceof Error)) throw new Error(String(outcome))
  return outcome
}
