import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Page } from '../../extractors/extractor.ts'
import { file, readFacts } from '../../extractors/file.ts'
import type { Shelf } from './contract.ts'
import { createShelf, quietIo, runInto } from './contract.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dorado-file-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function line(id: string, more: object = {}): string {
  return `${JSON.stringify({ kind: 'incident', source: 'ops', id, startedAt: '2026-03-02T10:00:00Z', ...more })}\n`
}

function ids(shelf: Shelf): string[] {
  return [...shelf.facts.values()].map(({ id }) => id).sort()
}

async function run(shelf: Shelf, path: string): Promise<Page[]> {
  const pages: Page[] = []
  for await (const page of file.make('files', { path }).extract(shelf.since(0), quietIo(0))) {
    shelf.put(page)
    pages.push(page)
  }
  return pages
}

describe('the file source', () => {
  test('reads what was appended, and nothing twice', async () => {
    const path = join(folder, 'facts.ndjson')
    const shelf = createShelf()
    writeFileSync(path, line('a') + line('b'))
    await run(shelf, path)
    expect(ids(shelf)).toEqual(['a', 'b'])
    expect(await run(shelf, path)).toEqual([])
    appendFileSync(path, line('c'))
    const [page] = await run(shelf, path)
    expect(page?.facts.map(({ id }) => id)).toEqual(['c'])
    expect(page?.facts[0]?.source).toBe('ops')
  })

  test('says which lines are wrong, and goes on', async () => {
    const path = join(folder, 'facts.ndjson')
    writeFileSync(path, `${line('a')}\n{oops\n${line('b', { startedAt: '2026-03-02T10:00:00' })}${line('c')}`)
    const shelf = createShelf()
    await run(shelf, path)
    expect(ids(shelf)).toEqual(['a', 'c'])
    expect(shelf.skipped).toEqual([
      { row: `${path}:3`, reason: 'is no JSON: {oops', isLine: true },
      {
        row: `${path}:4`,
        reason: 'startedAt: "2026-03-02T10:00:00" has no zone; write 2026-03-02T10:00:00Z or with an offset',
        isLine: true,
      },
    ])
  })

  test('leaves a line that is still being written to the next run', async () => {
    const path = join(folder, 'facts.ndjson')
    const late = line('b')
    const shelf = createShelf()
    writeFileSync(path, line('a') + late.slice(0, 20))
    await run(shelf, path)
    expect(ids(shelf)).toEqual(['a'])
    expect(shelf.skipped).toEqual([
      {
        row: `${path}:2`,
        reason: 'is not complete yet; the next run reads it',
        isLine: true,
        isPassing: true,
      },
    ])
    appendFileSync(path, `${late.slice(20)}nonsense\n`)
    await run(shelf, path)
    expect(ids(shelf)).toEqual(['a', 'b'])
    expect(shelf.skipped[1]?.row).toBe(`${path}:3`)
  })

  test('takes a whole last line without newline, and counts lines rightly afterwards', async () => {
    const path = join(folder, 'facts.ndjson')
    const shelf = createShelf()
    writeFileSync(path, line('a') + line('b').trimEnd())
    await run(shelf, path)
    expect(ids(shelf)).toEqual(['a', 'b'])
    appendFileSync(path, '\nnonsense\n')
    await run(shelf, path)
    expect(shelf.skipped).toEqual([{ row: `${path}:3`, reason: 'is no JSON: nonsense', isLine: true }])
  })

  test.each<[string, (path: string) => void]>([
    ['cut off', (path) => writeFileSync(path, line('z'))],
    [
      'written anew in place, longer',
      (path) => writeFileSync(path, line('z') + line('y') + line('x') + line('w')),
    ],
    [
      'replaced by another',
      (path) => {
        writeFileSync(`${path}.new`, line('a') + line('b') + line('z'))
        renameSync(`${path}.new`, path)
      },
    ],
  ])('reads a file anew that was %s', async (_, change) => {
    const path = join(folder, 'facts.ndjson')
    const shelf = createShelf()
    writeFileSync(path, line('a') + line('b'))
    await run(shelf, path)
    change(path)
    await run(shelf, path)
    expect(ids(shelf)).toContain('z')
    expect(await run(shelf, path)).toEqual([])
  })

  test('reads the .ndjson files of a folder, and new ones among them', async () => {
    const path = join(folder, 'in')
    mkdirSync(path)
    writeFileSync(join(path, '2.ndjson'), line('b'))
    writeFileSync(join(path, 'notes.txt'), 'none of ours')
    const shelf = createShelf()
    await run(shelf, path)
    writeFileSync(join(path, '1.ndjson'), line('a'))
    await run(shelf, path)
    expect(ids(shelf)).toEqual(['a', 'b'])
    expect(shelf.skipped).toEqual([])
  })

  test('stores pages of 5,000, each with where to go on', async () => {
    const path = join(folder, 'facts.ndjson')
    writeFileSync(path, Array.from({ length: 12_000 }, (_, index) => line(`i${index}`)).join(''))
    const whole = createShelf()
    const pages = await run(whole, path)
    expect(pages.map(({ facts }) => facts.length)).toEqual([5000, 5000, 2000])
    for (const count of [1, 2]) {
      const shelf = createShelf()
      await runInto(shelf, file.make('files', { path }), quietIo(0), 0, count)
      const [next] = await run(shelf, path)
      expect(next?.facts[0]?.id).toBe(`i${count * 5000}`)
      expect(ids(shelf)).toEqual(ids(whole))
    }
  })

  test('refuses a path that is not there, and says so in its check', async () => {
    const path = join(folder, 'none')
    await expect(run(createShelf(), path)).rejects.toMatchObject({ name: 'Refused' })
    const [missing] = await file.make('files', { path }).check(quietIo(0))
    expect(missing).toMatchObject({ ok: false, detail: expect.stringContaining('ENOENT') as string })
    const [empty] = await file.make('files', { path: folder }).check(quietIo(0))
    expect(empty).toEqual({ name: folder, ok: false, detail: 'holds no *.ndjson file' })
    writeFileSync(join(folder, 'a.ndjson'), line('a'))
    const [fine] = await file.make('files', { path: folder }).check(quietIo(0))
    expect(fine).toMatchObject({ ok: true, detail: '1 file can be read' })
  })
})

describe('readFacts', () => {
  test('gives facts and faults with their lines, across the bounds of what is read at once', async () => {
    const path = join(folder, 'facts.ndjson')
    const title = 'ö'.repeat(200_000)
    writeFileSync(
      path,
      `\uFEFF${line('a', { title })}${line('b', { title })}broken\r\n${line('c').trimEnd()}\r\n{"kind`,
    )
    const read = []
    for await (const one of readFacts(path)) {
      const what = 'fact' in one ? one.fact.id : one.skipped.reason
      read.push([one.line, what, one.isCut ?? false])
    }
    expect(read).toEqual([
      [1, 'a', false],
      [2, 'b', false],
      [3, 'is no JSON: broken', false],
      [4, 'c', false],
      [5, 'is no JSON: {"kind', true],
    ])
  })
})
