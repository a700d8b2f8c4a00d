import type { HttpClient } from './http.ts'

/** A line of the log: a message and what belongs to it. Values are masked where they contain a secret. */
export interface Logger {
  debug(message: string, details?: object): void
  info(message: string, details?: object): void
  warn(message: string, details?: object): void
  error(message: string, details?: object): void
}

/** Everything impure that an edge may touch. */
export interface Io {
  http: HttpClient
  /** Epoch milliseconds. */
  clock: () => number
  /** Resolves after that time, or rejects when the signal is aborted. */
  sleep: (ms: number) => Promise<void>
  log: Logger
  signal: AbortSignal
}
