import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeGithub } from '../fixtures/github/fake.ts'
import type { Fake } from '../fixtures/github/fake.ts'
import { emptyStore, facts, handIo, refresh } from '../fixtures/github/store.ts'
import type { Hand, Store } from '../fixtures/github/store.ts'
import { day, deploy, hour, iso, repositoryOf, start, worldOf } from '../fixtures/github/world.ts'
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

describe('deployments that had not ended', () => {
  it('are asked for by id however old they are, a hundred at once', async () => {
    const rollouts = Array.from({ length: 3 }, (_, at) =>
      deploy(shop, at, 'c1', start - 20 * day + at, ['IN_PROGRESS']),
    )
    await refresh(store, hand, fake.url)
    forget()
    const listed = JSON.stringify(shop.deployments)
    fake.intercept = (request) =>
      request.path.includes('/deployments?') ? { status: 200, body: JSON.parse(listed) } : undefined
    rollouts[1]?.statuses.push({ state: 'SUCCESS', at: start })
    shop.deployments = shop.deployments.filter((each) => each !== rollouts[2])
    hand.now += hour
    await refresh(store, hand, fake.url)
    expect(facts(store, 'deployment').map((each) => [each.id, each.outcome])).toEqual([
      ['acme/shop#1', 'success'],
      ['acme/shop#0', 'running'],
    ])
    expect(fake.requests.filter((each) => each.operation === 'DeploymentNodes')).toHaveLength(1)
  })

  it('are found where nothing but the stored fact tells of them', async () => {
    const rollout = deploy(shop, 5, 'c1', start - day, ['IN_PROGRESS'])
    await refresh(store, hand, fake.url)
    const cursor = JSON.parse(store.cursor ?? '') as { openDeployments: object }
    store.cursor = JSON.stringify({ ...cursor, openDeployments: {} })
    rollout.statuses.push({ state: 'FAILURE', at: start })
    await refresh(store, hand, fake.url)
    expect(facts(store, 'deployment')[0]?.outcome).toBe('failure')
  })

  it('are not taken as deleted when the token no longer sees their repository', async () => {
    deploy(shop, 5, 'c1', start - day, ['IN_PROGRESS'])
    await refresh(store, hand, fake.url)
    world.repositories.delete('acme/shop')
    await expect(refresh(store, hand, fake.url)).rejects.toThrow('acme/shop: repository not visible')
    expect(facts(store, 'deployment')).toHaveLength(1)
  })
})

describe('releases as deployments', () => {
  const settings = { repositories: [{ name: 'acme/shop', deployments: 'releases', tags: 'v*' }] }
  const release = (id: number, tagName: string, more: object = {}) => ({
    databaseId: id,
    tagName,
    tagCommit: { oid: `c${id}` },
    isDraft: false,
    isPrerelease: false,
    createdAt: iso(start - 2 * day),
    publishedAt: iso(start - day),
    url: `https://github.com/acme/shop/releases/tag/${tagName}`,
    ...more,
  })

  it('counts what is published, says why the rest is not, and leaves other tags alone', async () => {
    shop.releases = [
      release(4, 'nightly'),
      release(3, 'v1.2.0-rc.1', { isPrerelease: true }),
      release(2, 'v1.1.0', { isDraft: true, publishedAt: null }),
      release(1, 'v1.0.0'),
    ]
    await refresh(store, hand, fake.url, settings)
    expect(facts(store, 'deployment')).toMatchObject([
      {
        id: 'acme/shop#1',
        version: 'v1.0.0',
        sha: 'c1',
        environment: 'production',
        outcome: 'success',
        finishedAt: start - day,
      },
    ])
    expect(store.skipped.map((each) => each.reason).slice(0, 2)).toEqual(['a prerelease', 'a draft'])
  })
})
