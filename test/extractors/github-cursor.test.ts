import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeGithub } from '../fixtures/github/fake.ts'
import type { Fake } from '../fixtures/github/fake.ts'
import { emptyStore, facts, handIo, keep, refresh, sinceOf, sourceOf } from '../fixtures/github/store.ts'
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
import type { World } from '../fixtures/github/world.ts'

let world: World
let fake: Fake
let hand: Hand

beforeEach(async () => {
  world = worldOf('acme/shop', 'acme/till')
  fake = await fakeGithub(world)
  hand = handIo()
})

afterEach(() => fake.close())

const settings = { repositories: ['acme/shop', 'acme/till'] }
const sorted = (store: Store) =>
  [...store.facts.values()].sort((a, b) => (a.kind + a.id).localeCompare(b.kind + b.id))

/** Stores the first pages of a refresh and dies. Returns whether there were more. */
async function dieAfter(store: Store, pages: number): Promise<boolean> {
  let kept = 0
  const source = sourceOf(fake.url, settings)
  for await (const page of source.extract(sinceOf(store, start - 30 * day), hand.io)) {
    if (kept === pages) return true
    keep(store, page)
    kept += 1
  }
  return false
}

describe('the cursor', () => {
  it('loses nothing wherever a refresh dies', async () => {
    const shop = repositoryOf(world)
    for (let at = 1; at <= 120; at += 1) {
      commit(shop, `c${at}`, start - 20 * day + at * hour)
      deploy(shop, at, `c${at}`, start - 20 * day + at * hour)
      pull(shop, at, start - 20 * day + at * hour)
      run(shop, at, start - 20 * day + at * hour)
    }
    commit(shop, 'h1', start - 2 * day, { off: true, parents: ['c100'] })
    deploy(shop, 500, 'h1', start - day)
    deploy(shop, 501, 'h1', start - day, ['QUEUED'])
    run(shop, 501, start - day, { status: 'queued', conclusion: null })
    const whole = emptyStore()
    await refresh(whole, hand, fake.url, settings)
    expect(whole.facts.size).toBe(120 * 4 + 4)
    let more = true
    let deaths = 0
    for (let pages = 0; more; pages += 1) {
      const store = emptyStore()
      more = await dieAfter(store, pages)
      deaths += more ? 1 : 0
      await refresh(store, hand, fake.url, settings)
      expect(sorted(store)).toEqual(sorted(whole))
    }
    expect(deaths).toBeGreaterThan(12)
  })

  it('comes to the same when a later refresh dies', async () => {
    const shop = repositoryOf(world)
    commit(shop, 'c1', start - 5 * day)
    const rollout = deploy(shop, 1, 'c1', start - 4 * day, ['IN_PROGRESS'])
    const first = emptyStore()
    await refresh(first, hand, fake.url, settings)
    hand.now += 5 * hour
    rollout.statuses.push({ state: 'SUCCESS', at: start + hour })
    commit(shop, 'c2', start + 2 * hour)
    commit(shop, 'h1', start + 2 * hour, { off: true, parents: ['c1'] })
    deploy(shop, 2, 'h1', start + 3 * hour)
    pull(shop, 3, start + 2 * hour)
    const whole = structuredClone(first)
    await refresh(whole, hand, fake.url, settings)
    let more = true
    for (let pages = 0; more; pages += 1) {
      const store = structuredClone(first)
      more = await dieAfter(store, pages)
      await refresh(store, hand, fake.url, settings)
      expect(sorted(store)).toEqual(sorted(whole))
    }
  })

  it('starts anew when it cannot be read', async () => {
    deploy(repositoryOf(world), 1, 'c1', start - day)
    for (const cursor of ['', 'nonsense', '{"version":99}', '[]']) {
      const store = { ...emptyStore(), cursor }
      await refresh(store, hand, fake.url, settings)
      expect(facts(store, 'deployment')).toHaveLength(1)
    }
  })
})

describe('the daily sweep', () => {
  let store: Store

  const production = () =>
    facts(store, 'deployment')
      .filter((each) => each.environment === 'production')
      .map((each) => each.id)
      .sort()

  beforeEach(async () => {
    const shop = repositoryOf(world)
    commit(shop, 'c1', start - 50 * day)
    deploy(shop, 1, 'c1', start - 45 * day, ['IN_PROGRESS', 'SUCCESS'])
    // Finished within the swept days, but created long before them.
    const slow = deploy(shop, 2, 'c1', start - 44 * day, ['IN_PROGRESS'])
    slow.statuses.push({ state: 'SUCCESS', at: start - 2 * day })
    // They fill the page on which the sweep stops, so that it never sees the slow one.
    for (let at = 100; at < 200; at += 1)
      deploy(shop, at, 'c1', start - 40 * day + at, ['SUCCESS'], 'staging')
    deploy(shop, 3, 'c1', start - 3 * day)
    deploy(shop, 4, 'c1', start - 2 * day)
    run(shop, 10, start - 4 * day)
    run(shop, 11, start - 3 * day)
    pull(shop, 7, start - 3 * day)
    store = emptyStore()
    await refresh(store, hand, fake.url, settings, start - 60 * day)
  })

  it('removes what GitHub no longer has, and only that', async () => {
    const shop = repositoryOf(world)
    shop.deployments = shop.deployments.filter((each) => each.id !== 3)
    shop.runs = shop.runs.filter((each) => each['id'] !== 11)
    hand.now += 20 * hour
    await refresh(store, hand, fake.url, settings, start - 60 * day)
    expect(production()).toHaveLength(4)
    hand.now += 5 * hour
    await refresh(store, hand, fake.url, settings, start - 60 * day)
    expect(production()).toEqual(['acme/shop#1', 'acme/shop#2', 'acme/shop#4'])
    expect(facts(store, 'run').map((each) => each.id)).toEqual(['10#1'])
    expect(facts(store, 'change')).toHaveLength(1)
    fake.requests.length = 0
    hand.now += hour
    await refresh(store, hand, fake.url, settings, start - 60 * day)
    expect(fake.counted()).toEqual([])
  })

  it('finds runs that ran again', async () => {
    const shop = repositoryOf(world)
    for (let at = 100; at < 205; at += 1) run(shop, at, start - day + at * 1000)
    await refresh(store, hand, fake.url, settings, start - 60 * day)
    run(shop, 10, start - 4 * day, { run_attempt: 2, conclusion: 'failure', updated_at: iso(start + hour) })
    hand.now += 25 * hour
    await refresh(store, hand, fake.url, settings, start - 60 * day)
    expect(store.facts.get('run 10#1')).toMatchObject({ outcome: 'success' })
    expect(store.facts.get('run 10#2')).toMatchObject({ outcome: 'failure' })
  })

  it('removes nothing of a repository that the token no longer sees', async () => {
    world.repositories.delete('acme/shop')
    const before = store.facts.size
    hand.now += 25 * hour
    await expect(refresh(store, hand, fake.url, settings, start - 60 * day)).rejects.toThrow('not visible')
    expect(store.facts.size).toBe(before)
  })

  it('removes what no longer counts', async () => {
    const till = repositoryOf(world, 'acme/till')
    const release = {
      databaseId: 9,
      tagName: 'v1',
      tagCommit: { oid: 'c1' },
      isDraft: false,
      isPrerelease: false,
      createdAt: iso(start - day),
      publishedAt: iso(start - day),
    }
    const releases = { repositories: [{ name: 'acme/till', deployments: 'releases' }] }
    till.releases = [release]
    const own = emptyStore()
    await refresh(own, hand, fake.url, releases)
    expect(facts(own, 'deployment')).toHaveLength(1)
    till.releases = [{ ...release, isPrerelease: true }]
    hand.now += 25 * hour
    await refresh(own, hand, fake.url, releases)
    expect(facts(own, 'deployment')).toEqual([])
  })
})
