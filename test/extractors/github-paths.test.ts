import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as queries from '../../extractors/github/queries.ts'
import { fakeGithub } from '../fixtures/github/fake.ts'
import type { Fake } from '../fixtures/github/fake.ts'
import { emptyStore, facts, handIo, keep, sinceOf, sourceOf } from '../fixtures/github/store.ts'
import type { Hand, Store } from '../fixtures/github/store.ts'
import {
  commit,
  day,
  deploy,
  hour,
  iso,
  pull,
  repositoryOf,
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
  world = worldOf('acme/shop', 'acme/till')
  shop = repositoryOf(world)
  fake = await fakeGithub(world)
  hand = handIo()
  store = emptyStore()
})

afterEach(() => fake.close())

const both = { repositories: ['acme/shop', 'acme/till'] }

/** A refresh where some repositories' paths are wanted; dies after so many pages, and says whether there were more. */
async function refresh(
  settings: object = {},
  { wanted = ['acme/shop'], into = store, pages = Number.POSITIVE_INFINITY } = {},
): Promise<boolean> {
  const since = {
    ...sinceOf(into, start - 30 * day),
    wantsPaths: (repository: string) => wanted.includes(repository),
  }
  let kept = 0
  for await (const page of sourceOf(fake.url, settings).extract(since, hand.io)) {
    if (kept === pages) return true
    keep(into, page)
    kept += 1
  }
  return false
}

/** The paths of each stored commit by its sha. */
function paths(of: Store = store): Record<string, string[] | undefined> {
  return Object.fromEntries(facts(of, 'commit').map((each) => [each.sha, each.paths]))
}

/** The commits whose files were asked for one by one, in order. */
function asked(): string[] {
  return fake.requests.flatMap(({ path }) => /\/commits\/(\w+)(?:$|\?)/.exec(path)?.[1] ?? [])
}

const file = (filename: string) => ({ filename, status: 'modified' })
const files = (...names: string[]) => ({ files: names.map(file) })

/** The files of a pull request as GraphQL tells them. */
const pullFiles = (names: string[], more: { hasNextPage?: boolean; changeType?: string } = {}) => {
  const { hasNextPage = false, changeType = 'MODIFIED' } = more
  return { files: { pageInfo: { hasNextPage }, nodes: names.map((path) => ({ path, changeType })) } }
}

const own = (...dates: number[]) => ({
  commits: {
    pageInfo: { hasNextPage: false, endCursor: null },
    nodes: dates.map((at, index) => ({ commit: { oid: `own-${index}`, authoredDate: iso(at) } })),
  },
})

describe('where no service has paths', () => {
  it('no files are asked for', async () => {
    commit(shop, 'c1', start - 3 * day, files('a.ts'))
    commit(shop, 'c2', start - 2 * day, { pull: 7 })
    pull(shop, 7, start - 2 * day, { mergeCommit: { oid: 'c2' }, ...pullFiles(['b.ts']) })
    await refresh({}, { wanted: ['acme/till'] })
    expect(paths()).toEqual({ c1: undefined, c2: undefined })
    expect(asked()).toEqual([])
    expect(queries.pullRequests).not.toContain('files(')
    expect(queries.pullRequestsWithFiles).toContain('files(first: 100)')
  })
})

describe('the paths of a commit', () => {
  it('are those of the pull request that was squashed or merged into it, without a request', async () => {
    commit(shop, 'c1', start - 5 * day, files('a.ts'))
    commit(shop, 'c2', start - 4 * day, { pull: 7, ...files('not/asked') })
    commit(shop, 'b1', start - 4 * day, { off: true, parents: ['c2'], pull: 8, ...files('web/b.ts') })
    commit(shop, 'm1', start - 3 * day, { parents: ['c2', 'b1'], pull: 8 })
    pull(shop, 7, start - 4 * day, {
      mergeCommit: { oid: 'c2' },
      ...pullFiles(['api/x.ts', 'api/y.ts']),
      ...own(start - 6 * day, start - 5 * day),
    })
    pull(shop, 8, start - 3 * day, { mergeCommit: { oid: 'm1' }, ...pullFiles(['web/b.ts']) })
    await refresh()
    expect(paths()).toEqual({
      c1: ['a.ts'],
      c2: ['api/x.ts', 'api/y.ts'],
      b1: ['web/b.ts'],
      m1: ['web/b.ts'],
    })
    expect(asked().sort()).toEqual(['b1', 'c1'])
    expect(facts(store, 'commit').find((each) => each.sha === 'b1')).toMatchObject({
      change: 'acme/shop!8',
      parents: ['c2'],
      author: 'dev-1',
    })
  })

  it('are asked for where the pull request was rebased, renames a file or has more than a hundred', async () => {
    commit(shop, 'c1', start - 5 * day, files('one'))
    commit(shop, 'c2', start - 4 * day, files('two'))
    commit(shop, 'c3', start - 3 * day, {
      files: [{ filename: 'new', previous_filename: 'old', status: 'renamed' }],
    })
    commit(shop, 'c4', start - 2 * day, files('four'))
    pull(shop, 7, start - 4 * day, {
      mergeCommit: { oid: 'c2' },
      ...pullFiles(['one', 'two']),
      ...own(start - 5 * day, start - 4 * day),
    })
    pull(shop, 8, start - 3 * day, {
      mergeCommit: { oid: 'c3' },
      ...pullFiles(['new'], { changeType: 'RENAMED' }),
    })
    pull(shop, 9, start - 2 * day, {
      mergeCommit: { oid: 'c4' },
      ...pullFiles(['first'], { hasNextPage: true }),
    })
    await refresh()
    expect(paths()).toEqual({ c1: ['one'], c2: ['two'], c3: ['new', 'old'], c4: ['four'] })
  })

  it('come in pages, and no further than GitHub tells them', async () => {
    const names = (count: number) => Array.from({ length: count }, (_, at) => `f${at}`)
    commit(shop, 'c1', start - 2 * day, files(...names(700)))
    commit(shop, 'c2', start - day, files(...names(3_300)))
    await refresh()
    expect(paths()['c1']).toEqual(names(700))
    expect(paths()['c2']).toEqual(names(3_000))
    expect(asked()).toEqual([...Array.from({ length: 10 }, () => 'c2'), 'c1', 'c1', 'c1'])
    expect(store.skipped).toEqual([
      { row: 'acme/shop@c2', reason: 'only the first 3000 files that it touches are known' },
    ])
  })
})

describe('a later refresh', () => {
  it('makes no request that counts when nothing is new', async () => {
    commit(shop, 'c1', start - 2 * day, files('a.ts'))
    deploy(shop, 1, 'c1', start - day)
    pull(shop, 7, start - 2 * day, pullFiles(['a.ts']))
    await refresh()
    fake.requests.length = 0
    hand.now += hour
    await refresh()
    expect(fake.counted()).toEqual([])
  })

  it('asks for the files of what is new, and of nothing else', async () => {
    commit(shop, 'c1', start - 2 * day, files('a.ts'))
    await refresh()
    commit(shop, 'c2', start + hour, files('b.ts'))
    fake.requests.length = 0
    hand.now += 2 * hour
    await refresh()
    expect(asked()).toEqual(['c2'])
    expect(paths()).toEqual({ c1: ['a.ts'], c2: ['b.ts'] })
  })

  it('does not ask again when history is read again', async () => {
    for (let at = 1; at <= 5; at += 1) commit(shop, `c${at}`, start - 9 * day + at * hour, files(`f${at}`))
    await refresh({ commitFiles: 3 })
    // A force-push took the known head away.
    shop.commits.delete('c5')
    shop.head = 'c4'
    commit(shop, 'c6', start + hour, files('f6'))
    hand.now += 2 * hour
    fake.requests.length = 0
    await refresh()
    expect(asked()).toEqual(['c6', 'c2', 'c1'])
    expect(paths()).toEqual({ c1: ['f1'], c2: ['f2'], c3: ['f3'], c4: ['f4'], c5: ['f5'], c6: ['f6'] })
  })

  it('goes on where the bound ended the one before, the newest first', async () => {
    for (let at = 1; at <= 5; at += 1) commit(shop, `c${at}`, start - 9 * day + at * hour, files(`f${at}`))
    await refresh({ commitFiles: 2 })
    expect(asked()).toEqual(['c5', 'c4'])
    expect(paths()).toEqual({ c1: undefined, c2: undefined, c3: undefined, c4: ['f4'], c5: ['f5'] })
    expect(store.skipped).toEqual([
      {
        row: 'acme/shop commits',
        reason: 'the files of 3 commits are not known yet (commitFiles: 2)',
      },
    ])
    commit(shop, 'c6', start + hour, files('f6'))
    hand.now += 2 * hour
    await refresh({ commitFiles: 2 })
    expect(asked().slice(2)).toEqual(['c6', 'c3'])
    await refresh({ commitFiles: 2 })
    expect(paths()).toEqual({ c1: ['f1'], c2: ['f2'], c3: ['f3'], c4: ['f4'], c5: ['f5'], c6: ['f6'] })
    fake.requests.length = 0
    await refresh({ commitFiles: 2 })
    expect(fake.counted()).toEqual([])
    expect(JSON.parse(store.cursor!)).not.toHaveProperty(['repositories', 'acme/shop', 'pathless'])
  })

  it('shares the bound among repositories, and what one leaves goes to the next', async () => {
    const till = repositoryOf(world, 'acme/till')
    for (let at = 1; at <= 9; at += 1) commit(shop, `s${at}`, start - 9 * day + at * hour, files('f'))
    for (let at = 1; at <= 9; at += 1) commit(till, `t${at}`, start - 9 * day + at * hour, files('f'))
    const wanted = ['acme/shop', 'acme/till']
    await refresh({ ...both, commitFiles: 12 }, { wanted })
    expect(asked().filter((sha) => sha.startsWith('s'))).toHaveLength(6)
    expect(asked()).toHaveLength(12)
    fake.requests.length = 0
    await refresh({ ...both, commitFiles: 12 }, { wanted })
    expect(asked()).toHaveLength(6)
  })
})

describe('when a service gets paths later', () => {
  beforeEach(async () => {
    commit(shop, 'c1', start - 9 * day, files('one'))
    commit(shop, 'c2', start - 8 * day, files('two'))
    commit(shop, 'h1', start - 7 * day, { off: true, parents: ['c1'], ...files('hotfix') })
    deploy(shop, 1, 'c1', start - 8 * day)
    deploy(shop, 2, 'h1', start - 6 * day)
    pull(shop, 7, start - 8 * day, { mergeCommit: { oid: 'c2' }, ...pullFiles(['of the pull request']) })
    await refresh({}, { wanted: [] })
  })

  it('the history is read again, with the commits of other branches', async () => {
    expect(paths()).toEqual({ c1: undefined, c2: undefined, h1: undefined })
    await refresh()
    expect(paths()).toEqual({ c1: ['one'], c2: ['of the pull request'], h1: ['hotfix'] })
    expect(asked()).toEqual(['c1', 'h1'])
    fake.requests.length = 0
    await refresh()
    expect(fake.counted()).toEqual([])
  })

  it('it is also after a time without', async () => {
    await refresh()
    await refresh({}, { wanted: [] })
    fake.requests.length = 0
    await refresh()
    expect(fake.counted()).toEqual([])
    commit(shop, 'c3', start + hour, files('three'))
    hand.now += 2 * hour
    await refresh({}, { wanted: [] })
    expect(paths()['c3']).toBeUndefined()
    await refresh()
    expect(paths()).toEqual({ c1: ['one'], c2: ['of the pull request'], h1: ['hotfix'], c3: ['three'] })
  })
})

describe('wherever a refresh dies', () => {
  it('no path is lost', async () => {
    for (let at = 1; at <= 51; at += 1) commit(shop, `c${at}`, start - 20 * day + at * hour, files(`f${at}`))
    commit(shop, 'h1', start - 2 * day, { off: true, parents: ['c40'], ...files('h1') })
    deploy(shop, 1, 'c50', start - 3 * day)
    deploy(shop, 2, 'h1', start - day)
    const first = emptyStore()
    await refresh({}, { into: first })
    commit(shop, 'c52', start + hour, files('f52'))
    commit(shop, 'h2', start + hour, { off: true, parents: ['c52'], ...files('h2') })
    deploy(shop, 3, 'h2', start + 2 * hour)
    hand.now += 3 * hour
    for (const before of [emptyStore(), first]) {
      const whole = structuredClone(before)
      await refresh({}, { into: whole })
      expect(Object.values(paths(whole)).filter((each) => each?.length === 1)).toHaveLength(54)
      let more = true
      for (let pages = 0; more; pages += 1) {
        const into = structuredClone(before)
        more = await refresh({}, { into, pages })
        await refresh({}, { into })
        expect(paths(into)).toEqual(paths(whole))
      }
    }
  })
})

describe('a commit that GitHub does not tell', () => {
  beforeEach(() => {
    for (let at = 1; at <= 4; at += 1) commit(shop, `c${at}`, start - 9 * day + at * hour, files(`f${at}`))
  })

  /** Answers to the files of these commits with that status. */
  function refuse(status: number, ...shas: string[]): void {
    fake.intercept = ({ path }) =>
      shas.some((sha) => path.endsWith(`/commits/${sha}`)) ? { status, body: { message: 'No' } } : undefined
  }

  it('is named and not asked for again', async () => {
    refuse(422, 'c3')
    await refresh()
    expect(store.skipped).toEqual([{ row: 'acme/shop@c3', reason: 'GitHub does not give its files' }])
    fake.requests.length = 0
    await refresh()
    expect(asked()).toEqual([])
    expect(paths()).toEqual({ c1: ['f1'], c2: ['f2'], c3: undefined, c4: ['f4'] })
  })

  it('holds up no other, and is asked for again by the next refresh', async () => {
    refuse(500, 'c3')
    await refresh()
    expect(paths()).toEqual({ c1: ['f1'], c2: ['f2'], c3: undefined, c4: ['f4'] })
    expect(store.skipped[0]).toEqual({
      row: 'acme/shop@c3',
      reason: 'its files are not known yet: acme/shop: GitHub failed with 500 (GitHub says: No)',
    })
    fake.intercept = undefined
    fake.requests.length = 0
    await refresh()
    expect(asked()).toEqual(['c3'])
    expect(paths()['c3']).toEqual(['f3'])
  })

  it('is no matter of that commit when three in a row fail', async () => {
    refuse(500, 'c2', 'c3', 'c4')
    await expect(refresh()).rejects.toThrow('acme/shop: GitHub failed with 500')
    expect(asked()).not.toContain('c1')
    fake.intercept = undefined
    await refresh()
    expect(paths()).toEqual({ c1: ['f1'], c2: ['f2'], c3: ['f3'], c4: ['f4'] })
  })
})

describe('a source', () => {
  it('covers its repositories and all of its owners, in capitals and small letters', () => {
    const { covers } = sourceOf('http://127.0.0.1', { repositories: ['acme/Shop', 'Other/*'] })
    const names = ['acme/shop', 'ACME/SHOP', 'other/any', 'acme/shop-2', 'acme/till', 'others/any']
    expect(names.map((name) => covers?.(name))).toEqual([true, true, true, false, false, false])
  })
})
