import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Refused } from '../../core/errors.ts'
import { lineProtocolFile } from '../../loaders/line-protocol-file.ts'
import { failure } from '../noting-io.ts'
import { emptyWindow, ioOf, stored } from './samples.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dorado-'))
  path = join(folder, 'points.lp')
})
afterEach(() => rm(folder, { recursive: true }))

const loader = (to = path) => lineProtocolFile.make('file', { path: to })
const written = () => readFile(path, 'utf8')
const first = 'dora_window,service=a,window=7d n=1i 1000000000\n'
const second = 'dora_window,service=a,window=7d n=2i 2000000000\n'
const two = stored({ rev: 2, at: 2000, fields: 'n=2i' })

describe('writing', () => {
  test('creates the file and appends to it', async () => {
    expect(await loader().write([stored()], ioOf())).toEqual({ rejected: [] })
    await loader().write([two], ioOf())
    expect(await written()).toBe(first + second)
  })

  test('overwrites a removed point, in the given order', async () => {
    await loader().write([stored({ fields: null }), stored()], ioOf())
    expect(await written()).toBe(`dora_window,service=a,window=7d ${emptyWindow} 1000000000\n${first}`)
  })

  test('sets an impossible point aside and writes the others', async () => {
    const impossible = stored({ nanos: -1 })
    const { rejected } = await loader().write([impossible, two], ioOf())
    expect(rejected).toEqual([
      { point: impossible, reason: '-1 is no whole number of nanoseconds from 0 to 999999' },
    ])
    expect(await written()).toBe(second)
  })

  test('writes 12,001 points completely', async () => {
    const points = Array.from({ length: 12_001 }, (_, rev) => stored({ rev, at: rev, fields: `n=${rev}i` }))
    await loader().write(points, ioOf())
    const lines = (await written()).split('\n')
    expect(lines).toHaveLength(12_002)
    expect(lines[12_000]).toContain('n=12000i ')
  })
})

describe('after a crash', () => {
  test('a torn line is cut off before anything is written', async () => {
    await writeFile(path, `${first}dora_window,serv`)
    await loader().write([two], ioOf())
    expect(await written()).toBe(first + second)
  })

  test('a torn line longer than what is read at once is cut off too', async () => {
    await writeFile(path, `${first}dora_window,service=${'x'.repeat(200_000)}`)
    await loader().write([two], ioOf())
    expect(await written()).toBe(first + second)
  })

  test('a file of nothing but a torn line begins anew', async () => {
    await writeFile(path, 'x'.repeat(70_000))
    await loader().write([two], ioOf())
    expect(await written()).toBe(second)
  })

  test('a whole file is left alone', async () => {
    await writeFile(path, first.repeat(3000))
    await loader().write([], ioOf())
    expect(await written()).toBe(first.repeat(3000))
    await appendFile(path, '\n')
    await loader().write([], ioOf())
    expect((await stat(path)).size).toBe(first.length * 3000 + 1)
  })
})

describe('a path that cannot be written to', () => {
  test.each([
    ['missing/points.lp', 'create the directory'],
    ['.', 'it is a directory; path must name a file'],
  ])('%s is refused with the remedy, by write and by check', async (to, remedy) => {
    const there = join(folder, to)
    const error = await failure(loader(there).write([stored()], ioOf()))
    expect(error).toBeInstanceOf(Refused)
    expect(error.message).toContain(remedy)
    const [check] = await loader(there).check(ioOf())
    expect(check).toEqual({ name: `file ${there}`, ok: false, detail: error.message })
  })
})

test('check leaves no empty file behind', async () => {
  expect(await loader().check(ioOf())).toEqual([
    { name: `file ${path}`, ok: true, detail: 'can be written to' },
  ])
  await expect(stat(path)).rejects.toThrow('ENOENT')
})
