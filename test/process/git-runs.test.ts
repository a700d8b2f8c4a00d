import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createShelf } from '../extractors/contract.ts'
import { refresh } from './git-told.ts'
import { createScratch } from './scratch-repository.ts'
import type { Scratch } from './scratch-repository.ts'

let folder = ''
let scratch: Scratch
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dorado-git-'))
  scratch = createScratch(join(folder, 'the-shop'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

describe('a later run', () => {
  beforeEach(() => {
    scratch.commit('root')
  })

  function release(name: string, number: number): void {
    scratch.git('checkout', '-q', '-b', name)
    scratch.commit(`work on ${name}`)
    scratch.git('checkout', '-q', 'main')
    scratch.merge(name, `Merge pull request #${number} from acme/${name}`)
    scratch.tag(`v1.${number}.0`)
  }

  test('reads nothing where no ref has moved', async () => {
    release('one', 1)
    const shelf = createShelf()
    expect(await refresh(scratch.path, shelf)).not.toEqual([])
    expect(await refresh(scratch.path, shelf)).toEqual([])
    scratch.git('tag', 'no-release')
    expect(await refresh(scratch.path, shelf)).toEqual([])
  })

  test('tells what is new, and together it is what one run tells', async () => {
    const shelf = createShelf()
    for (const [index, name] of ['one', 'two', 'three'].entries()) {
      release(name, index + 1)
      const pages = await refresh(scratch.path, shelf)
      const kinds = pages.flatMap(({ facts }) => facts.map(({ kind }) => kind)).sort()
      const first = index === 0 ? ['commit'] : []
      expect(kinds).toEqual(['change', ...first, 'commit', 'commit', 'deployment'])
    }
    const whole = createShelf()
    await refresh(scratch.path, whole)
    expect(shelf.lines()).toEqual(whole.lines())
  })

  test('takes back the deployments of tags that are gone, and moves the others', async () => {
    release('one', 1)
    release('two', 2)
    const shelf = createShelf()
    await refresh(scratch.path, shelf)
    scratch.git('tag', '-d', 'v1.1.0')
    scratch.git('tag', '-f', 'v1.2.0', 'HEAD~1')
    await refresh(scratch.path, shelf)
    const deployments = [...shelf.facts.values()].filter((fact) => fact.kind === 'deployment')
    expect(deployments.map(({ version, sha }) => [version, sha])).toEqual([['v1.2.0', scratch.sha('HEAD~1')]])
  })

  test('after a rewrite has the new history; commits stay, changes that are gone do not', async () => {
    release('one', 1)
    release('two', 2)
    const shelf = createShelf()
    await refresh(scratch.path, shelf)
    const lost = scratch.sha('HEAD')
    scratch.git('reset', '-q', '--hard', 'v1.1.0')
    scratch.git('tag', '-d', 'v1.2.0')
    scratch.git('reflog', 'expire', '--expire=now', '--all')
    scratch.git('branch', '-D', 'two')
    scratch.git('gc', '-q', '--prune=now')
    release('three', 3)
    await refresh(scratch.path, shelf)
    const ids = [...shelf.facts.values()].filter(({ kind }) => kind !== 'commit').map(({ id }) => id)
    expect(ids.sort()).toEqual(['the-shop!1', 'the-shop!3', 'the-shop#v1.1.0', 'the-shop#v1.3.0'])
    expect(shelf.facts.has(`commit clones the-shop@${lost}`)).toBe(true)
  })

  test('sees a merge in another light when its branch turns out to be a release', async () => {
    scratch.git('checkout', '-q', '-b', 'next')
    scratch.commit('b')
    scratch.git('checkout', '-q', 'main')
    scratch.merge('next', "Merge branch 'next'")
    const shelf = createShelf()
    await refresh(scratch.path, shelf)
    scratch.git('tag', 'v1.0.0', 'next')
    await refresh(scratch.path, shelf)
    const whole = createShelf()
    await refresh(scratch.path, whole)
    expect(shelf.lines()).toEqual(whole.lines())
    expect([...whole.facts.values()].some(({ kind }) => kind === 'change')).toBe(false)
  })

  test('begins anew with other settings', async () => {
    release('one', 1)
    const shelf = createShelf()
    await refresh(scratch.path, shelf)
    await refresh(scratch.path, shelf, { deployments: 'merges' })
    const whole = createShelf()
    await refresh(scratch.path, whole, { deployments: 'merges' })
    expect(shelf.lines()).toEqual(whole.lines())
  })

  test('chooses anew when the commit that stood for a request is gone', async () => {
    scratch.git('checkout', '-q', '-b', 'release-1')
    const first = scratch.commit('Fix the cart (#1)')
    scratch.tag('v1.0.0')
    scratch.git('checkout', '-q', '-b', 'release-2', 'main')
    const second = scratch.commit('Fix the cart (#1)')
    scratch.tag('v2.0.0')
    scratch.git('checkout', '-q', 'main')
    const shelf = createShelf()
    const chosen = () => shelf.facts.get('change clones the-shop!1')
    await refresh(scratch.path, shelf)
    expect(chosen()).toMatchObject({ mergeSha: first })
    scratch.git('tag', '-d', 'v1.0.0')
    await refresh(scratch.path, shelf)
    expect(chosen()).toMatchObject({ mergeSha: second })
    const third = scratch.commit('Fix the cart (#1)')
    await refresh(scratch.path, shelf)
    expect(chosen()).toMatchObject({ mergeSha: third })
  })
})
