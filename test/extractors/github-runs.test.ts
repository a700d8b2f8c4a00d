import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeGithub } from '../fixtures/github/fake.ts'
import type { Fake } from '../fixtures/github/fake.ts'
import { emptyStore, facts, handIo, refresh } from '../fixtures/github/store.ts'
import type { Hand, Store } from '../fixtures/github/store.ts'
import { commit, day, hour, iso, repositoryOf, run, start, worldOf } from '../fixtures/github/world.ts'
import type { RepositoryWorld } from '../fixtures/github/world.ts'

let shop: RepositoryWorld
let fake: Fake
let hand: Hand
let store: Store

beforeEach(async () => {
  const world = worldOf('acme/shop')
  shop = repositoryOf(world)
  fake = await fakeGithub(world)
  hand = handIo()
  store = emptyStore()
  commit(shop, 'c1', start - 20 * day)
})

afterEach(() => fake.close())

function runs(): (string | undefined)[][] {
  return facts(store, 'run')
    .map((each) => [each.id, each.outcome])
    .sort((a, b) => `${a[0]}`.localeCompare(`${b[0]}`))
}

describe('workflow runs', () => {
  it('are all read where GitHub gives a thousand at most', async () => {
    for (let at = 1; at <= 2500; at += 1) run(shop, at, start - 20 * day + at * 60_000)
    await refresh(store, hand, fake.url)
    expect(facts(store, 'run')).toHaveLength(2500)
    const windows = fake.requests.filter((each) => each.path.includes('created='))
    expect(windows.length).toBeLessThan(60)
  })

  it('go on from the last window that was stored', async () => {
    for (let at = 1; at <= 2500; at += 1) run(shop, at, start - 20 * day + at * 60_000)
    let windows = 0
    fake.intercept = (request) => {
      if (request.path.includes('created=')) windows += 1
      return windows > 20 ? { status: 401, body: { message: 'Bad credentials' } } : undefined
    }
    await expect(refresh(store, hand, fake.url)).rejects.toThrow('unknown or expired')
    const half = facts(store, 'run').length
    fake.intercept = undefined
    fake.requests.length = 0
    await refresh(store, hand, fake.url)
    expect(half).toBeGreaterThan(500)
    expect(facts(store, 'run')).toHaveLength(2500)
    expect(fake.requests.filter((each) => each.path.includes('created=')).length).toBeLessThan(30)
  })

  it('keep every attempt', async () => {
    run(shop, 7, start - day, { conclusion: 'failure' })
    run(shop, 7, start - day, { run_attempt: 2, run_started_at: iso(start - hour), updated_at: iso(start) })
    await refresh(store, hand, fake.url)
    expect(runs()).toEqual([
      ['7#1', 'failure'],
      ['7#2', 'success'],
    ])
  })

  it('are asked for by id until they end, for nothing while they do not', async () => {
    run(shop, 7, start - 3 * day, { status: 'in_progress', conclusion: null })
    run(shop, 8, start - 3 * day, { status: 'queued', conclusion: null })
    await refresh(store, hand, fake.url)
    const listed = { total_count: 0, workflow_runs: [] }
    fake.intercept = (request) =>
      request.path.includes('/runs?') ? { status: 200, body: listed } : undefined
    await refresh(store, hand, fake.url)
    fake.requests.length = 0
    await refresh(store, hand, fake.url)
    expect(fake.counted()).toEqual([])
    run(shop, 7, start - 3 * day, { conclusion: 'cancelled' })
    shop.runs = shop.runs.filter((each) => each['id'] !== 8)
    await refresh(store, hand, fake.url)
    expect(runs()).toEqual([['7#1', 'cancelled']])
  })

  it('are left out if nobody wants them', async () => {
    run(shop, 7, start - day)
    await refresh(store, hand, fake.url, { runs: false })
    expect(facts(store, 'run')).toEqual([])
    expect(fake.requests.some((each) => each.path.includes('/actions/'))).toBe(false)
  })

  it('fail the source with a remedy where Actions is off', async () => {
    fake.intercept = (request) =>
      request.path.includes('/actions/') ? { status: 404, body: { message: 'Not Found' } } : undefined
    await expect(refresh(store, hand, fake.url)).rejects.toThrow(
      'acme/shop: no workflow runs: Actions is off here',
    )
  })
})

describe('a workflow whose runs are deployments', () => {
  const deployed = { path: '.github/workflows/deploy.yml', name: 'Deploy' }
  const settings = {
    repositories: [
      { name: 'acme/shop', deployments: 'workflow', workflow: 'deploy.yml', environment: 'live' },
    ],
  }

  it('counts runs of its file on the default branch, ended when the jobs were', async () => {
    run(shop, 1, start - 5 * day)
    run(shop, 2, start - 4 * day, { ...deployed, jobs_at: iso(start - 4 * day + 90_000) })
    run(shop, 3, start - 3 * day, { ...deployed, head_branch: 'topic' })
    run(shop, 4, start - 3 * day, { ...deployed, event: 'pull_request' })
    await refresh(store, hand, fake.url, settings)
    expect(facts(store, 'deployment')).toEqual([
      {
        kind: 'deployment',
        source: 'github',
        id: 'acme/shop#2',
        environment: 'live',
        repository: 'acme/shop',
        workflow: 'deploy.yml',
        sha: 'c1',
        ref: 'main',
        startedAt: start - 4 * day,
        finishedAt: start - 4 * day + 90_000,
        outcome: 'success',
        url: 'https://github.com/acme/shop/actions/runs/2',
      },
    ])
    expect(facts(store, 'run')).toHaveLength(4)
  })

  it('is one deployment however many attempts: the last that succeeded or failed', async () => {
    run(shop, 2, start - 4 * day, { ...deployed, conclusion: 'failure' })
    run(shop, 2, start - 4 * day, { ...deployed, run_attempt: 2, updated_at: iso(start - 2 * day) })
    run(shop, 2, start - 4 * day, {
      ...deployed,
      run_attempt: 3,
      conclusion: 'cancelled',
      updated_at: iso(start),
    })
    await refresh(store, hand, fake.url, { ...settings, runs: false })
    expect(facts(store, 'deployment')).toMatchObject([
      { id: 'acme/shop#2', outcome: 'success', finishedAt: start - 2 * day },
    ])
    expect(facts(store, 'run')).toEqual([])
  })

  it('stays what it was while it runs again, and becomes what that gives', async () => {
    run(shop, 2, start - day, { ...deployed, conclusion: 'failure' })
    await refresh(store, hand, fake.url, settings)
    run(shop, 2, start - day, {
      ...deployed,
      run_attempt: 2,
      status: 'in_progress',
      conclusion: null,
      updated_at: iso(start),
    })
    hand.now += hour
    await refresh(store, hand, fake.url, settings)
    expect(facts(store, 'deployment')).toMatchObject([{ outcome: 'failure' }])
    run(shop, 2, start - day, { ...deployed, run_attempt: 2, updated_at: iso(start + hour) })
    hand.now += hour
    await refresh(store, hand, fake.url, settings)
    expect(facts(store, 'deployment')).toMatchObject([{ outcome: 'success', finishedAt: start + hour }])
    expect(runs()).toEqual([
      ['2#1', 'failure'],
      ['2#2', 'success'],
    ])
  })

  it('takes the branches and tags that are given', async () => {
    run(shop, 1, start - 3 * day, { ...deployed, head_branch: 'main' })
    run(shop, 2, start - 2 * day, { ...deployed, head_branch: 'release/1.2' })
    run(shop, 3, start - day, { ...deployed, head_branch: 'v1.2.0' })
    const [repository] = settings.repositories
    await refresh(store, hand, fake.url, {
      repositories: [{ ...repository, branches: ['release/*'], tags: 'v*' }],
    })
    expect(
      facts(store, 'deployment')
        .map((each) => each.id)
        .sort(),
    ).toEqual(['acme/shop#2', 'acme/shop#3'])
  })
})
