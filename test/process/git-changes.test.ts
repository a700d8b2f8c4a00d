import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { told } from './git-told.ts'
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

describe('changes', () => {
  test('a merge has the commits that came in by it', async () => {
    const root = scratch.commit('a')
    scratch.git('checkout', '-q', '-b', 'cart')
    const b = scratch.commit('b', { author: 'dev-2' })
    scratch.git('checkout', '-q', 'main')
    scratch.commit('c')
    scratch.git('checkout', '-q', 'cart')
    const sync = scratch.merge('main', "Merge branch 'main' into cart")
    const d = scratch.commit('d', { author: 'renovate[bot]' })
    scratch.git('checkout', '-q', 'main')
    const merge = scratch.merge('cart', 'Merge pull request #12 from acme/cart\n\nRevert "Fix the cart"')
    const { changes } = await told(scratch.path)
    expect(changes).toEqual([
      {
        kind: 'change',
        source: 'git',
        id: 'the-shop!12',
        repository: 'the-shop',
        number: 12,
        labels: [],
        title: 'Revert "Fix the cart"',
        author: 'renovate[bot]',
        isBot: true,
        branch: 'cart',
        mergedAt: hours(6),
        headSha: d,
        mergeSha: merge,
        commits: [d, sync, b].map((sha) => ({ sha, authoredAt: hours({ [d]: 5, [sync]: 4, [b]: 2 }[sha]!) })),
      },
    ])
    expect(changes[0]?.commits.map(({ sha }) => sha)).not.toContain(root)
  })

  test('a squashed request is its own commit, and its cherry-pick to a release is no second one', async () => {
    scratch.commit('a')
    scratch.git('checkout', '-q', '-b', 'release-1')
    scratch.tag('v1.0.0')
    scratch.git('checkout', '-q', 'main')
    const squashed = scratch.commit('Fix the cart (#12)', { authoredAt: '2026-03-01T00:00:00Z' })
    scratch.git('checkout', '-q', 'release-1')
    // Earlier by the clock: it is the branch that decides.
    scratch.commit('Fix the cart (#12)', { at: '2026-03-01T12:00:00Z' })
    scratch.tag('v1.0.1')
    scratch.git('checkout', '-q', 'main')
    const { changes } = await told(scratch.path)
    expect(changes).toMatchObject([
      {
        id: 'the-shop!12',
        title: 'Fix the cart',
        mergeSha: squashed,
        commits: [{ sha: squashed, authoredAt: Date.parse('2026-03-01T00:00:00Z') }],
      },
    ])
    expect(changes[0]).not.toHaveProperty('headSha')
  })

  test('two merges with one number on one branch are two', async () => {
    scratch.commit('a')
    const merges = ['one', 'two'].map((name) => {
      scratch.git('checkout', '-q', '-b', name)
      scratch.commit(name)
      scratch.git('checkout', '-q', 'main')
      return scratch.merge(name, `Merge pull request #1 from acme/${name}`)
    })
    const { changes } = await told(scratch.path)
    expect(changes.map(({ id, mergeSha }) => [id, mergeSha])).toEqual([
      ['the-shop!1', merges[0]],
      [`the-shop!${merges[1]!.slice(0, 12)}`, merges[1]],
    ])
  })

  test('without a request a merged topic is one, a release merged back or a lasting branch is none', async () => {
    scratch.commit('a')
    const merged = (branch: string, prepare: () => void) => {
      scratch.git('checkout', '-q', '-B', branch, 'main')
      prepare()
      scratch.git('checkout', '-q', 'main')
      return scratch.merge(branch, `Merge branch '${branch}'`)
    }
    const topic = merged('topic', () => scratch.commit('b'))
    merged('release-1', () => {
      scratch.commit('c')
      scratch.tag('v1.0.0')
    })
    merged('develop', () => scratch.commit('d'))
    merged('develop', () => scratch.commit('e'))
    merged('collected', () => scratch.commit('Fix the cart (#3)'))
    const { changes } = await told(scratch.path)
    expect(changes.map(({ id, number }) => [id, number])).toEqual([
      ['the-shop!3', 3],
      [`the-shop!${topic.slice(0, 12)}`, 0],
    ])
  })
})
