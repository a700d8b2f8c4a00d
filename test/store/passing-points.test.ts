import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'

const series = 'dora_window,service=shop'
const hour = (at: number) => ({ series, at, nanos: 0, fields: 'n=1i', passing: true as const })

let folder: string
let store: Store
const open = () => openSqlite({ path: join(folder, 'dorado.db') })
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dorado-passing-'))
  store = open()
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

async function deliver(): Promise<(string | null)[]> {
  const points = await store.points.after(await store.points.acknowledged('file'), 100)
  if (points.length > 0) await store.points.acknowledge('file', points.at(-1)!.rev, [])
  await store.points.purge(['file'])
  return points.map(({ fields }) => fields)
}

test('a removed point of a past hour is forgotten once every sink has acknowledged it', async () => {
  await store.points.save('a', [hour(1)])
  await store.points.carry([{ series, from: 1, to: 2 }])
  await store.points.purge(['file'])
  expect((await store.points.after(0, 100)).map(({ at, fields }) => [at, fields])).toEqual([
    [1, null],
    [2, 'n=1i'],
  ])
  await deliver()
  expect((await store.points.after(0, 100)).map(({ at }) => at)).toEqual([2])
})

test('what comes after a forgotten removal is delivered, by the next process too', async () => {
  await store.points.save('a', [hour(1)])
  await deliver()
  await store.points.remove([hour(1)])
  expect(await deliver()).toEqual([null])
  store.close()
  store = open()
  await store.points.save('a', [hour(2)])
  expect(await deliver()).toEqual(['n=1i'])
})
