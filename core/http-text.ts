import { unescape } from 'node:querystring'
import { Refused, messageOf } from './errors.ts'
import type { HttpRequest } from './http.ts'
import { createMask } from './secret.ts'

/** The address with its query. What the URL has already stays byte for byte: signed URLs need it so. */
export function addressOf(wanted: HttpRequest): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(wanted.query ?? {})) {
    if (value === undefined) continue
    for (const one of typeof value === 'object' ? value : [value]) query.append(key, String(one))
  }
  if (query.size === 0) return wanted.url
  return `${wanted.url}${wanted.url.includes('?') ? '&' : '?'}${query.toString()}`
}

/** `GET api.example.com/path`: what an error may show of a request. Query, user and password never are. */
export function placeOf(wanted: HttpRequest): string {
  const method = wanted.method ?? 'GET'
  if (!URL.canParse(wanted.url))
    throw new Refused(`${method}: the configured address is no URL; write https://…`)
  const url = new URL(wanted.url)
  return wanted.isUrlSecret ? `${method} ${url.host}/…` : `${method} ${url.host}${url.pathname}`
}

/**
 * Parsed where the content type says JSON, text otherwise. Throws Refused where the caller accepts JSON
 * only and a success is something else, and SyntaxError where JSON is cut off.
 */
export function readBody(
  wanted: HttpRequest,
  place: string,
  status: number,
  headers: Record<string, string>,
  data: ArrayBuffer,
): unknown {
  const text = Buffer.from(data).toString('utf8')
  const type = headers['content-type'] ?? ''
  if (/[/+]json\b/i.test(type)) return text === '' ? undefined : parsed(text)
  if (text !== '' && status >= 200 && status < 300 && acceptsJsonOnly(wanted)) {
    const found = type === '' ? 'no content type' : type.split(';')[0]
    throw new Refused(
      `${place} answered with ${found} where JSON is expected; check the address and the token`,
      status,
    )
  }
  return text
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the body.
    throw new SyntaxError(`answered with JSON that is cut off or broken (${text.length} characters)`)
  }
}

function acceptsJsonOnly(wanted: HttpRequest): boolean {
  const accept = Object.entries(wanted.headers ?? {}).find(([name]) => name.toLowerCase() === 'accept')?.[1]
  return accept !== undefined && /[/+]json\b/i.test(accept) && !accept.includes('*/*')
}

/** What the other side said, or what went wrong on the way: one short line without any secret of the request. */
export function explanation(found: unknown, wanted: HttpRequest): string {
  const said = found instanceof Error ? failureOf(found) : messageIn(found)
  const text = createMask(secretsOf(wanted))(said).replaceAll(/\s+/g, ' ').trim()
  return text.length > 200 ? `${text.slice(0, 199)}…` : text
}

function failureOf(error: Error): string {
  if (error.name === 'CanceledError' || error.name === 'TimeoutError') return 'no answer in time'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  // Node gives the reasons of several tried addresses in an AggregateError without a message.
  return error.message === '' ? code : messageOf(error)
}

function messageIn(body: unknown): string {
  if (typeof body === 'string') return /^\s*</.test(body) ? '' : body
  if (typeof body !== 'object' || body === null) return ''
  const { message, error, errors } = body as Record<string, unknown>
  for (const one of [message, error, Array.isArray(errors) ? errors[0] : undefined]) {
    if (typeof one === 'string') return one
    if (typeof one === 'object' && one !== null) return messageIn(one)
  }
  return ''
}

const plainHeaders: ReadonlySet<string> = new Set([
  'accept',
  'content-type',
  'user-agent',
  'x-github-api-version',
])

/** Every header value that may be a secret, whole and without its scheme; userinfo, query and secret paths. */
function secretsOf(wanted: HttpRequest): string[] {
  const url = new URL(addressOf(wanted))
  const secrets = [url.password, unescape(url.password), ...url.searchParams.values()]
  if (wanted.isUrlSecret) secrets.push(wanted.url, url.pathname, ...url.pathname.split('/'))
  for (const [name, value] of Object.entries(wanted.headers ?? {})) {
    if (!plainHeaders.has(name.toLowerCase())) secrets.push(value, ...value.split(/[\s=]+/))
  }
  // Shorter ones are words such as `true` or `100`, and masking them would only garble the message.
  return secrets.filter((secret) => secret.length >= 8)
}
