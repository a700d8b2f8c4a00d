import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConfigError } from '../../core/errors.ts'
import { forgetSilences } from '../../pipeline/silences.ts'
import { openSilences } from '../../store/sqlite-silences.ts'
import { openSqlite } from '../../store/sqlite.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dorado-silences-'))
  path = join(folder, 'dorado.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

const silence = (key: string) => ({ key, body: `{"id":"${key}"}` })

describe('silences beside the writer', () => {
  test('are seen by it at once, and those that it writes by them', async () => {
    const writer = openSqlite({ path })
    const beside = openSilences(path)
    await beside.setSilence(silence('a'))
    expect(await writer.alerts.silences()).toEqual([silence('a')])
    await writer.alerts.setSilence(silence('b'))
    expect(await beside.silences()).toEqual([silence('a'), silence('b')])
    expect(await beside.removeSilence('a')).toBe(true)
    expect(await beside.removeSilence('a')).toBe(false)
    expect(await writer.alerts.silences()).toEqual([silence('b')])
    beside.close()
    writer.close()
  })

  test('are all there after the writer wrote meanwhile, and so is what it wrote', async () => {
    const writer = openSqlite({ path })
    // In threads of their own, for whoever waits for the writer waits without letting others run.
    const code = `
      const { workerData, parentPort } = require('node:worker_threads')
      import(workerData.module).then(async ({ openSilences }) => {
        const silences = openSilences(workerData.path)
        for (let index = 0; index < 20; index += 1)
          await silences.setSilence({ key: workerData.name + index, body: '{}' })
        silences.close()
      })`
    const module = join(import.meta.dirname, '../../store/sqlite-silences.ts')
    const others = { running: 3 }
    const workers = ['a', 'b', 'c'].map((name) => {
      const worker = new Worker(code, { eval: true, workerData: { module, path, name } })
      return new Promise<void>((resolve, reject) => {
        worker.once('error', reject)
        worker.once('exit', () => {
          others.running -= 1
          resolve()
        })
      })
    })
    let written = 0
    while (others.running > 0) {
      await writer.write(async () => {
        await writer.meta.set(`key ${written}`, 'a')
        // The transaction stays open while others run.
        await new Promise((resolve) => setImmediate(resolve))
        await writer.meta.set(`key ${written}`, 'b')
      })
      written += 1
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(workers)
    expect(await writer.alerts.silences()).toHaveLength(60)
    for (let index = 0; index < written; index += 1) expect(await writer.meta.get(`key ${index}`)).toBe('b')
    writer.close()
  })

  test('are not forgotten where they are set anew while those that are over are looked for', async () => {
    const writer = openSqlite({ path })
    const beside = openSilences(path, { waitedForMs: 0 })
    const until = (key: string, end: number) => ({ key, body: JSON.stringify({ id: key, until: end }) })
    for (const key of ['deploy', 'other']) await writer.alerts.setSilence(until(key, 1000))
    let reads = 0
    const silences = async () => {
      const found = await writer.alerts.silences()
      reads += 1
      if (reads === 1) await beside.setSilence(until('deploy', 3000))
      return found
    }
    await forgetSilences({ write: writer.write, alerts: { ...writer.alerts, silences } }, 2000)
    expect(await writer.alerts.silences()).toEqual([until('deploy', 3000)])
    beside.close()
    writer.close()
  })

  test('are not written into the transaction of another, and say so', async () => {
    const writer = openSqlite({ path })
    const beside = openSilences(path, { waitedForMs: 0 })
    await writer.write(async () => {
      await writer.meta.set('a', 'b')
      await expect(async () => beside.setSilence(silence('a'))).rejects.toThrow(
        /^store .* is being written to/,
      )
    })
    await beside.setSilence(silence('a'))
    expect(await writer.alerts.silences()).toEqual([silence('a')])
    beside.close()
    writer.close()
  })

  test('are of a store that is there and of this version', async () => {
    expect(() => openSilences(path)).toThrow(ConfigError)
    openSqlite({ path }).close()
    const database = new DatabaseSync(path)
    database.exec('PRAGMA user_version = 1')
    expect(() => openSilences(path)).toThrow(/is of an older version: run `dorado refresh` once/)
    database.exec('PRAGMA user_version = 9999')
    expect(() => openSilences(path)).toThrow(/is of version 9999/)
    database.close()
  })
})
