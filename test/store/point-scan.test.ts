import { afterEach, beforeEach, expect, test } from 'vitest'
import { encodeFields, encodeSeries } from '../../core/line-protocol.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { PointToSave, Store } from '../../store/store.ts'

let store: Store
beforeEach(() => {
  store = openSqlite({ path: ':memory:' })
})
afterEach(() => store.close())

function point(service: string, window: string, at: number, measurement = 'dora_window'): PointToSave {
  const series = encodeSeries(measurement, { service, window })
  return { series, at, nanos: 0, fields: encodeFields({ n: { int: at } }) }
}

async function scanned(range: { tag?: [string, string]; from: number; to: number }): Promise<string[]> {
  const found: string[] = []
  for await (const { series, points } of store.points.scan('dora_window', range))
    found.push(`${series}: ${points.map(({ at, fields }) => `${at} ${fields}`).join(', ')}`)
  return found
}

test('gives the points of a series at a time, in order, those of the running day among them', async () => {
  await store.points.save('a', [
    point('shop', '30d', 20),
    point('shop', '30d', 10),
    { ...point('shop', '30d', 15), passing: true },
    point('blog', '30d', 10),
    point('blog', '7d', 10),
    point('other', '30d', 10, 'dora_windows'),
  ])
  await store.points.remove([point('shop', '30d', 20)])
  expect(await scanned({ from: 0, to: 100 })).toEqual([
    'dora_window,service=blog,window=30d: 10 n=10i',
    'dora_window,service=blog,window=7d: 10 n=10i',
    'dora_window,service=shop,window=30d: 10 n=10i, 15 n=15i',
  ])
  expect(await scanned({ tag: ['window', '7d'], from: 0, to: 100 })).toEqual([
    'dora_window,service=blog,window=7d: 10 n=10i',
  ])
  expect(await scanned({ tag: ['service', 'shop'], from: 11, to: 15 })).toEqual([
    'dora_window,service=shop,window=30d: 15 n=15i',
  ])
  expect(await scanned({ tag: ['service', 'none'], from: 0, to: 100 })).toEqual([])
})
