import { RateLimited, Refused, Unavailable } from '../../core/errors.ts'
import type { Io } from '../../core/io.ts'
import { explained, failureOf, graphqlErrors } from './failures.ts'
import type { About } from './failures.ts'
import { isRow, maybeText } from './fields.ts'
import type { Row } from './fields.ts'
import { octokitFor } from './octokit.ts'
import type { Counts } from './octokit.ts'
import type { Settings } from './settings.ts'

const version = { 'x-github-api-version': '2022-11-28' }

export interface Answer {
  /** `unchanged` for 304, `gone` for 404, 410 and 451 where the caller allows it. */
  state: 'ok' | 'unchanged' | 'gone' | 'empty'
  data: unknown
  etag?: string
  /** The page that the Link header calls next. */
  next?: string
}

export interface Client {
  /** A REST resource. 404 is an error unless `mayBeGone`; 409 (an empty repository) is `empty`. */
  get(
    path: string,
    about: About,
    options?: { etag?: string | undefined; mayBeGone?: boolean },
  ): Promise<Answer>
  /** A GraphQL query; `errors` are those that a smaller page may avoid, and NOT_FOUND of single nodes. */
  graphql(document: string, variables: Row, about: About): Promise<{ data: Row; errors: Row[] }>
  readonly counts: Counts
}

function nextPage(link: string | undefined): string | undefined {
  const url = /<([^<>]+)>;\s*rel="next"/.exec(link ?? '')?.[1]
  return url === undefined ? undefined : (new URL(url).searchParams.get('page') ?? undefined)
}

/** The error of a GraphQL answer that no smaller page will mend. */
function refusal(errors: Row[], about: About, source: string): Refused | undefined {
  const where = about.repository ?? `GitHub source ${source}`
  for (const error of errors) {
    // One node of many that cannot be had is no refusal of the others.
    if (Array.isArray(error['path']) && error['path'][0] === 'nodes') continue
    const said = (maybeText(error, 'message') ?? '').replaceAll(/\s+/g, ' ').slice(0, 200)
    if (error['type'] === 'NOT_FOUND')
      return new Refused(`${where}: repository not visible to this token, or it does not exist`, 404)
    if (error['type'] === 'FORBIDDEN' || error['type'] === 'INSUFFICIENT_SCOPES')
      return new Refused(
        `${where}: token lacks the permission ${about.permission ?? 'asked for'} (GitHub says: ${said})`,
        403,
      )
  }
  return undefined
}

/** The source's connection to GitHub for one run. Opens nothing until the first request. */
export function clientFor(source: string, settings: Settings, io: Io): Client {
  const counts: Counts = { requests: 0, waitedMs: 0 }
  const octokit = octokitFor(settings, io, counts)
  const secrets = [settings.token, settings.app?.privateKey].filter((each) => each !== undefined)

  function fail(error: unknown, about: About): never {
    io.signal.throwIfAborted()
    const known = explained(error, about, source, io.clock())
    for (const secret of secrets) known.message = known.message.replaceAll(secret, '***')
    throw known
  }

  return {
    counts,
    async get(path, about, options = {}) {
      try {
        const headers = options.etag === undefined ? version : { ...version, 'if-none-match': options.etag }
        const response = await octokit.request({ method: 'GET', url: path, headers })
        const { etag, link } = response.headers
        const next = nextPage(link)
        const data: unknown = response.data
        return { state: 'ok', data, ...(etag && { etag }), ...(next && { next }) }
      } catch (error) {
        const status = failureOf(error)?.status
        if (status === 304) return { state: 'unchanged', data: undefined }
        if (status === 409) return { state: 'empty', data: undefined }
        const gone = status === 404 || status === 410 || status === 422 || status === 451
        if (gone && options.mayBeGone) return { state: 'gone', data: undefined }
        return fail(error, about)
      }
    },
    async graphql(document, variables, about) {
      try {
        const options = { ...variables, headers: version, request: { retries: 2 } }
        const data: unknown = await octokit.graphql(document, options)
        return { data: isRow(data) ? data : {}, errors: [] }
      } catch (error) {
        io.signal.throwIfAborted()
        const partial = isRow(error) && isRow(error['data']) ? error['data'] : {}
        const errors = graphqlErrors(error)
        const refused = refusal(errors, about, source)
        if (refused) throw refused
        if (errors.length > 0) return { data: partial, errors }
        // A query that takes GitHub too long ends as one of these, and a smaller page may not.
        const status = failureOf(error)?.status
        const known = explained(error, about, source, io.clock())
        const slow = status === 500 || status === 502 || status === 504
        if (slow && known instanceof Unavailable && failureOf(error)?.unreachable === undefined)
          return { data: {}, errors: [{ message: known.message }] }
        return fail(error, about)
      }
    },
  }
}

/** Whether the rest of the source need not be tried. */
export function isFatal(error: unknown): boolean {
  if (error instanceof RateLimited) return true
  if (error instanceof Refused) return error.status === 401
  return !(error instanceof Unavailable)
}
