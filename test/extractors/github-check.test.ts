import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { github } from '../../extractors/github/index.ts'
import { fakeGithub } from '../fixtures/github/fake.ts'
import type { Fake } from '../fixtures/github/fake.ts'
import {
  emptyStore,
  facts,
  handIo,
  keep,
  refresh,
  sinceOf,
  sourceOf,
  token,
} from '../fixtures/github/store.ts'
import { commit, day, deploy, pull, repositoryOf, start, worldOf } from '../fixtures/github/world.ts'
import type { World } from '../fixtures/github/world.ts'

let world: World
let fake: Fake

beforeEach(async () => {
  world = worldOf('acme/shop', 'acme/till')
  commit(repositoryOf(world), 'c1', start - day)
  deploy(repositoryOf(world), 1, 'c1', start - day)
  fake = await fakeGithub(world)
})

afterEach(() => fake.close())

describe('check', () => {
  it('tells that the token and each repository work', async () => {
    expect(await sourceOf(fake.url, { repositories: ['acme/*'] }).check(handIo().io)).toEqual([
      { name: 'token', ok: true, detail: `accepted by ${fake.url}` },
      {
        name: 'repository acme/shop',
        ok: true,
        detail:
          'readable: Metadata: read, Contents: read, Pull requests: read, Deployments: read, Actions: read',
      },
      expect.objectContaining({ name: 'repository acme/till', ok: true }),
    ])
  })

  it('tells of a token that is not known', async () => {
    fake.intercept = () => ({ status: 401, body: { message: 'Bad credentials' } })
    expect(await sourceOf(fake.url).check(handIo().io)).toEqual([
      { name: 'token', ok: false, detail: expect.stringContaining('token is unknown or expired') },
    ])
  })

  it('tells of each repository what is wrong with it', async () => {
    fake.intercept = (request) =>
      request.path.startsWith('/repos/acme/till/deployments')
        ? { status: 403, body: { message: 'Resource not accessible by integration' } }
        : undefined
    const repositories = [
      'acme/gone',
      'acme/till',
      { name: 'acme/shop', deployments: 'workflow', workflow: 'ship.yml' },
      'nobody/*',
    ]
    const checks = await sourceOf(fake.url, { repositories }).check(handIo().io)
    expect(checks.map((each) => [each.name, each.ok, each.detail])).toEqual([
      ['token', true, expect.any(String)],
      ['repositories', false, 'nobody/*: no repository of nobody is visible to this token'],
      ['repository acme/gone', false, expect.stringContaining('not visible to this token')],
      ['repository acme/till', false, expect.stringContaining('lacks the permission Deployments: read')],
      ['repository acme/shop', false, '/actions/workflows/ship.yml does not exist or needs Actions: read'],
    ])
  })

  it('does not mind a server without limits, or one that is not there', async () => {
    fake.intercept = (request) =>
      request.path === '/rate_limit'
        ? { status: 404, body: { message: 'Rate limiting is not enabled.' } }
        : undefined
    expect((await sourceOf(fake.url).check(handIo().io))[0]).toMatchObject({ name: 'token', ok: true })
    await fake.close()
    expect((await sourceOf(fake.url).check(handIo().io))[0]).toMatchObject({ name: 'token', ok: false })
  })
})

describe('where GitHub is', () => {
  it('may be an enterprise server, whose GraphQL is beside its REST', async () => {
    pull(repositoryOf(world), 7, start - day)
    const store = emptyStore()
    await refresh(store, handIo(), `${fake.url}/api/v3/`)
    expect(facts(store, 'change')).toHaveLength(1)
    const paths = new Set(fake.requests.map((each) => (each.operation ? each.path : each.path.slice(0, 14))))
    expect(paths).toEqual(new Set(['/api/v3/repos/', '/api/graphql']))
  })
})

describe('an app', () => {
  it('asks for a token of its installation once, and uses it', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const minted = { token: 'ghs_12_installation', expires_at: '2099-01-01T00:00:00Z', permissions: {} }
    fake.intercept = (request) =>
      request.path === '/app/installations/5/access_tokens' ? { status: 201, body: minted } : undefined
    const app = { appId: 12, privateKey: pem, installationId: 5 }
    const source = github.make(
      'github',
      github.schema.parse({ app, baseUrl: fake.url, repositories: ['acme/shop'] }),
    )
    const store = emptyStore()
    for await (const page of source.extract(sinceOf(store, start - 9 * day), handIo().io)) keep(store, page)
    expect(facts(store, 'deployment')).toHaveLength(1)
    const [mint, ...others] = fake.requests
    expect(mint?.headers['authorization']).toMatch(/^bearer ey/)
    expect(new Set(others.map((each) => each.headers['authorization']))).toEqual(
      new Set(['token ghs_12_installation']),
    )
  })
})

describe('the settings', () => {
  const problems = (settings: object) =>
    github.schema
      .safeParse({ token, repositories: ['acme/shop'], ...settings })
      .error?.issues.map((each) => each.message)

  it('have defaults for everything but the token and the repositories', () => {
    expect(github.schema.parse({ token, repositories: ['acme/shop'] })).toEqual({
      token,
      baseUrl: 'https://api.github.com',
      repositories: [
        { name: 'acme/shop', deployments: 'deployments', environment: 'production', prereleases: false },
      ],
      runs: true,
      overlap: 2,
      sweepDays: 30,
      deploymentDays: 7,
      historyDays: 90,
      comparisons: 200,
      commitFiles: 1000,
      maxWait: 10,
      timeout: 30,
    })
  })

  it('say what is wrong', () => {
    expect(problems({})).toBeUndefined()
    expect(problems({ token: undefined })).toEqual(['either token or app is needed, not both'])
    expect(problems({ repositories: ['shop'] })).toHaveLength(1)
    expect(problems({ repositories: [] })).toHaveLength(1)
    expect(problems({ repositories: [{ name: 'acme/shop', deployments: 'workflow' }] })).toEqual([
      'deployments: workflow needs the workflow, such as deploy.yml',
    ])
    expect(problems({ baseUrl: 'ftp://example.invalid' })).toHaveLength(1)
    expect(problems({ sweepdays: 3 })).toHaveLength(1)
  })
})
