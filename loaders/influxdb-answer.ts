import { HttpError } from '@influxdata/influxdb-client'
import { messageOf, RateLimited, Refused, Unavailable } from '../core/errors.ts'
import { waitOf } from '../core/http-retry.ts'
import type { Io } from '../core/io.ts'
import type { Refusal } from './influxdb-refusal.ts'
import type { Target } from './influxdb-server.ts'

const defaultWaitMs = 60_000

/** What became of a write that did not end well: the lines that were refused, or an error by its remedy. */
export function answerOf(error: unknown, target: Target, signal: AbortSignal, io: Io): Refusal {
  const place = `InfluxDB ${target.name} (${target.url})`
  if (!(error instanceof HttpError)) {
    if (io.signal.aborted) throw new Unavailable(`${place}: stopped before the answer came`)
    if (signal.aborted) throw new Unavailable(`${place} gave no answer in ${target.timeoutMs / 1000} s`)
    throw new Unavailable(`${place} could not be reached: ${reasonOf(error)}`)
  }
  const status = error.statusCode
  const said = `answered ${status}: ${shortOf(error)}`
  const waitMs = waitOf(headersOf(error), io.clock())
  if (status === 429 || (status === 503 && waitMs !== undefined)) {
    throw new RateLimited(`${place} ${said}`, waitMs ?? defaultWaitMs)
  }
  if (status >= 500 || status === 408 || status === 425) throw new Unavailable(`${place} ${said}`)
  if (status === 413 || (isRefusal(status) && isInflux(error) && !isOfRequest(error))) return refusalOf(error)
  throw new Refused(`${place} ${said}; ${remedyOf(error, target)}`, status)
}

function isRefusal(status: number): boolean {
  return status === 400 || status === 422 || status === 201
}

/** A proxy's error page must not set every point aside. */
function isInflux(error: HttpError): boolean {
  return error.json !== undefined || 'x-influxdb-version' in (error.headers ?? {})
}

/** 2.x says these of the request, with the status that it gives to a bad line, too. */
function isOfRequest(error: HttpError): boolean {
  return /orgID or org|invalid precision|invalid consistency/.test(textOf(error))
}

/** What to do about it, in the order of what is most certain. */
function remedyOf(error: HttpError, { org, bucket, url }: Target): string {
  const { statusCode: status } = error
  const text = textOf(error)
  if (/HTTP request to an HTTPS server/i.test(text)) return 'write https:// in url'
  if (status === 401) return `set a token that may write to the bucket ${bucket}`
  if (status === 403) return `give the token leave to write to the bucket ${bucket}`
  if (/orgID or org/.test(text)) return 'set org to the name or the id of the organisation'
  if (status === 404 && /organization/.test(text)) {
    return `set org, now ${org}, to the name or the id of an organisation that the token may see`
  }
  if (status === 404 && !text.includes('page not found') && !isPage(error)) {
    return `create the bucket ${bucket} of ${org}, or correct bucket and org; dorado setup influxdb creates it`
  }
  const { location } = headersOf(error)
  if (status >= 300 && status < 400 && location !== undefined && URL.canParse(location)) {
    return `check the url: it redirects to ${new URL(location).origin}`
  }
  const { pathname } = new URL(url)
  const path = pathname === '/' ? '' : `, without ${pathname} where no proxy asks for it`
  return `check the url: /api/v2/write of InfluxDB 1.8 or newer is expected there${path}`
}

function isPage(error: HttpError): boolean {
  return /^\s*</.test(textOf(error)) || /html/.test(headersOf(error)['content-type'] ?? '')
}

/** In one line. */
function shortOf(error: HttpError): string {
  // The client reads no body of a 200: InfluxDB never answers so to a write.
  if (isPage(error) || error.statusCode === 200) return 'a web page, not InfluxDB'
  return messageOf(textOf(error)).slice(0, 200)
}

/** What a failed connection says, and what to do about it where that is certain. */
function reasonOf(error: unknown): string {
  const text = failureOf(error)
  if (/wrong version number|packet length too long|EPROTO/.test(text)) return `${text}; write http:// in url`
  if (/self.signed certificate|unable to (?:verify|get)/.test(text))
    return `${text}; name its certificate in NODE_EXTRA_CA_CERTS`
  return text
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
