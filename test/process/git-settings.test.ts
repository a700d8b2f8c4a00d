import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nameFromUrl } from '../../extractors/git/clone.ts'
import { git } from '../../extractors/git/index.ts'
import { quietIo } from '../extractors/contract.ts'
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

describe('the name of a repository', () => {
  test.each([
    ['git@git.example.com:acme/shop.git', 'acme/shop'],
    ['https://user:secret@git.example.com/acme/shop.git', 'acme/shop'],
    ['ssh://git@git.example.com:7999/scm/ACME/shop.git', 'ACME/shop'],
    ['https://git.example.com/acme/web/shop/', 'acme/web/shop'],
    ['https://git.example.com/acme/My%20Shop/_git/web', 'acme/My-Shop/web'],
    ['/srv/git/shop.git', undefined],
    ['C:\\git\\shop', undefined],
    ['../shop', undefined],
    [undefined, undefined],
  ])('%s → %s', (url, name) => {
    expect(nameFromUrl(url)).toBe(name)
  })

  test('is that of origin, else that of the folder', async () => {
    scratch.commit('a')
    expect((await told(scratch.path)).commits[0]?.repository).toBe('shop')
    scratch.git('remote', 'add', 'origin', 'https://git.example.com/acme/web.git')
    expect((await told(scratch.path)).commits[0]?.repository).toBe('acme/web')
  })
})

describe('settings', () => {
  test.each([
    {},
    { path: 'a', repositories: [{ path: 'b' }] },
    { path: 'a', tagPatern: '.*' },
    { path: 'a', hotfix: '(' },
  ])('refuses %j', (settings) => {
    expect(git.schema.safeParse(settings).success).toBe(false)
  })

  test('say which repositories a source covers, where they are named', () => {
    const make = (settings: object) => git.make('clones', git.schema.parse(settings))
    expect(make({ path: 'a', repository: 'acme/shop' }).covers?.('acme/shop')).toBe(true)
    expect(make({ path: 'a', repository: 'acme/shop' }).covers?.('acme/web')).toBe(false)
    expect(make({ path: 'a' }).covers).toBeUndefined()
  })
})

test('check says what there is to read', async () => {
  scratch.commit('a')
  for (const tag of ['v1.0.0', 'v1.1.0', 'latest']) scratch.tag(tag)
  const repositories = [{ path: scratch.path }, { path: folder }]
  const checks = await git.make('clones', git.schema.parse({ repositories })).check(quietIo(0))
  expect(checks).toEqual([
    { name: 'git', ok: true, detail: expect.stringMatching(/^git version \d/) },
    {
      name: `repository ${scratch.path}`,
      ok: true,
      detail: 'shop, branch main, 2 of 3 tags are deployments',
    },
    { name: `repository ${folder}`, ok: false, detail: expect.stringContaining('is no Git repository') },
  ])
})
