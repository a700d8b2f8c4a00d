import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDemo, type Demo } from '../../../demo/start.ts'

const hourMs = 3_600_000
const start = Date.UTC(2026, 10, 20, 15)
let now = start
let demo: Demo

beforeAll(async () => {
  demo = await startDemo({ seed: 3, now, clock: () => now, days: 60 })
})
afterAll(() => demo.stop())

function rest(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const own = { authorization: `token ${demo.githubToken}`, 'user-agent': 'test', ...headers }
  return fetch(path.startsWith('http') ? path : `${demo.githubUrl}${path}`, { headers: own })
}

interface Told {
  data: { [name: string]: unknown; repository?: unknown }
  errors: { type?: string; message: string }[]
}

async function graphql(query: string, variables: object = {}): Promise<Told> {
  const headers = { authorization: `bearer ${demo.githubToken}`, 'user-agent': 'test' }
  const body = JSON.stringify({ query, variables })
  const response = await fetch(`${demo.githubUrl}/graphql`, { method: 'POST', headers, body })
  expect(response.status).toBe(200)
  return (await response.json()) as Told
}

/** What the tests look at of a pull request. */
interface Pull {
  state: string
  updated_at: string
  merged_at: string | null
}

async function rows(path: string): Promise<Pull[]> {
  return (await (await rest(path)).json()) as Pull[]
}

describe('REST', () => {
  test('a wrong token is 401, no user agent 403, an unknown repository 404, an unknown version 400', async () => {
    expect((await rest('/repos/acme/web', { authorization: 'token wrong' })).status).toBe(401)
    expect((await rest('/repos/acme/web', { 'user-agent': '' })).status).toBe(403)
    expect((await rest('/repos/acme/nothing')).status).toBe(404)
    expect((await rest('/repos/acme/web', { 'x-github-api-version': '2030-01-01' })).status).toBe(400)
    expect((await rest('/repos/acme/web', { 'x-github-api-version': '2020-01-01' })).status).toBe(410)
  })

  test('the links lead through every page, by the numeric id of the repository', async () => {
    const all: number[] = []
    let url: string | undefined = '/repos/acme/checkout/pulls?state=all&per_page=40'
    let pages = 0
    while (url) {
      const response: Response = await rest(url)
      const page = (await response.json()) as { number: number }[]
      all.push(...page.map(({ number }) => number))
      url = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1]
      if (url) expect(url).toMatch(/\/repositories\/\d+\/pulls\?.*page=\d/)
      pages += 1
    }
    const { pulls } = demo.company.repositories.get('acme/checkout')!
    const visible = pulls.filter(({ openedAt }) => openedAt <= now).length
    expect(pages).toBe(Math.ceil(visible / 40))
    expect(all).toEqual(Array.from({ length: visible }, (_, index) => visible - index))
  })

  test('never more than 100 rows a page', async () => {
    expect(await rows('/repos/acme/web/commits?per_page=1000')).toHaveLength(100)
  })

  test('the default direction of an order by update is ascending', async () => {
    const ascending = await rows('/repos/acme/checkout/pulls?state=closed&sort=updated&per_page=100')
    const descending = await rows(
      '/repos/acme/checkout/pulls?state=closed&sort=updated&direction=desc&per_page=100',
    )
    const dates = (list: Pull[]) => list.map((each) => each.updated_at)
    expect(dates(ascending)).toEqual(dates(ascending).toSorted())
    expect(dates(descending)).toEqual(dates(descending).toSorted().toReversed())
    // Merged ones are among the closed ones, and say so by merged_at alone.
    expect(new Set(descending.map((each) => typeof each.merged_at))).toEqual(new Set(['string', 'object']))
    expect(descending.every((each) => each.state === 'closed' && !('merged' in each))).toBe(true)
  })

  test('304 for a known ETag, which costs nothing; another answer once something has happened', async () => {
    const path = '/repos/acme/web/deployments?per_page=100'
    const first = await rest(path)
    const etag = first.headers.get('etag')!
    const counted = demo.counts().github.restCounted
    const again = await rest(path, { 'if-none-match': etag })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
    expect(demo.counts().github.restCounted).toBe(counted)
    expect(again.headers.get('x-ratelimit-used')).toBe(first.headers.get('x-ratelimit-used'))
    now = start + 120 * hourMs
    const later = await rest(path, { 'if-none-match': etag })
    now = start
    expect(later.status).toBe(200)
    expect(later.headers.get('etag')).not.toBe(etag)
  })

  test('the limits are counted, and the Date header tells the clock', async () => {
    const before = Number((await rest('/repos/acme/web')).headers.get('x-ratelimit-used'))
    const response = await rest('/repos/acme/web')
    const header = (name: string) => Number(response.headers.get(`x-ratelimit-${name}`))
    expect(header('limit')).toBe(5000)
    expect(header('used') + header('remaining')).toBe(5000)
    expect(header('used')).toBe(before + 1)
    expect(header('reset')).toBeGreaterThan(now / 1000)
    expect(response.headers.get('date')).toBe(new Date(now).toUTCString())
  })

  test('the newer API version has no merge_commit_sha', async () => {
    const path = '/repos/acme/checkout/pulls/1'
    expect(await (await rest(path)).json()).toHaveProperty('merge_commit_sha')
    const newer = await rest(path, { 'x-github-api-version': '2026-03-10' })
    expect(await newer.json()).not.toHaveProperty('merge_commit_sha')
  })

  test('compare: ahead, behind, paged, at most 250 without paging, 404 for what was pushed away', async () => {
    const { commits, heads, deployments } = demo.company.repositories.get('acme/web')!
    const base = commits[0]!.sha
    const head = heads.findLast(({ at }) => at <= now)!.commit.sha
    const body = async (path: string) =>
      (await (await rest(`/repos/acme/web/compare/${path}`)).json()) as never
    const whole = (await body(`${base}...${head}`)) as { total_commits: number; commits: { sha: string }[] }
    expect(whole.total_commits).toBeGreaterThan(250)
    expect(whole.commits).toHaveLength(250)
    expect(whole.commits.at(-1)!.sha).toBe(head)
    const paged = (await body(`${base}...${head}?per_page=100&page=1`)) as typeof whole
    expect(paged.commits).toHaveLength(100)
    expect(await body(`${head}...${base}`)).toMatchObject({ status: 'behind', total_commits: 0 })
    expect(await body(`${head}...${head}`)).toMatchObject({ status: 'identical' })
    const missing = deployments.find(({ commit }) => commit === undefined)!
    expect((await rest(`/repos/acme/web/compare/${base}...${missing.sha}`)).status).toBe(404)
  })

  test('runs by the time of their creation, at most 1,000 of them; attempts one by one', async () => {
    const total = async (created: string) => {
      const response = await rest(`/repos/acme/web/actions/runs?per_page=100&created=${created}&page=11`)
      return (await response.json()) as { total_count: number; workflow_runs: object[] }
    }
    const all = demo.company.repositories.get('acme/web')!.runs.filter(({ createdAt }) => createdAt <= now)
    const everything = await total('2026-01-01T00:00:00Z..2026-12-01T00:00:00Z')
    expect(everything.total_count).toBe(all.length)
    expect(everything.workflow_runs).toEqual([])
    const from = new Date(all[20]!.createdAt).toISOString()
    const to = new Date(all[39]!.createdAt).toISOString()
    expect((await total(`${from}..${to}`)).total_count).toBe(20)
    const twice = all.find(({ attempts }) => attempts.length === 2 && attempts[1]!.finishedAt! < now)!
    const attempt = async (path: string) =>
      (await (await rest(`/repos/acme/web/actions/runs/${twice.id}${path}`)).json()) as { created_at: string }
    const latest = await attempt('')
    const first = await attempt('/attempts/1')
    expect(latest).toMatchObject({ run_attempt: 2, created_at: first.created_at, conclusion: 'success' })
    expect(first).toMatchObject({ run_attempt: 1, conclusion: 'failure' })
    expect((await rest(`/repos/acme/web/actions/runs/${twice.id}/attempts/3`)).status).toBe(404)
  })
})

describe('GraphQL', () => {
  const deployments = `query ($direction: OrderDirection!, $after: String) {
    repository(owner: "acme", name: "checkout") {
      deployments(first: 50, after: $after, orderBy: {field: CREATED_AT, direction: $direction}) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { id databaseId state createdAt latestStatus { state } statuses(first: 10) { nodes { state createdAt } } }
      }
    }
  }`

  interface Deployments {
    totalCount: number
    pageInfo: { hasNextPage: boolean; endCursor: string }
    nodes: {
      id: string
      databaseId: number
      state: string
      createdAt: string
      statuses: { nodes: { state: string; createdAt: string }[] }
    }[]
  }

  async function page(direction: string, after?: string): Promise<Deployments> {
    const { data } = await graphql(deployments, { direction, after })
    return (data.repository as { deployments: Deployments }).deployments
  }

  test('pages through all deployments, newest first, also while new ones appear', async () => {
    const ids: number[] = []
    let current = await page('DESC')
    const { totalCount } = current
    ids.push(...current.nodes.map(({ databaseId }) => databaseId))
    now = start + 72 * hourMs
    while (current.pageInfo.hasNextPage) {
      current = await page('DESC', current.pageInfo.endCursor)
      ids.push(...current.nodes.map(({ databaseId }) => databaseId))
    }
    now = start
    expect(ids).toHaveLength(totalCount)
    expect(ids).toEqual(ids.toSorted((a, b) => b - a))
    expect((await page('ASC')).nodes[0]!.databaseId).toBe(ids.at(-1))
  })

  test('statuses come newest first, and a superseded success is followed by inactive', async () => {
    const { nodes } = await page('DESC')
    const live = nodes.filter(({ state }) => state === 'ACTIVE')
    expect(live).toHaveLength(1)
    const superseded = nodes.filter(({ state }) => state === 'INACTIVE')
    expect(superseded.length).toBeGreaterThan(30)
    for (const { statuses } of superseded) {
      expect(statuses.nodes.map(({ state }) => state)).toEqual([
        'INACTIVE',
        'SUCCESS',
        'IN_PROGRESS',
        'QUEUED',
      ])
    }
  })

  test('nodes by id, null and an error for one that there is not', async () => {
    const [first] = (await page('DESC')).nodes
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Deployment { databaseId } } }'
    const { data, errors } = await graphql(query, { ids: [first!.id, 'DE_unknown'] })
    expect(data['nodes']).toEqual([{ id: first!.id, databaseId: first!.databaseId }, null])
    expect(errors).toMatchObject([{ type: 'NOT_FOUND', path: ['nodes', 1] }])
  })

  test('a bot has no [bot] in its login and says what it is', async () => {
    const query = `{ repository(owner: "acme", name: "checkout") { pullRequests(first: 100, states: [MERGED]) {
      nodes { title author { login __typename } mergeCommit { oid author { user { login } } } } } } }`
    const { data } = await graphql(query)
    const { pullRequests } = data.repository as { pullRequests: { nodes: { title: string }[] } }
    const bump = pullRequests.nodes.find(({ title }) => title.startsWith('Bump '))
    expect(bump).toMatchObject({
      author: { login: 'dependabot', __typename: 'Bot' },
      mergeCommit: { author: { user: { login: 'dependabot[bot]' } } },
    })
  })

  test.each([
    ['a field that there is not', '{ repository(owner: "acme", name: "web") { colour } }', /colour/],
    [
      'no page size',
      '{ repository(owner: "acme", name: "web") { deployments { totalCount } } }',
      /`first` or `last`/,
    ],
    [
      'too many',
      '{ repository(owner: "acme", name: "web") { deployments(first: 101) { totalCount } } }',
      /limit of 100/,
    ],
    [
      'a repository that there is not',
      '{ repository(owner: "acme", name: "x") { id } }',
      /Could not resolve/,
    ],
    ['no GraphQL', '{ repository(', /Syntax Error/],
    [
      'a cursor of another world',
      '{ repository(owner: "acme", name: "web") { deployments(first: 1, after: "x") { totalCount } } }',
      /valid cursor/,
    ],
  ])('%s is told with status 200', async (_, query, message) => {
    const { errors } = await graphql(query)
    expect(errors[0]!.message).toMatch(message)
  })

  test('costs by the connections, and refuses more than 500,000 nodes', async () => {
    const nested = `{ rateLimit { cost nodeCount } repository(owner: "acme", name: "web") {
      pullRequests(first: 100) { nodes { commits(first: 50) { totalCount } reviews(first: 10) { totalCount } } } } }`
    expect((await graphql(nested)).data).toMatchObject({ rateLimit: { cost: 2, nodeCount: 6100 } })
    const huge = `{ repository(owner: "acme", name: "web") { pullRequests(first: 100) { nodes { commits(first: 100) {
      nodes { commit { parents(first: 100) { nodes { oid } } } } } } } } }`
    expect((await graphql(huge)).errors).toMatchObject([{ type: 'MAX_NODE_LIMIT_EXCEEDED' }])
  })
})

describe('faults and limits', () => {
  test('REST is refused with 403 and GraphQL answers with an error once the hour is used up', async () => {
    const small = await startDemo({
      now,
      clock: () => now,
      days: 3,
      services: 1,
      limits: { githubPerHour: 2 },
    })
    const headers = { authorization: `token ${small.githubToken}`, 'user-agent': 'test' }
    const ask = () => fetch(`${small.githubUrl}/repos/acme/web`, { headers })
    expect((await ask()).status).toBe(200)
    expect((await ask()).status).toBe(200)
    const refused = await ask()
    expect(refused.status).toBe(403)
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0')
    const query = JSON.stringify({ query: '{ viewer { login } }' })
    const post = () => fetch(`${small.githubUrl}/graphql`, { method: 'POST', headers, body: query })
    await post()
    await post()
    expect(await (await post()).json()).toMatchObject({ errors: [{ type: 'RATE_LIMITED' }] })
    await small.stop()
  })

  test('a test can put its own answer, or a broken connection, in the place of any', async () => {
    const answers = [
      { status: 502, headers: { 'retry-after': '7' }, body: 'bad gateway' },
      'reset' as const,
      undefined,
    ]
    const broken = await startDemo({
      now,
      clock: () => now,
      days: 3,
      services: 1,
      faults: { github: () => answers.shift() },
    })
    const headers = { authorization: `token ${broken.githubToken}`, 'user-agent': 'test' }
    const ask = () => fetch(`${broken.githubUrl}/repos/acme/web`, { headers })
    const bad = await ask()
    expect([bad.status, bad.headers.get('retry-after'), await bad.text()]).toEqual([502, '7', 'bad gateway'])
    await expect(ask()).rejects.toThrow()
    expect((await ask()).status).toBe(200)
    await broken.stop()
  })
})
