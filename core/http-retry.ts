/** What an answer asks for: pure, so that the whole matrix can be read and tested without a server. */
export type Verdict =
  | { kind: 'answer' }
  | { kind: 'refused' }
  | { kind: 'failed' }
  /** `waitMs` is what the other side asked for; absent where it named no time. */
  | { kind: 'limited'; waitMs?: number }

export interface Answer {
  status: number
  /** Names in lower case. */
  headers: Record<string, string>
  body: unknown
}

const passing: ReadonlySet<number> = new Set([408, 425])
const githubSecondaryMs = 60_000

/** Decides by status and headers. `now` in epoch ms, for headers that name an instant. */
export function verdictOf(answer: Answer, now: number): Verdict {
  const { status, headers } = answer
  if ((status >= 200 && status < 300) || status === 304) return { kind: 'answer' }
  if (status === 429) return limited(waitOf(headers, now))
  if (status === 403) {
    // GitHub answers 403 for its limits too; without these marks it is a missing permission.
    if ('retry-after' in headers || headers['x-ratelimit-remaining'] === '0')
      return limited(waitOf(headers, now))
    return saysRateLimit(answer.body) ? limited(githubSecondaryMs) : { kind: 'refused' }
  }
  if (status === 503 && 'retry-after' in headers) return limited(waitOf(headers, now))
  return status >= 500 || passing.has(status) ? { kind: 'failed' } : { kind: 'refused' }
}

function limited(waitMs: number | undefined): Verdict {
  return waitMs === undefined ? { kind: 'limited' } : { kind: 'limited', waitMs }
}

function saysRateLimit(body: unknown): boolean {
  return /rate limit/i.test(typeof body === 'string' ? body : JSON.stringify(body ?? ''))
}

const resetHeaders = ['x-ratelimit-reset', 'ratelimit-reset', 'x-rate-limit-reset']

/** How long the headers ask to wait, between 1 s and 65 min; undefined where they say nothing. */
export function waitOf(headers: Record<string, string>, now: number): number | undefined {
  const after = headers['retry-after']
  if (after !== undefined) {
    const wait = fromSeconds(after, now) ?? fromDate(after, now)
    if (wait !== undefined) return clamp(wait)
  }
  for (const name of resetHeaders) {
    const wait = fromSeconds(headers[name] ?? '', now)
    if (wait !== undefined) return clamp(wait)
  }
  return undefined
}

function fromSeconds(text: string, now: number): number | undefined {
  if (!/^\s*\d+(\.\d+)?\s*$/.test(text)) return undefined
  const seconds = Number(text)
  // Some send the seconds left, others the epoch second at which the limit ends.
  return seconds > 1e9 ? seconds * 1000 - now : seconds * 1000
}

function fromDate(text: string, now: number): number | undefined {
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : at - now
}

function clamp(ms: number): number {
  return Math.min(Math.max(ms, 1000), 65 * 60_000)
}

/** Full jitter: anywhere between nothing and the bound that doubles with each try (1, 2, …). */
export function backoffMs(tryNumber: number, firstMs: number, random: () => number): number {
  return Math.round(random() * Math.min(60_000, firstMs * 2 ** (tryNumber - 1)))
}
