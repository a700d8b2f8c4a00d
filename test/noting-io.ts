import { createHttpClient } from '../core/http-client.ts'
import type { Io, Logger } from '../core/io.ts'

/** Edges with a real HTTP client, and what was logged. */
export function notingIo({
  signal = new AbortController().signal,
  ...edges
}: Pick<Io, 'clock' | 'sleep'> & { signal?: AbortSignal }): Io & { logged: string[] } {
  const logged: string[] = []
  const note = (text: string, details?: object) =>
    void logged.push(`${text} ${JSON.stringify(details ?? {})}`)
  const log: Logger = { debug: note, info: note, warn: note, error: note }
  const http = createHttpClient({ ...edges, signal, userAgent: 'dorado/test', log, random: () => 0.5 })
  return { ...edges, http, log, signal, logged }
}

/** The error that a promise fails with. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    () => 'it should have failed',
    (error: unknown) => error,
  )
  if (!(outcome instanceof Error)) throw new Error(String(outcome))
  return outcome
}
