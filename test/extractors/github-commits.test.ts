import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeGithub } from '../fixtures/github/fake.ts'
import type { Fake } from '../fixtures/github/fake.ts'
import { emptyStore, facts, handIo, refresh } from '../fixtures/github/store.ts'
import type { Hand, Store } from '../fixtures/github/store.ts'
import { commit, day, deploy, hour, repositoryOf, start, worldOf } from '../fixtures/github/world.ts'
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
})

afterEach(() => fake.close())

/**
 * Walks as the lead time does: what each success ships that none before it shipped. Gives the commits that
 * the walk needs and nobody knows; the first success is the baseline, whose unknown ancestors do not matter.
 */
function unresolved(): string[] {
  const parents = new Map(facts(store, 'commit').map((each) => [each.sha, each.parents]))
  const successes = facts(store, 'deployment').filter((each) => each.outcome === 'success')
  successes.sort((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0))
  const shipped = new Set<string>()
  const missing: string[] = []
  for (const [at, { sha = '' }] of successes.entries()) {
    const open = [sha]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (shipped.has(next)) continue
      shipped.add(next)
      const known = parents.get(next)
      if (known) open.push(...known)
      else if (at > 0) missing.push(next)
    }
  }
  return missing
}

describe('commits of the default branch', () => {
  it('are known from some time before history begins', async () => {
    for (let at = 400; at > 0; at -= 1) commit(shop, `c${at}`, start - at * day)
    deploy(shop, 1, 'c100', start - 100 * day + hour)
    deploy(shop, 2, 'c1', start - day + hour)
    await refresh(store, hand, fake.url)
    expect(facts(store, 'commit')).toHaveLength(150)
    expect(unresolved()).toEqual([])
  })

  it('are complete when a branch of long ago is merged later', async () => {
    for (let at = 150; at > 10; at -= 1) commit(shop, `c${at}`, start - at * day)
    commit(shop, 'b1', start - 140 * day, { off: true, parents: ['c148'] })
    commit(shop, 'b2', start - 40 * day, { off: true, parents: ['b1'] })
    deploy(shop, 1, 'c11', start - 9 * day)
    await refresh(store, hand, fake.url, { historyDays: 30 })
    const before = facts(store, 'commit').length
    commit(shop, 'm1', start + hour, { parents: ['c11', 'b2'] })
    deploy(shop, 2, 'm1', start + 2 * hour)
    hand.now += 3 * hour
    await refresh(store, hand, fake.url, { historyDays: 30 })
    expect(unresolved()).toEqual([])
    expect(facts(store, 'commit').length).toBeGreaterThan(before + 3)
  })

  it('are read further back in the first refresh when a branch needs it', async () => {
    for (let at = 200; at > 10; at -= 1) commit(shop, `c${at}`, start - at * day)
    commit(shop, 'b1', start - 198 * day, { off: true, parents: ['c199'] })
    commit(shop, 'b2', start - 150 * day, { off: true, parents: ['b1'] })
    deploy(shop, 1, 'c20', start - 20 * day + hour)
    commit(shop, 'm1', start - 2 * day, { parents: ['c11', 'b2'] })
    deploy(shop, 2, 'm1', start - day)
    await refresh(store, hand, fake.url, { historyDays: 10 })
    expect(unresolved()).toEqual([])
  })

  it('say so when a branch was forked longer ago than is read', async () => {
    commit(shop, 'c0', start - 1200 * day)
    for (let at = 60; at > 10; at -= 1) commit(shop, `c${at}`, start - at * day)
    commit(shop, 'b1', start - 1100 * day, { off: true, parents: ['c0'] })
    deploy(shop, 1, 'c20', start - 20 * day + hour)
    commit(shop, 'm1', start - 2 * day, { parents: ['c11', 'b1'] })
    await refresh(store, hand, fake.url, { historyDays: 10 })
    expect(store.skipped).toEqual([
      { row: 'acme/shop commits', reason: expect.stringContaining('further than history is read') },
    ])
  })

  it('are read again when a force-push took the known head away', async () => {
    commit(shop, 'c1', start - 3 * day)
    commit(shop, 'c2', start - 2 * day)
    await refresh(store, hand, fake.url)
    shop.commits.delete('c2')
    shop.head = 'c1'
    commit(shop, 'c3', start + hour)
    hand.now += 2 * hour
    await refresh(store, hand, fake.url)
    expect(facts(store, 'commit').map((each) => each.sha)).toContain('c3')
  })

  it('come in pages of a hundred also when compared', async () => {
    commit(shop, 'c0', start - 3 * day)
    await refresh(store, hand, fake.url)
    for (let at = 1; at <= 250; at += 1) commit(shop, `c${at}`, start + at * 1000)
    hand.now += hour
    await refresh(store, hand, fake.url)
    expect(facts(store, 'commit')).toHaveLength(251)
  })
})

describe('commits deployed from elsewhere', () => {
  it('are looked up where a hotfix branch was deployed', async () => {
    commit(shop, 'c1', start - 5 * day)
    commit(shop, 'c2', start - 4 * day)
    commit(shop, 'h1', start - 3 * day, { off: true, parents: ['c1'] })
    commit(shop, 'h2', start - 3 * day + hour, { off: true, parents: ['h1'] })
    deploy(shop, 1, 'c1', start - 4 * day)
    deploy(shop, 2, 'h2', start - 2 * day)
    await refresh(store, hand, fake.url)
    expect(
      facts(store, 'commit')
        .map((each) => each.sha)
        .sort(),
    ).toEqual(['c1', 'c2', 'h1', 'h2'])
    expect(unresolved()).toEqual([])
    fake.requests.length = 0
    deploy(shop, 3, 'h2', start + hour)
    hand.now += 2 * hour
    await refresh(store, hand, fake.url)
    expect(fake.requests.filter((each) => each.path.includes('/compare/'))).toEqual([])
  })

  it('connect to a fork point that is older than history', async () => {
    for (let at = 100; at > 10; at -= 1) commit(shop, `c${at}`, start - at * day)
    commit(shop, 'h1', start - 3 * day, { off: true, parents: ['c90'] })
    deploy(shop, 1, 'c20', start - 15 * day)
    deploy(shop, 2, 'h1', start - 2 * day)
    deploy(shop, 3, 'c95', start - day)
    await refresh(store, hand, fake.url, { historyDays: 1 })
    expect(unresolved()).toEqual([])
  })

  it('are named where GitHub has them no more', async () => {
    commit(shop, 'c1', start - 5 * day)
    deploy(shop, 1, 'gone', start - 4 * day)
    await refresh(store, hand, fake.url)
    expect(store.skipped).toEqual([
      { row: 'acme/shop@gone', reason: 'deployed, but GitHub has no such commit' },
    ])
    expect(facts(store, 'deployment')).toHaveLength(1)
  })

  it('are looked up for production first, and not without end', async () => {
    commit(shop, 'c1', start - 9 * day)
    for (let at = 1; at <= 9; at += 1) {
      commit(shop, `p${at}`, start - 8 * day, { off: true, parents: ['c1'] })
      deploy(
        shop,
        at,
        `p${at}`,
        start - 5 * day + at * hour,
        ['SUCCESS'],
        at === 2 ? 'production' : `pr-${at}`,
      )
    }
    await refresh(store, hand, fake.url, { comparisons: 2 })
    expect(
      facts(store, 'commit')
        .map((each) => each.sha)
        .sort(),
    ).toEqual(['c1', 'p2', 'p9'])
    expect(store.skipped.map((each) => each.reason)).toEqual([
      '7 deployed commits were not looked up (comparisons: 2)',
    ])
  })

  it('are not forgotten when the refresh ends before they were looked up', async () => {
    commit(shop, 'c1', start - 5 * day)
    commit(shop, 'h1', start - 3 * day, { off: true, parents: ['c1'] })
    deploy(shop, 1, 'h1', start - 2 * day)
    fake.intercept = (request) =>
      request.path.includes('/compare/') ? { status: 403, body: { message: 'Forbidden' } } : undefined
    await expect(refresh(store, hand, fake.url)).rejects.toThrow(
      'acme/shop: token lacks the permission Contents',
    )
    fake.intercept = undefined
    await refresh(store, hand, fake.url)
    expect(
      facts(store, 'commit')
        .map((each) => each.sha)
        .sort(),
    ).toEqual(['c1', 'h1'])
  })
})
