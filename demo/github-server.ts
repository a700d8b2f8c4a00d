import { createBudget, type Budget } from './budget.ts'
import type { Company } from './company.ts'
import { createGithubView } from './github-view.ts'
import { createGraphql, type GraphqlRequest } from './github-graphql.ts'
import type { Answer } from './github-page.ts'
import { restAnswer } from './github-rest.ts'
import {
  serveOnLoopback,
  type Fault,
  type Loopback,
  type ServedAnswer,
  type ServedRequest,
} from './loopback.ts'
import { digest, hourMs } from './random.ts'

export interface GithubServerOptions {
  token: string
  clock: () => number
  fault?: Fault
  /** Requests, and points of GraphQL, per hour. */
  hourlyLimit?: number
}

export interface GithubCounts {
  requests: number
  /** Those of the REST API that counted against the limit. */
  restCounted: number
  notModified: number
  graphqlPoints: number
}

export interface GithubServer extends Loopback {
  counts(): GithubCounts
}

const oldest = '2022-11-28'
const versions = [oldest, '2026-03-10']

/** Serves a company's GitHub: the REST API at the root, GraphQL at /graphql. */
export async function startGithubServer(
  company: Company,
  options: GithubServerOptions,
): Promise<GithubServer> {
  const { clock, hourlyLimit = 5000 } = options
  const github = createGithubView(company)
  const budgets = {
    core: createBudget(hourlyLimit, hourMs, clock),
    graphql: createBudget(hourlyLimit, hourMs, clock),
  }
  const counts: GithubCounts = { requests: 0, restCounted: 0, notModified: 0, graphqlPoints: 0 }
  let origin = ''
  let graphql: ReturnType<typeof createGraphql> | undefined

  async function handle(request: ServedRequest): Promise<ServedAnswer> {
    counts.requests += 1
    const version = request.headers['x-github-api-version'] ?? oldest
    const refusal = refuse(request, options.token, String(version))
    if (refusal) return refusal
    return request.path === '/graphql' ? handleGraphql(request) : handleRest(request, String(version))
  }

  async function handleGraphql(request: ServedRequest): Promise<ServedAnswer> {
    if (request.method !== 'POST') return { status: 404, body: { message: 'Not Found' } }
    const body = jsonOf(request.body)
    if (!body) return { status: 400, body: { message: 'Problems parsing JSON' } }
    graphql ??= createGraphql(github, origin)
    const answer = await graphql(body, clock(), budgets.graphql)
    counts.graphqlPoints += answer.points
    return { status: 200, headers: limitHeaders(budgets.graphql, 'graphql'), body: answer.body }
  }

  function handleRest(request: ServedRequest, version: string): ServedAnswer {
    const { path, query, method } = request
    if (path === '/rate_limit')
      return { status: 200, headers: limitHeaders(budgets.core, 'core'), body: rateLimit() }
    if (budgets.core.state().used >= hourlyLimit) return overLimit(budgets.core)
    const bases = { api: origin, html: origin, version }
    const answer: Answer =
      method === 'GET'
        ? restAnswer(github, { path: path.slice(1), query, now: clock(), bases })
        : { status: 404, body: { message: 'Not Found' } }
    const text = JSON.stringify(answer.body)
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'x-github-media-type': 'github.v3; format=json',
      'x-github-api-version-selected': version,
      'cache-control': 'private, max-age=60, s-maxage=60',
      vary: 'Accept, Authorization, Cookie, X-GitHub-OTP',
      ...answer.headers,
    }
    if (answer.status !== 200) {
      budgets.core.take(1)
      counts.restCounted += 1
      return {
        status: answer.status,
        headers: { ...headers, ...limitHeaders(budgets.core, 'core') },
        body: text,
      }
    }
    const etag = `W/"${digest(`${request.headers.authorization} ${version} ${text}`)}"`
    const known = request.headers['if-none-match']?.split(/\s*,\s*/) ?? []
    if (known.includes(etag)) {
      counts.notModified += 1
      return { status: 304, headers: { etag, ...limitHeaders(budgets.core, 'core') } }
    }
    budgets.core.take(1)
    counts.restCounted += 1
    return { status: 200, headers: { ...headers, etag, ...limitHeaders(budgets.core, 'core') }, body: text }
  }

  function rateLimit(): object {
    const resources = { core: resource(budgets.core), graphql: resource(budgets.graphql) }
    return { resources, rate: resources.core }
  }

  const server = await serveOnLoopback(clock, handle, options.fault)
  origin = server.url
  return { ...server, counts: () => ({ ...counts }) }
}

function refuse({ headers }: ServedRequest, token: string, version: string): ServedAnswer | undefined {
  if (!headers['user-agent']) {
    const message =
      'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.'
    return { status: 403, body: message }
  }
  const [scheme, given] = (headers.authorization ?? '').split(' ')
  if (!/^(token|bearer)$/i.test(scheme ?? '') || given !== token) {
    const message = headers.authorization ? 'Bad credentials' : 'Requires authentication'
    return {
      status: 401,
      body: { message, documentation_url: 'https://docs.github.com/rest', status: '401' },
    }
  }
  if (!versions.includes(version)) {
    const status = version < oldest ? 410 : 400
    return { status, body: { message: `"${version}" is not a supported version.` } }
  }
  return undefined
}

function overLimit(budget: Budget): ServedAnswer {
  const body = {
    message: 'API rate limit exceeded for this token.',
    documentation_url: 'https://docs.github.com/rest',
  }
  return { status: 403, headers: limitHeaders(budget, 'core'), body }
}

function resource(budget: Budget): object {
  const { limit, used, resetAt } = budget.state()
  return { limit, used, remaining: limit - used, reset: resetAt / 1000 }
}

function limitHeaders(budget: Budget, name: string): Record<string, string> {
  const { limit, used, resetAt } = budget.state()
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(limit - used),
    'x-ratelimit-used': String(used),
    'x-ratelimit-reset': String(resetAt / 1000),
    'x-ratelimit-resource': name,
  }
}

function jsonOf(text: string): GraphqlRequest | undefined {
  try {
    return JSON.parse(text) as GraphqlRequest
  } catch {
    return undefined
  }
}
