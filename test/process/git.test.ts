import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createShelf } from '../extractors/contract.ts'
import { refresh, told } from './git-told.ts'
import { createScratch, firstHour } from './scratch-repository.ts'
import type { Scratch } from './scratch-repository.ts'

let folder = ''
let scratch: Scratch
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dorado git '))
  scratch = createScratch(join(folder, 'the shop'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const hours = (count: number) => firstHour + count * 3_600_000

describe('commits', () => {
  test('are told with what git knows of them', async () => {
    const root = scratch.commit('First\nline of two\n\nBody.', { author: 'dev-2' })
    const odd = scratch.commit('Übergröße', {
      authoredAt: '2026-03-01T10:00:00 -0930',
      at: '2026-03-02T23:30:00 +1345',
    })
    const { commits } = await told(scratch.path)
    expect(commits).toEqual([
      {
        kind: 'commit',
        source: 'git',
        id: `the-shop@${odd}`,
        repository: 'the-shop',
        sha: odd,
        parents: [root],
        author: 'dev-1',
        isBot: false,
        message: 'Übergröße',
        authoredAt: Date.parse('2026-03-01T10:00:00-09:30'),
        committedAt: Date.parse('2026-03-02T23:30:00+13:45'),
      },
      {
        kind: 'commit',
        source: 'git',
        id: `the-shop@${root}`,
        repository: 'the-shop',
        sha: root,
        parents: [],
        author: 'dev-2',
        isBot: false,
        message: 'First line of two',
        authoredAt: hours(1),
        committedAt: hours(1),
      },
    ])
  })

  test('come from the branch and from deployed tags, and from nowhere else', async () => {
    const a = scratch.commit('a')
    scratch.git('checkout', '-q', '-b', 'release-1')
    const b = scratch.commit('b')
    scratch.tag('v1.0.0')
    scratch.git('checkout', '-q', '-b', 'other', 'main')
    scratch.commit('c')
    scratch.tag('v1.1.0-rc1')
    scratch.git('checkout', '-q', 'main')
    const { commits } = await told(scratch.path)
    expect(commits.map(({ sha }) => sha).sort()).toEqual([a, b].sort())
  })

  test.each([
    ['dependabot[bot]', true],
    ['renovate', true],
    ['Renovate Bot', true],
    ['gitlab-bot', true],
    ['github-actions', true],
    ['Talbot', false],
    ['botany-dev', false],
  ])('by %s: bot is %s', async (author, isBot) => {
    scratch.commit('a', { author })
    expect((await told(scratch.path)).commits[0]?.isBot).toBe(isBot)
  })

  test('have their paths where asked, merges those against their first parent', async () => {
    const root = scratch.commit('a', { file: 'a.txt' })
    scratch.git('checkout', '-q', '-b', 'cart')
    const odd = scratch.commit('b', { file: 'line\nbreak "ü".txt' })
    scratch.git('checkout', '-q', 'main')
    const moved = scratch.git('mv', 'a.txt', 'b.txt') + scratch.commit('c', { file: 'c.txt' })
    const merge = scratch.merge('cart', "Merge branch 'cart'")
    scratch.git('commit', '-q', '--allow-empty', '-m', 'empty')
    const { commits } = await told(scratch.path, { paths: true })
    const paths = new Map(commits.map((commit) => [commit.sha, commit.paths]))
    expect(paths.get(root)).toEqual(['a.txt'])
    expect(paths.get(odd)).toEqual(['line\nbreak "ü".txt'])
    expect(paths.get(moved)).toEqual(['a.txt', 'b.txt', 'c.txt'])
    expect(paths.get(merge)).toEqual(['line\nbreak "ü".txt'])
    expect(paths.get(scratch.sha('main'))).toEqual([])
    expect((await told(scratch.path)).commits.every((commit) => commit.paths === undefined)).toBe(true)
  })
})

describe('deployments', () => {
  test('are release tags: annotated at their own time, others at that of the commit', async () => {
    const a = scratch.commit('a')
    scratch.tag('v1.0.0')
    scratch.tag('v1.0.1', '2026-03-09T10:00:00 +0200')
    scratch.tag('v2.0.0-rc1')
    scratch.git('tag', '-a', '-m', 'again', 'v1.0.2', 'v1.0.1')
    const { deployments } = await told(scratch.path, { name: 'acme/shop' })
    const one = {
      kind: 'deployment',
      source: 'git',
      service: 'shop',
      environment: 'production',
      outcome: 'success',
      repository: 'acme/shop',
      sha: a,
    }
    expect(deployments.slice(0, 2)).toEqual([
      { ...one, id: 'acme/shop#v1.0.0', ref: 'v1.0.0', version: 'v1.0.0', finishedAt: hours(1) },
      {
        ...one,
        id: 'acme/shop#v1.0.1',
        ref: 'v1.0.1',
        version: 'v1.0.1',
        finishedAt: Date.parse('2026-03-09T08:00:00Z'),
      },
    ])
    expect(deployments[2]).toMatchObject({ id: 'acme/shop#v1.0.2', sha: a })
    expect(deployments).toHaveLength(3)
  })

  test('a tag on something that is no commit is skipped, with the reason', async () => {
    scratch.commit('a')
    scratch.git('tag', 'v1.0.0', 'HEAD^{tree}')
    const { deployments, skipped } = await told(scratch.path)
    expect(deployments).toEqual([])
    expect(skipped).toEqual([{ row: 'the-shop#v1.0.0', reason: 'the tag is on no commit' }])
  })

  test('a pattern says which tags, of which service, and which are hotfixes', async () => {
    scratch.commit('a')
    for (const tag of ['cart-1', 'pay-2', 'pay-2-hotfix', 'xcart-1', 'v1.0.0']) scratch.tag(tag)
    const options = {
      tagPattern: '(?<service>cart|pay)-\\d(-hotfix)?',
      hotfix: '.*-hotfix',
      environment: 'live',
    }
    const { deployments } = await told(scratch.path, options)
    expect(
      deployments.map(({ version, service, isRework, environment }) => [
        version,
        service,
        isRework,
        environment,
      ]),
    ).toEqual([
      ['cart-1', 'cart', undefined, 'live'],
      ['pay-2', 'pay', undefined, 'live'],
      ['pay-2-hotfix', 'pay', true, 'live'],
    ])
  })

  test('are first-parent commits where the settings say so, or none', async () => {
    const a = scratch.commit('a')
    scratch.tag('v1.0.0')
    scratch.git('checkout', '-q', '-b', 'cart')
    scratch.commit('b')
    scratch.git('checkout', '-q', 'main')
    const merge = scratch.merge('cart', 'Merge pull request #1 from acme/cart')
    const { deployments } = await told(scratch.path, { deployments: 'merges' })
    expect(deployments.map(({ id, ref, finishedAt }) => [id, ref, finishedAt])).toEqual([
      [`the-shop#${merge}`, 'main', hours(3)],
      [`the-shop#${a}`, 'main', hours(1)],
    ])
    expect((await told(scratch.path, { deployments: 'none' })).deployments).toEqual([])
  })

  test('leave the service to the configuration unless it is named', async () => {
    scratch.commit('a')
    scratch.tag('v1.0.0')
    const shelf = createShelf()
    await refresh(scratch.path, shelf)
    const [deployment] = [...shelf.facts.values()].filter((fact) => fact.kind === 'deployment')
    expect(deployment).toMatchObject({ source: 'clones', repository: 'the-shop' })
    expect(deployment).not.toHaveProperty('service')
  })
})
