import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Unavailable } from '../../core/errors.ts'
import type { Reply } from '../fixtures/github/answers.ts'
import { fakeGithub } from '../fixtures/github/fake.ts'
import type { Fake } from '../fixtures/github/fake.ts'
import { emptyStore, facts, handIo, refresh } from '../fixtures/github/store.ts'
import type { Hand, Store } from '../fixtures/github/store.ts'
import { commit, day, deploy, hour, pull, repositoryOf, start, worldOf } from '../fixtures/github/world.ts'
import type { World } from '../fixtures/github/world.ts'

let world: World
let fake: Fake
let hand: Hand
let store: Store

beforeEach(async () => {
  world = worldOf('acme/shop', 'acme/till')
  for (const [at, name] of ['acme/shop', 'acme/till'].entries()) {
    commit(repositoryOf(world, name), `c${at}`, start - 3 * day)
    deploy(repositoryOf(world, name), at, `c${at}`, start - 2 * day)
  }
  fake = await fakeGithub(world)
  hand = handIo()
  store = emptyStore()
})

afterEach(() => fake.close())

/** Answers the requests to that path or operation with these replies, one after the other, then as usual. */
function script(what: string, ...replies: Reply[]): void {
  const left = [...replies]
  fake.intercept = (request) =>
    request.path.includes(what) || request.operation === what ? left.shift() : undefined
}

const always = (reply: Reply, times = 100) => Array.from({ length: times }, () => reply)
const settings = { repositories: ['acme/shop', 'acme/till'] }
const failing = async (more: object = {}): Promise<Error> => {
  try {
    await refresh(store, hand, fake.url, { ...settings, ...more })
  } catch (error) {
    return error as Error
  }
  throw new Error('the refresh succeeded')
}

describe('a failing server', () => {
  it('is asked again', async () => {
    script(
      '/acme/shop/pulls',
      { status: 502, body: 'Bad gateway' },
      { status: 503, body: {}, headers: { 'retry-after': '5' } },
    )
    await refresh(store, hand, fake.url, settings)
    expect(hand.slept).toHaveLength(2)
    expect(hand.slept[1]).toBe(5000)
  })

  it('is given up after five tries, and the other repositories are read', async () => {
    script('/acme/shop/deployments', ...always({ status: 500, body: { message: 'Server Error' } }))
    const error = await failing()
    expect(error).toBeInstanceOf(Unavailable)
    expect(error.message).toBe('acme/shop: GitHub failed with 500 (GitHub says: Server Error)')
    expect(fake.requests.filter((each) => each.path.includes('/acme/shop/'))).toHaveLength(5)
    expect(facts(store, 'deployment')).toHaveLength(1)
  })

  it('is not asked for everything when three repositories in a row could not be reached', async () => {
    script('/repos/', ...always({ status: 500, body: {} }))
    await failing({ repositories: ['acme/a', 'acme/b', 'acme/c', 'acme/d', 'acme/e'] })
    expect(fake.requests).toHaveLength(15)
  })

  it('is told from one that is not there', async () => {
    await fake.close()
    expect((await failing()).message).toContain('acme/shop: GitHub could not be reached (')
  })

  it('gets smaller pages while a query is too much for it', async () => {
    const shop = repositoryOf(world)
    for (let at = 10; at < 70; at += 1) deploy(shop, at, 'c0', start - day + at)
    fake.intercept = (request) => {
      if (request.operation !== 'Deployments' || Number(request.variables?.['first']) <= 25) return undefined
      const errors = [{ message: 'Something took too long' }]
      return { status: 200, body: { data: { repository: null }, errors } }
    }
    await refresh(store, hand, fake.url, { repositories: ['acme/shop'] })
    expect(facts(store, 'deployment')).toHaveLength(61)
    const sizes = fake.requests.filter((each) => each.operation === 'Deployments')
    expect(sizes.map((each) => each.variables?.['first'])).toEqual([100, 50, 25, 50, 25, 50, 25])
  })

  it('is passed over where it cannot give a single row', async () => {
    for (let at = 1; at <= 3; at += 1) pull(repositoryOf(world), at, start - at * hour)
    fake.intercept = (request) => {
      const { first, after } = request.variables ?? {}
      const touched =
        request.operation === 'PullRequests' &&
        Number(after ?? 0) <= 1 &&
        Number(after ?? 0) + Number(first) > 1
      const info = { hasNextPage: true, endCursor: '2' }
      const data = { repository: { pullRequests: { pageInfo: info, nodes: [null] } } }
      return touched ? { status: 200, body: { data, errors: [{ message: 'Broken row' }] } } : undefined
    }
    await refresh(store, hand, fake.url, { repositories: ['acme/shop'] })
    expect(facts(store, 'change').map((each) => each.number)).toEqual([1, 3])
    expect(store.skipped).toEqual([
      { row: 'acme/shop pullRequests after 1', reason: 'GitHub could not give it: Broken row' },
    ])
  })
})
