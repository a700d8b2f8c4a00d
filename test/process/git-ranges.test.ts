import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHistory } from '../../extractors/git/history.ts'
import { createRanges } from '../../extractors/git/ranges.ts'
import { told } from './git-told.ts'
import { createScratch } from './scratch-repository.ts'
import type { Scratch } from './scratch-repository.ts'

let folder = ''
let scratch: Scratch
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dorado-git-'))
  scratch = createScratch(join(folder, 'shop'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** Every range between two tags, here and as git answers it. */
async function compare(): Promise<number> {
  const { commits, deployments } = await told(scratch.path)
  const history = createHistory()
  for (const commit of commits) history.add({ ...commit, author: '' })
  const between = createRanges(history)
  for (const { sha: base } of deployments) {
    for (const { sha: tip } of deployments) {
      const found = between([history.indexOf(tip!)!], [history.indexOf(base!)!])
      const answer = scratch.git('rev-list', `${base}..${tip}`).split('\n').filter(Boolean)
      expect(found?.map((index) => history.shas[index]).sort()).toEqual(answer.sort())
    }
  }
  return deployments.length
}

test('ranges equal those of git rev-list over merges and parallel release branches', async () => {
  scratch.commit('a')
  scratch.tag('v1.0.0')
  scratch.git('checkout', '-q', '-b', 'release-1')
  scratch.commit('a fix')
  scratch.tag('v1.0.1')
  scratch.git('checkout', '-q', 'main')
  scratch.git('checkout', '-q', '-b', 'one')
  scratch.commit('b')
  scratch.git('checkout', '-q', '-b', 'two', 'main')
  scratch.commit('c')
  scratch.merge('one', "Merge branch 'one' into two")
  scratch.git('checkout', '-q', 'main')
  scratch.commit('d')
  scratch.merge('two', 'Merge pull request #1 from acme/two')
  scratch.tag('v1.1.0')
  // Two merges across each other have two merge bases.
  scratch.git('checkout', '-q', '-b', 'cross', 'main~1')
  scratch.merge('one', "Merge branch 'one' into cross")
  scratch.git('checkout', '-q', 'release-1')
  scratch.merge('cross', "Merge branch 'cross' into release-1")
  scratch.tag('v1.0.2')
  scratch.git('checkout', '-q', 'main')
  scratch.merge('release-1', "Merge branch 'release-1'")
  // Clocks that were a month ahead and two years behind.
  scratch.commit('e', { at: '2026-04-01T00:00:00Z' })
  scratch.tag('v1.2.0')
  scratch.commit('f', { at: '2024-04-01T00:00:00Z' })
  scratch.git('checkout', '-q', '-b', 'late', 'v1.1.0')
  scratch.commit('g', { at: '2024-03-01T00:00:00Z' })
  scratch.tag('v1.1.1')
  scratch.git('checkout', '-q', 'main')
  scratch.merge('late', 'Merge pull request #2 from acme/late')
  scratch.tag('v1.3.0')
  // A history that was brought in has no base in common.
  scratch.git('checkout', '-q', '--orphan', 'brought')
  scratch.commit('other')
  scratch.tag('v0.1.0')
  scratch.git('checkout', '-q', '-f', 'main')
  scratch.git('merge', '-q', '--allow-unrelated-histories', '-m', 'Bring it in', 'brought')
  scratch.tag('v2.0.0')
  expect(await compare()).toBe(9)
})

test('a long history with many tags is read in pages of bounded size', async () => {
  const lines: string[] = []
  let mark = 0
  const commit = (branch: string, message: string, ...parents: number[]) => {
    mark += 1
    const [first, ...others] = parents
    lines.push(`commit refs/heads/${branch}`, `mark :${mark}`)
    lines.push(
      `committer dev-1 <dev-1@example.com> ${1_700_000_000 + mark * 60} +0000`,
      `data ${message.length}`,
      message,
    )
    if (first !== undefined) lines.push(`from :${first}`)
    for (const other of others) lines.push(`merge :${other}`)
    return mark
  }
  let main = commit('main', 'root')
  for (let number = 1; number <= 2000; number += 1) {
    const one = commit('topic', 'one', main)
    const two = commit('topic', 'two', one)
    const direct = commit('main', `direct (#${number + 5000})`, main)
    main = commit('main', `Merge pull request #${number} from acme/topic-${number}`, direct, two)
    if (number % 10 === 0) lines.push(`reset refs/tags/v1.${number}.0`, `from :${main}`, '')
  }
  execFileSync('git', ['-C', scratch.path, 'fast-import', '--quiet'], { input: `${lines.join('\n')}\n` })
  const { commits, changes, deployments, pageSizes } = await told(scratch.path)
  expect(Math.max(...pageSizes)).toBe(2000)
  expect([commits.length, changes.length, deployments.length]).toEqual([8001, 4000, 200])
  const merged = changes.filter(({ number }) => number <= 2000)
  expect(merged.every((change) => change.commits.length === 2)).toBe(true)
})
