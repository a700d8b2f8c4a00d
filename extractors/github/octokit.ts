import { createAppAuth } from '@octokit/auth-app'
import { retry } from '@octokit/plugin-retry'
import { throttling } from '@octokit/plugin-throttling'
import { Octokit } from '@octokit/rest'
import type { Io } from '../../core/io.ts'
import { failureOf, graphqlErrors, limitWaitMs, retryAfterMs } from './failures.ts'
import type { Settings } from './settings.ts'

const final = [400, 401, 403, 404, 409, 410, 422, 429, 451]
const retries = 4

/** Counts of one run, and the server's time when it began. */
export interface Counts {
  requests: number
  remaining?: number
  /** The Date header of the first answer, epoch ms. */
  serverAt?: number
  waitedMs: number
}

/** Runs what it is given at once: the source sends one request after the other anyway. */
const immediately = {
  key: () => ({
    schedule: <A extends unknown[], R>(_options: unknown, work: (...args: A) => R, ...args: A) =>
      work(...args),
  }),
}

type Failed = (error: unknown, info: { args: unknown[] }) => Promise<number | undefined>

/** Runs a request again as long as the throttling plugin wants it; the plugin's own limiter costs timers. */
function again() {
  let failed: Failed = () => Promise.resolve(undefined)
  return {
    on: (_event: 'failed', handler: Failed) => {
      failed = handler
    },
    async schedule<A extends unknown[], R>(work: (...args: A) => Promise<R>, ...args: A): Promise<R> {
      while (true) {
        try {
          return await work(...args)
        } catch (error) {
          // The plugin looks into the answer, and of an unreachable host there is none.
          if (failureOf(error)?.unreachable !== undefined) throw error
          if ((await failed(error, { args })) === undefined) throw error
        }
      }
    },
  }
}

function counted(counts: Counts, timeoutMs: number, io: Io): typeof fetch {
  return async (input, init) => {
    counts.requests += 1
    const signal = AbortSignal.any([io.signal, AbortSignal.timeout(timeoutMs)])
    const response = await fetch(input, { ...init, signal })
    const remaining = response.headers.get('x-ratelimit-remaining')
    if (remaining !== null) counts.remaining = Number(remaining)
    const date = Date.parse(response.headers.get('date') ?? '')
    if (Number.isFinite(date)) counts.serverAt ??= date
    return response
  }
}

type Plugin = Parameters<typeof Octokit.plugin>[0]
/** Whether to try again, after having waited; false when the run has waited enough. */
type Patience = (tries: number) => Promise<boolean>

/**
 * What the two plugins leave open: limits that only `errors` or a Retry-After tell of are shown to the
 * throttling plugin as limits, and waiting between retries goes through `io.sleep`.
 */
function limits(io: Io, counts: Counts, maxWaitMs: number): { patience: Patience; plugin: Plugin } {
  let askedMs = 0
  let inARow = 0
  return {
    async patience(tries) {
      if (tries >= retries || counts.waitedMs + askedMs > maxWaitMs) return false
      io.log.info('GitHub asks to wait', { seconds: Math.ceil(askedMs / 1000) })
      counts.waitedMs += askedMs
      await io.sleep(askedMs)
      return true
    },
    plugin(octokit) {
      octokit.hook.after('request', (response, options) => {
        const used = graphqlErrors(response.data).some((each) => each['type'] === 'RATE_LIMITED')
        if (!used) {
          inARow = 0
          return
        }
        const error = new Error('secondary rate limit told by errors')
        throw Object.assign(error, {
          status: 429,
          response,
          request: { ...options, request: options.request },
        })
      })
      octokit.hook.error('request', async (error, options) => {
        const failure = failureOf(error)
        if (!failure || failure.status < 400) throw error
        const tries = Number(options.request?.['retryCount'] ?? 0)
        const wait = limitWaitMs(failure, io.clock(), inARow)
        if (wait !== undefined) {
          inARow += 1
          askedMs = wait
          error.message = `secondary rate limit: ${error.message}`
        } else if (!final.includes(failure.status)) {
          const bound = Number(options.request?.['retries'] ?? retries)
          const backoff = Math.random() * 1000 * 2 ** tries
          if (tries < bound) await io.sleep(Math.min(maxWaitMs, Math.max(backoff, retryAfterMs(failure))))
        }
        throw error
      })
      return {}
    },
  }
}

/** Octokit's own lines may quote a request; what fails is told by the errors. */
function quiet(): void {}

/** An Octokit with the plugins, whose every wait goes through `io.sleep` and whose requests are counted. */
export function octokitFor(settings: Settings, io: Io, counts: Counts): Octokit {
  const { plugin, patience } = limits(io, counts, settings.maxWait * 60_000)
  const log = { debug: quiet, info: quiet, error: quiet, warn: (message: string) => io.log.warn(message) }
  const Throttled = Octokit.plugin(plugin, throttling, retry)
  const throttle = {
    global: immediately,
    auth: immediately,
    write: immediately,
    search: immediately,
    notifications: immediately,
    retryLimiter: again(),
    retryAfterBaseValue: 0,
    onRateLimit: (_after: number, _options: object, _octokit: object, tries: number) => patience(tries),
    onSecondaryRateLimit: (_after: number, _options: object, _octokit: object, tries: number) =>
      patience(tries),
  }
  return new Throttled({
    baseUrl: settings.baseUrl.replace(/\/+$/, ''),
    userAgent: 'dorado',
    log,
    request: { fetch: counted(counts, settings.timeout * 1000, io), log },
    throttle: throttle as never,
    retry: { retries, retryAfterBaseValue: 0, doNotRetry: final },
    ...(settings.app ? { authStrategy: createAppAuth, auth: { ...settings.app } } : { auth: settings.token }),
  })
}
