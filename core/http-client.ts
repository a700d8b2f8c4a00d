import axios from 'axios'
import { RateLimited, Refused, Unavailable } from './errors.ts'
import type { HttpClient, HttpRequest, HttpResponse } from './http.ts'
import { addressOf, explanation, placeOf, readBody } from './http-text.ts'
import { backoffMs, verdictOf } from './http-retry.ts'
import type { Logger } from './io.ts'

export interface HttpClientOptions {
  /** Resolves after that time, or rejects when the signal is aborted. */
  sleep: (ms: number) => Promise<void>
  signal: AbortSignal
  userAgent: string
  log: Logger
  /** Epoch milliseconds. */
  clock: () => number
  /** From 0 up to 1, for the jitter. */
  random?: () => number
}

const maxTries = 5
const maxRedirects = 5
const maxWaitMs = 600_000
const failureBackoffMs = 1000
const limitBackoffMs = 15_000

/**
 * The one place that retries. Where the caller's Accept header asks for JSON alone, an answer that is none
 * (a sign-in page) is Refused. Redirects are followed within the same origin only: headers carry secrets.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { sleep, signal, log, clock, random = Math.random } = options
  let sent = 0

  async function request(wanted: HttpRequest): Promise<HttpResponse> {
    const place = placeOf(wanted)
    const { tries = maxTries } = wanted
    let mayHaveArrived = false
    for (let tryNumber = 1; ; tryNumber += 1) {
      const outcome = await attempt(wanted, place)
      if ('answer' in outcome) return outcome.answer
      mayHaveArrived ||= outcome.mayHaveArrived
      const isLast = tryNumber === tries
      const first = outcome.isLimit ? limitBackoffMs : failureBackoffMs
      const waitMs = outcome.waitMs ?? backoffMs(tryNumber, first, random)
      if (outcome.isLimit && (isLast || waitMs > maxWaitMs)) {
        const seconds = Math.ceil(waitMs / 1000)
        throw new RateLimited(
          `${place} asks to wait ${seconds} s (${outcome.problem}); the next run goes on`,
          waitMs,
          { mayHaveArrived },
        )
      }
      if (isLast)
        throw new Unavailable(
          `${place} failed${tries === 1 ? '' : ` ${tries} times, the last time`}: ${outcome.problem}`,
          { mayHaveArrived },
        )
      log.debug(`${place}: ${outcome.problem}, trying again in ${waitMs} ms`)
      await sleep(waitMs)
    }
  }

  /** One try: an answer, or what may pass. Throws what will not. */
  async function attempt(wanted: HttpRequest, place: string): Promise<Attempt> {
    signal.throwIfAborted()
    let answer: HttpResponse
    try {
      answer = await exchange(wanted, place)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof Refused) throw error
      const mayHaveArrived = !unreached.has(codeOf(error))
      return { problem: explanation(error, wanted), isLimit: false, mayHaveArrived }
    }
    const verdict = verdictOf(answer, clock())
    const problem = `${answer.status}${withColon(explanation(answer.body, wanted))}`
    switch (verdict.kind) {
      case 'answer':
        return { answer }
      case 'refused':
        throw new Refused(`${place} answered ${problem}`, answer.status)
      case 'failed':
        // Behind a gateway somebody may have taken it.
        return { problem, isLimit: false, mayHaveArrived: answer.status !== 503 }
      case 'limited':
        return {
          problem,
          isLimit: true,
          mayHaveArrived: false,
          ...(verdict.waitMs === undefined ? {} : { waitMs: verdict.waitMs }),
        }
    }
  }

  /** Sends it, following redirects; the method and body stay (GitHub answers 307 for renamed repositories). */
  async function exchange(wanted: HttpRequest, place: string): Promise<HttpResponse> {
    const expires = AbortSignal.any([signal, AbortSignal.timeout(wanted.timeoutMs ?? 30_000)])
    let url = addressOf(wanted)
    for (let hop = 0; hop <= maxRedirects; hop += 1) {
      sent += 1
      const response = await axios.request<ArrayBuffer>({
        method: wanted.method ?? 'GET',
        url,
        headers: headersOf(wanted),
        data: wanted.body === undefined ? undefined : JSON.stringify(wanted.body),
        signal: expires,
        maxRedirects: 0,
        responseType: 'arraybuffer',
        validateStatus: () => true,
      })
      const headers = lowerCase(response.headers)
      const { location } = headers
      const { status } = response
      if (status < 300 || status > 399 || status === 304 || location === undefined) {
        return { status, headers, body: readBody(wanted, place, status, headers, response.data) }
      }
      const next = new URL(location, url)
      if (next.origin !== new URL(url).origin) {
        throw new Refused(
          `${place} redirects to ${next.origin}; configure that address if it is the right one`,
          status,
        )
      }
      url = next.href
    }
    throw new Refused(`${place} redirects in a circle`)
  }

  function headersOf(wanted: HttpRequest): Record<string, string> {
    const json = wanted.body === undefined ? {} : { 'content-type': 'application/json' }
    return { 'user-agent': options.userAgent, ...json, ...lowerCase(wanted.headers ?? {}) }
  }

  return {
    request,
    get sent() {
      return sent
    },
  }
}

type Attempt =
  | { answer: HttpResponse }
  | { problem: string; isLimit: boolean; mayHaveArrived: boolean; waitMs?: number }

/** Before anything was sent. */
const unreached: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

function withColon(text: string): string {
  return text === '' ? '' : `: ${text}`
}

function lowerCase(headers: object): Record<string, string> {
  const lower: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && value !== null) lower[name.toLowerCase()] = String(value)
  }
  return lower
}
