import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeGithub } from '../fixtures/github/fake.ts'
import type { Fake } from '../fixtures/github/fake.ts'
import { emptyStore, facts, handIo, refresh, sourceOf, sinceOf } from '../fixtures/github/store.ts'
import type { Hand, Store } from '../fixtures/github/store.ts'
import {
  commit,
  day,
  deploy,
  hour,
  iso,
  pull,
  repositoryOf,
  run,
  start,
  worldOf,
} from '../fixtures/github/world.ts'
import type { RepositoryWorld, World } from '../fixtures/github/world.ts'

let world: World
let shop: RepositoryWorld
let fake: Fake
let hand: Hand
let store: Store

beforeEach(async () => {
  world = worldOf('acme/shop')
  shop = repositoryOf(world)
  fake = await fakeGithub(world)
  hand = handIo()
  store = emptyStore()
})

afterEach(() => fake.close())

/** Forgets the requests so far, so that the next refresh's can be counted. */
function forget(): void {
  fake.requests.length = 0
}

describe('a first refresh', () => {
  it('gives deployments, changes, commits and runs', async () => {
    commit(shop, 'c1', start - 9 * day)
    commit(shop, 'c2', start - 8 * day, { pull: 7 })
    deploy(shop, 1, 'c1', start - 8 * day)
    deploy(shop, 2, 'c2', start - 7 * day, ['IN_PROGRESS', 'FAILURE'])
    pull(shop, 7, start - 8 * day)
    run(shop, 70, start - 8 * day)
    await refresh(store, hand, fake.url)
    expect(facts(store, 'deployment')).toEqual([
      expect.objectContaining({ id: 'acme/shop#2', outcome: 'failure', sha: 'c2', source: 'github' }),
      {
        kind: 'deployment',
        source: 'github',
        id: 'acme/shop#1',
        environment: 'production',
        repository: 'acme/shop',
        sha: 'c1',
        ref: 'main',
        startedAt: start - 8 * day,
        finishedAt: start - 8 * day + 120_000,
        outcome: 'success',
        actor: 'dev-1',
      },
    ])
    expect(facts(store, 'commit').map((each) => [each.id, each.parents, each.change])).toEqual([
      ['acme/shop@c2', ['c1'], 'acme/shop!7'],
      ['acme/shop@c1', [], undefined],
    ])
    expect(facts(store, 'change').map((each) => each.id)).toEqual(['acme/shop!7'])
    expect(facts(store, 'run').map((each) => [each.id, each.workflow])).toEqual([['70#1', 'ci.yml']])
    expect(fake.requests.every((each) => each.headers['x-github-api-version'] === '2022-11-28')).toBe(true)
  })

  it('reads every page of deployments and of pull requests', async () => {
    for (let at = 1; at <= 230; at += 1) deploy(shop, at, `c${at}`, start - at * hour)
    for (let at = 1; at <= 130; at += 1) pull(shop, at, start - at * hour)
    await refresh(store, hand, fake.url, { comparisons: 0 })
    expect(facts(store, 'deployment')).toHaveLength(230)
    expect(facts(store, 'change')).toHaveLength(130)
  })

  it('stops at history that nobody needs', async () => {
    for (let at = 0; at < 500; at += 1) deploy(shop, at, 'c1', start - at * day)
    await refresh(store, hand, fake.url, { historyDays: 10 }, start - 10 * day)
    expect(facts(store, 'deployment')).toHaveLength(100)
  })

  it('reads all commits of a large pull request', async () => {
    pull(shop, 7, start - day, {
      commits: {
        pageInfo: { hasNextPage: true, endCursor: 'c100' },
        nodes: Array.from({ length: 100 }, (_, at) => ({
          commit: { oid: `own-${at}`, authoredDate: '2026-02-01T00:00:00Z' },
        })),
      },
    })
    await refresh(store, hand, fake.url)
    expect(facts(store, 'change')[0]?.commits).toHaveLength(130)
  })

  it('takes an empty repository as one without commits', async () => {
    await refresh(store, hand, fake.url)
    expect(store.facts.size).toBe(0)
  })
})

describe('a later refresh', () => {
  it('makes no request that counts when nothing is new in many repositories, but for their list', async () => {
    const names = Array.from({ length: 30 }, (_, at) => `acme/shop-${at}`)
    await fake.close()
    world = worldOf(...names)
    for (const name of names) {
      const repository = repositoryOf(world, name)
      commit(repository, `c-${name}`, start - 3 * day)
      deploy(repository, names.indexOf(name), `c-${name}`, start - 2 * day)
      pull(repository, 7, start - 3 * day)
      run(repository, names.indexOf(name), start - 3 * day)
    }
    fake = await fakeGithub(world)
    await refresh(store, hand, fake.url, { repositories: ['acme/*'] })
    expect(facts(store, 'deployment')).toHaveLength(30)
    forget()
    hand.now += hour
    await refresh(store, hand, fake.url, { repositories: ['acme/*'] })
    expect(fake.requests).toHaveLength(1 + 30 * 4)
    expect(fake.counted().map((each) => each.operation)).toEqual(['Repositories'])
    forget()
    await refresh(store, hand, fake.url, { repositories: names })
    expect(fake.counted()).toEqual([])
  })

  it('reads what is new and nothing else', async () => {
    commit(shop, 'c1', start - 9 * day)
    deploy(shop, 1, 'c1', start - 8 * day)
    pull(shop, 7, start - 8 * day)
    await refresh(store, hand, fake.url)
    forget()
    commit(shop, 'c2', start + hour, { pull: 8 })
    pull(shop, 8, start + hour)
    deploy(shop, 2, 'c2', start + hour)
    hand.now += 2 * hour
    const pages = await refresh(store, hand, fake.url)
    expect(pages.flatMap((page) => page.facts.map((fact) => fact.id)).sort()).toEqual([
      'acme/shop!7',
      'acme/shop!8',
      'acme/shop#1',
      'acme/shop#2',
      'acme/shop@c2',
    ])
    expect(fake.counted()).toHaveLength(7)
  })

  it('does not ask for pull requests when only the repository around them changed', async () => {
    pull(shop, 7, start - 8 * day)
    await refresh(store, hand, fake.url)
    forget()
    shop.pulls.push({ number: 9, updatedAt: iso(start - 7 * day), mergedAt: null })
    await refresh(store, hand, fake.url)
    expect(fake.requests.some((each) => each.operation === 'PullRequests')).toBe(false)
  })

  it('starts from the earlier of both clocks', async () => {
    const date = new Date(start - 3 * hour).toUTCString()
    fake.intercept = (request) =>
      request.path.includes('/deployments') ? { status: 200, body: [], headers: { date } } : undefined
    await refresh(store, hand, fake.url)
    expect(JSON.parse(store.cursor ?? '')).toMatchObject({
      repositories: {
        'acme/shop': { deployments: { at: start - 5 * hour }, changes: { at: start - 5 * hour } },
      },
    })
  })

  it('reads further back for a backfill, and anew with other settings', async () => {
    deploy(shop, 1, 'c1', start - 200 * day)
    deploy(shop, 2, 'c1', start - 2 * day)
    for (let at = 100; at < 205; at += 1)
      deploy(shop, at, 'c1', start - 190 * day + at * 1000, ['SUCCESS'], 'staging')
    await refresh(store, hand, fake.url, { historyDays: 10, environments: ['production'] })
    expect(facts(store, 'deployment').map((each) => each.id)).toEqual(['acme/shop#2'])
    await refresh(store, hand, fake.url, { historyDays: 10, environments: ['production'] }, start - 300 * day)
    expect(facts(store, 'deployment').map((each) => each.id)).toEqual(['acme/shop#2', 'acme/shop#1'])
    await refresh(store, hand, fake.url, { historyDays: 10 }, start - 300 * day)
    expect(facts(store, 'deployment')).toHaveLength(107)
  })
})

describe('usage', () => {
  it('counts requests and tells the budget that is left', async () => {
    fake.intercept = (request) =>
      request.path.startsWith('/repos/acme/shop/pulls')
        ? { status: 200, body: [], headers: { 'x-ratelimit-remaining': '4321' } }
        : undefined
    const source = sourceOf(fake.url)
    for await (const page of source.extract(sinceOf(store, start), hand.io)) expect(page.facts).toEqual([])
    expect(source.usage()).toEqual({ requests: fake.requests.length, rateLimitRemaining: 4321 })
  })
})
