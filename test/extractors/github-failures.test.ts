import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RateLimited, Refused } from '../../core/errors.ts'
import type { Reply } from '../fixtures/github/answers.ts'
import { fakeGithub } from '../fixtures/github/fake.ts'
import type { Fake } from '../fixtures/github/fake.ts'
import { emptyStore, facts, handIo, refresh, token } from '../fixtures/github/store.ts'
import type { Hand, Store } from '../fixtures/github/store.ts'
import { commit, day, deploy, repositoryOf, start, worldOf } from '../fixtures/github/world.ts'
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

describe('what GitHub refuses', () => {
  it('is an unknown token, at once', async () => {
    script('/repos', ...always({ status: 401, body: { message: 'Bad credentials' } }))
    const error = await failing()
    expect(error).toBeInstanceOf(Refused)
    expect(error.message).toBe(
      'GitHub source github: token is unknown or expired (GitHub says: Bad credentials)',
    )
    expect(fake.requests).toHaveLength(1)
  })

  it('is a repository that the token does not see, told after the others were read', async () => {
    world.repositories.delete('acme/shop')
    const error = await failing()
    expect(error).toBeInstanceOf(Refused)
    expect(error.message).toBe('acme/shop: repository not visible to this token, or it does not exist')
    expect(facts(store, 'deployment').map((each) => each.id)).toEqual(['acme/till#1'])
    expect(JSON.parse(store.cursor ?? '')).toMatchObject({
      repositories: { 'acme/till': { deployments: { etag: expect.any(String) } } },
    })
  })

  it('names all that failed, and the permission that lacks', async () => {
    script(
      '/repos/acme/till/pulls',
      ...always({ status: 403, body: { message: 'Resource not accessible by personal access token' } }),
    )
    world.repositories.delete('acme/shop')
    const error = await failing()
    expect(error.message).toBe(
      'GitHub source github: 2 failed: acme/shop: repository not visible to this token, or it does not exist; ' +
        'acme/till: token lacks the permission Pull requests: read ' +
        '(GitHub says: Resource not accessible by personal access token)',
    )
    expect(facts(store, 'commit')).toHaveLength(1)
  })

  it('is told by GraphQL too', async () => {
    const errors = [
      { type: 'FORBIDDEN', path: ['repository', 'deployments'], message: 'Resource not accessible' },
    ]
    script('Deployments', ...always({ status: 200, body: { data: { repository: null }, errors } }))
    const error = await failing()
    expect(error.message).toContain('acme/shop: token lacks the permission Deployments: read')
  })

  it('is single sign-on that the token was not authorized for', async () => {
    const headers = { 'x-github-sso': 'required; url=https://github.com/orgs/acme/sso' }
    script('/repos/acme/shop', ...always({ status: 403, body: { message: 'SAML' }, headers }))
    expect((await failing()).message).toContain("authorized for the organization's single sign-on")
  })

  it('is an owner of whom nothing is visible: no empty source', async () => {
    const error = await failing({ repositories: ['nobody/*', 'acme/till'] })
    expect(error.message).toBe('nobody/*: no repository of nobody is visible to this token')
    expect(facts(store, 'deployment')).toHaveLength(1)
  })
})

describe('limits', () => {
  const secondary = { message: 'You have exceeded a secondary rate limit.' }

  it('are waited for as long as GitHub asks', async () => {
    script('/acme/shop/deployments', { status: 403, body: secondary, headers: { 'retry-after': '7' } })
    await refresh(store, hand, fake.url, settings)
    expect(hand.slept).toEqual([7000])
    expect(facts(store, 'deployment')).toHaveLength(2)
  })

  it('may be told without a word of a limit, or without a time', async () => {
    script(
      '/acme/shop/deployments',
      { status: 403, body: { message: 'Forbidden' }, headers: { 'retry-after': '3' } },
      { status: 429, body: { message: 'Too many requests' } },
    )
    await refresh(store, hand, fake.url, settings)
    expect(hand.slept).toEqual([3000, 120_000])
  })

  it('end the refresh when the wait is longer than it may be', async () => {
    const reset = String((start + 50 * 60_000) / 1000)
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }
    script('/acme/till/', ...always({ status: 403, body: { message: 'API rate limit exceeded' }, headers }))
    const error = await failing()
    expect(error).toBeInstanceOf(RateLimited)
    expect((error as RateLimited).retryAfterMs).toBe(50 * 60_000 + 1000)
    expect(hand.slept).toEqual([])
    expect(facts(store, 'deployment')).toHaveLength(1)
  })

  it('end it too when many waits add up', async () => {
    script('/acme/till/', ...always({ status: 403, body: secondary, headers: { 'retry-after': '200' } }))
    expect(await failing()).toBeInstanceOf(RateLimited)
    expect(hand.slept).toEqual([200_000, 200_000, 200_000])
  })

  it('are waited for when GraphQL tells of them with status 200', async () => {
    const errors = [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }]
    const reset = String((start + 120_000) / 1000)
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }
    script('Deployments', { status: 200, body: { errors }, headers })
    await refresh(store, hand, fake.url, settings)
    expect(hand.slept).toEqual([121_000])
    expect(facts(store, 'deployment')).toHaveLength(2)
  })
})

describe('a row that is not what it should be', () => {
  it('is skipped with its reason, and the page goes on', async () => {
    const shop = repositoryOf(world)
    const rollout = deploy(shop, 5, 'c0', start - day)
    rollout.broken = true
    await refresh(store, hand, fake.url, settings)
    expect(facts(store, 'deployment')).toHaveLength(2)
    expect(store.skipped).toEqual([
      { row: 'acme/shop broken', reason: 'databaseId is missing or no whole number' },
    ])
  })
})

describe('an abort', () => {
  it('ends the refresh with its own reason', async () => {
    const controller = new AbortController()
    hand = handIo(controller.signal)
    fake.intercept = (request) => {
      if (request.path.includes('/acme/till/')) controller.abort(new Error('stopped by the operator'))
      return undefined
    }
    expect((await failing()).message).toBe('stopped by the operator')
  })
})

describe('the token', () => {
  it('is sent, and is in no error, log or fact', async () => {
    script('/acme/till/', ...always({ status: 403, body: { message: `no rights for ${token}` } }))
    script(
      '/repos',
      { status: 502, body: {} },
      ...always({ status: 418, body: { message: `what is ${token}` } }),
    )
    const error = await failing()
    expect(fake.requests[0]?.headers['authorization']).toContain(token)
    const all = [
      error.message,
      error.stack,
      ...hand.lines,
      JSON.stringify([...store.facts.values()]),
      store.cursor,
    ]
    expect(all.join('\n')).toContain('***')
    expect(all.join('\n')).not.toContain(token)
  })
})
