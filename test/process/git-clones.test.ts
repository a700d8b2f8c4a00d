import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ConfigError, Refused } from '../../core/errors.ts'
import { git, readRepository } from '../../extractors/git/index.ts'
import { createShelf, quietIo, runInto } from '../extractors/contract.ts'
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
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

function clone(...args: string[]): string {
  const path = join(folder, 'clone')
  execFileSync('git', ['clone', '--quiet', ...args, `file://${scratch.path}`, path], { stdio: 'pipe' })
  return path
}

function shas(facts: readonly { sha: string }[]): string[] {
  return facts.map(({ sha }) => sha).sort()
}

describe('a repository', () => {
  test('without commits tells nothing', async () => {
    expect((await told(scratch.path)).facts).toEqual([])
  })

  test('without tags tells its commits', async () => {
    scratch.commit('a')
    const { commits, deployments } = await told(scratch.path)
    expect([commits.length, deployments.length]).toEqual([1, 0])
  })

  test('may be bare, a folder within a clone, or a worktree', async () => {
    const a = scratch.commit('a')
    scratch.tag('v1.0.0')
    const bare = clone('--bare')
    mkdirSync(join(scratch.path, 'within'))
    scratch.git('worktree', 'add', '-q', join(folder, 'worktree'), '-b', 'feature')
    for (const path of [bare, join(scratch.path, 'within'), join(folder, 'worktree')]) {
      const { commits, deployments } = await told(path, { name: 'acme/shop' })
      expect([shas(commits), deployments[0]?.id]).toEqual([[a], 'acme/shop#v1.0.0'])
    }
    expect((await told(join(folder, 'worktree'))).commits[0]?.repository).toBe('shop')
  })

  test('with a detached HEAD is read from the branch of origin, else from HEAD', async () => {
    const a = scratch.commit('a')
    const b = scratch.commit('b')
    const path = clone()
    execFileSync('git', ['-C', path, 'checkout', '-q', '--detach', a], { stdio: 'pipe' })
    expect(shas((await told(path)).commits)).toEqual([a, b].sort())
    scratch.git('checkout', '-q', '--detach', a)
    expect(shas((await told(scratch.path)).commits)).toEqual([a])
  })

  test('is read from the branch that is named, also where only origin has it', async () => {
    const a = scratch.commit('a')
    scratch.git('checkout', '-q', '-b', 'release-1')
    const b = scratch.commit('b')
    scratch.git('checkout', '-q', 'main')
    const path = clone()
    expect(shas((await told(path)).commits)).toEqual([a])
    expect(shas((await told(path, { branch: 'release-1' })).commits)).toEqual([a, b].sort())
    await expect(told(scratch.path, { branch: 'relaese-1' })).rejects.toThrow(
      `git: ${scratch.path} has no branch relaese-1; there are main, release-1`,
    )
  })

  test('with bytes that are no UTF-8, and dates that are none, is read nevertheless', async () => {
    const a = scratch.commit('a')
    const tree = scratch.git('rev-parse', 'HEAD^{tree}')
    const object = (dates: [string, string]) => {
      const [author, committer] = dates.map((date) => `dev-1 <dev-1@example.com> ${date}`)
      const header = `tree ${tree}\nparent ${a}\nauthor ${author}\ncommitter ${committer}\n\n`
      const file = join(folder, 'object')
      writeFileSync(file, Buffer.concat([Buffer.from(header), Buffer.from([0x66, 0xfc, 0x72, 0x0a])]))
      return scratch.git('hash-object', '-t', 'commit', '-w', '--literally', file)
    }
    const odd = object(['99999999999999999999 +0000', '1772409600 +0000'])
    const broken = object(['never', 'never'])
    scratch.git('tag', 'v1.0.0', odd)
    scratch.git('tag', 'v1.0.1', broken)
    const { commits, deployments, skipped } = await told(scratch.path)
    expect(commits.find(({ sha }) => sha === odd)).toMatchObject({
      message: 'f\u{FFFD}r',
      authoredAt: 1_772_409_600_000,
      committedAt: 1_772_409_600_000,
    })
    expect(deployments.map(({ version }) => version)).toEqual(['v1.0.0'])
    expect(skipped).toEqual([
      { row: `shop@${broken}`, reason: 'its dates cannot be read' },
      { row: 'shop#v1.0.1', reason: `its commit ${broken} cannot be read in this clone` },
    ])
  })

  test('is told as every clone has it, whatever was replaced or grafted here', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((message) => scratch.commit(message)) as [string, string, string]
    scratch.git('replace', '--graft', c)
    writeFileSync(join(scratch.path, '.git/info/grafts'), `${b}\n`)
    const { commits } = await told(scratch.path)
    expect(commits.map(({ sha, parents }) => [sha, parents])).toEqual([
      [c, [b]],
      [b, [a]],
      [a, []],
    ])
  })

  test('with a submodule has it as a path', async () => {
    scratch.commit('a')
    const other = createScratch(join(folder, 'other'))
    other.commit('b')
    scratch.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', other.path, 'vendor/other')
    scratch.git('config', 'diff.ignoreSubmodules', 'all')
    scratch.commit('c', { file: 'c.txt' })
    const { commits } = await told(scratch.path, { paths: true })
    expect(commits[0]?.paths).toEqual(['.gitmodules', 'c.txt', 'vendor/other'])
  })

  test('is the one at the path, not the one that an environment points to', async () => {
    const a = scratch.commit('a')
    const other = createScratch(join(folder, 'other'))
    other.commit('b')
    vi.stubEnv('GIT_DIR', join(other.path, '.git'))
    vi.stubEnv('GIT_WORK_TREE', other.path)
    expect(shas((await told(scratch.path)).commits)).toEqual([a])
  })
})

describe('a shallow clone', () => {
  test('is said to be one, and knows the parents that it does not have', async () => {
    scratch.commit('a')
    const b = scratch.commit('b')
    const c = scratch.commit('c')
    scratch.git('checkout', '-q', '-b', 'cart', 'main~1')
    const d = scratch.commit('d')
    scratch.git('checkout', '-q', 'main')
    const merge = scratch.merge('cart', 'Merge pull request #1 from acme/cart')
    const { commits, changes, skipped } = await told(clone('--depth=2'), { name: 'acme/shop' })
    expect(Object.fromEntries(commits.map(({ sha, parents }) => [sha, parents]))).toEqual({
      [merge]: [c, d],
      [d]: [b],
      [c]: [b],
    })
    // Whether b came in by the merge cannot be known here.
    expect(changes).toMatchObject([{ id: 'acme/shop!1', headSha: d, mergeSha: merge, commits: [] }])
    expect(skipped).toMatchObject([{ row: 'acme/shop', reason: expect.stringContaining('shallow clone') }])
  })

  test('is read anew when it is completed', async () => {
    scratch.commit('a')
    scratch.commit('b')
    const path = clone('--depth=1')
    const settings = git.schema.parse({ path, repository: 'acme/shop' })
    const shelf = createShelf()
    await runInto(shelf, git.make('clones', settings), quietIo(0), 0)
    expect(shelf.facts.size).toBe(1)
    execFileSync('git', ['-C', path, 'fetch', '-q', '--unshallow'], { stdio: 'pipe' })
    await runInto(shelf, git.make('clones', settings), quietIo(0), 0)
    expect(shelf.facts.size).toBe(2)
  })
})

describe('what cannot be read', () => {
  const trial = async (path: string) => {
    for await (const page of readRepository(path, {}, quietIo(0))) expect(page).toBeUndefined()
  }

  test('is refused by path, with what would be right', async () => {
    await expect(trial(folder)).rejects.toThrow(
      new Refused(`git: ${folder} is no Git repository; \`path\` names a clone or a bare repository`),
    )
    await expect(trial(join(folder, 'gone'))).rejects.toThrow(
      /gone cannot be opened; `path` names the folder/,
    )
  })

  test('because git is missing says so', async () => {
    scratch.commit('a')
    vi.stubEnv('PATH', folder)
    await expect(trial(scratch.path)).rejects.toThrow(/^git: git is not installed or not in the PATH/)
  })

  test('ends with the run', async () => {
    scratch.commit('a')
    const controller = new AbortController()
    controller.abort(new Error('stopped'))
    const pages = readRepository(scratch.path, {}, { ...quietIo(0), signal: controller.signal })
    await expect(pages.next()).rejects.toThrow('stopped')
  })

  test('does not keep the other repositories of a source from being read', async () => {
    const a = scratch.commit('a')
    const shelf = createShelf()
    const repositories = [{ path: folder }, { path: scratch.path, name: 'acme/shop' }]
    const extractor = git.make('clones', git.schema.parse({ repositories }))
    await expect(runInto(shelf, extractor, quietIo(0), 0)).rejects.toThrow(/is no Git repository/)
    expect([...shelf.facts.keys()]).toEqual([`commit clones acme/shop@${a}`])
  })

  test('two repositories of one name, or a wrong option, are errors of configuration', async () => {
    scratch.commit('a')
    const repositories = [{ path: scratch.path }, { path: clone(), name: 'shop' }]
    const extractor = git.make('clones', git.schema.parse({ repositories }))
    await expect(runInto(createShelf(), extractor, quietIo(0), 0)).rejects.toBeInstanceOf(ConfigError)
    await expect(told(scratch.path, { tagPattern: '(' })).rejects.toBeInstanceOf(ConfigError)
  })
})
