import { messageOf, RateLimited, Refused, Unavailable } from '../../core/errors.ts'
import { isRow, maybeText } from './fields.ts'
import type { Row } from './fields.ts'

/** What a request was for, so that an error can say what is missing. */
export interface About {
  /** `owner/name`, or undefined where the request was about the token itself. */
  repository?: string
  /** The permission it needs, in GitHub's words: `Deployments: read`. */
  permission?: string
}

/** The part of an Octokit error that is used. Its message is not: it may quote the request. */
export interface Failure {
  status: number
  headers: Record<string, string>
  data: unknown
  /** Why there was no answer at all. */
  unreachable?: string
}

/** The failure in an error that Octokit threw; undefined for any other error. */
export function failureOf(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined
  if (!('response' in error) || !isRow(error.response))
    return { status: error.status, headers: {}, data: undefined, unreachable: messageOf(error) }
  const { headers, data } = error.response
  return { status: error.status, headers: isRow(headers) ? (headers as Record<string, string>) : {}, data }
}

/** GraphQL says in `errors` of an answer with status 200 that the limit is used up. */
export function graphqlErrors(data: unknown): Row[] {
  return isRow(data) && Array.isArray(data['errors']) ? data['errors'].filter(isRow) : []
}

/**
 * How long GitHub asks to wait, in ms; undefined where the answer is no limit: a 403 without marks is a
 * missing permission. `now` is the local clock, used where the answer has no date.
 */
export function limitWaitMs(failure: Failure, now: number, tries: number): number | undefined {
  const { status, headers, data } = failure
  const exhausted = graphqlErrors(data).some((each) => each['type'] === 'RATE_LIMITED')
  if (status !== 403 && status !== 429 && !exhausted) return undefined
  const retryAfter = headers['retry-after']
  const serverNow = Date.parse(headers['date'] ?? '') || now
  if (retryAfter !== undefined) {
    const seconds = /^\d+$/.test(retryAfter)
      ? Number(retryAfter)
      : (Date.parse(retryAfter) - serverNow) / 1000
    return Number.isFinite(seconds) ? Math.max(1, seconds) * 1000 : 60_000
  }
  const reset = Number(headers['x-ratelimit-reset'])
  if ((headers['x-ratelimit-remaining'] === '0' || exhausted) && reset > 0)
    return Math.max(1000, reset * 1000 - serverNow + 1000)
  const said = isRow(data) ? (maybeText(data, 'message') ?? '') : ''
  if (status === 429 || exhausted || /secondary rate|abuse detection|rate limit/i.test(said))
    return 60_000 * 2 ** tries
  return undefined
}

/** How long a server that is failing asks to wait, in ms. */
export function retryAfterMs(failure: Failure): number {
  const seconds = Number(failure.headers['retry-after'])
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0
}

/** What Octokit threw as one of the errors of core/errors.ts, in one line and without a secret. */
export function explained(error: unknown, about: About, source: string, now: number): Error {
  if (error instanceof Refused || error instanceof RateLimited || error instanceof Unavailable) return error
  const failure = failureOf(error)
  if (!failure) return error instanceof Error ? error : new Error(messageOf(error))
  const where = about.repository ?? `GitHub source ${source}`
  const wait = limitWaitMs(failure, now, 0)
  if (wait !== undefined)
    return new RateLimited(
      `${where}: GitHub's rate limit is used up, asked to wait ${Math.ceil(wait / 1000)} s`,
      wait,
    )
  const { status, headers, data } = failure
  const said = (isRow(data) ? maybeText(data, 'message') : undefined)?.replaceAll(/\s+/g, ' ').slice(0, 200)
  const quote = said === undefined ? '' : ` (GitHub says: ${said})`
  if (status === 401)
    return new Refused(`GitHub source ${source}: token is unknown or expired${quote}`, status)
  if (status === 404 && about.repository !== undefined)
    return new Refused(`${where}: repository not visible to this token, or it does not exist`, status)
  if (status === 403 && headers['x-github-sso'] !== undefined)
    return new Refused(
      `${where}: the token has to be authorized for the organization's single sign-on`,
      status,
    )
  if (status === 403) {
    const accepted = headers['x-accepted-github-permissions'] ?? about.permission
    const needs = accepted === undefined ? 'a permission' : `the permission ${accepted}`
    return new Refused(`${where}: token lacks ${needs}${quote}`, status)
  }
  if (status >= 400 && status < 500 && status !== 408 && status !== 425)
    return new Refused(`${where}: GitHub refused with ${status}${quote}`, status)
  if (failure.unreachable !== undefined)
    return new Unavailable(`${where}: GitHub could not be reached (${failure.unreachable})`)
  return new Unavailable(`${where}: GitHub failed with ${status}${quote}`)
}
