import { existsSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { formatFact } from '../../core/fact-json.ts'
import { encodeTime } from '../../core/line-protocol.ts'
import { lineOf } from '../../loaders/line.ts'
import { openSqlite } from '../../store/sqlite.ts'

export const storeIn = (folder: string) => join(folder, 'dorado.db')

export interface Stored {
  facts: string[]
  points: string[]
}

const isOfPipeline = (series: string) => series.startsWith('dora_pipeline,')

/** All facts, and all points but those about the pipeline itself, which tell how long it took. */
export async function storedIn(folder: string): Promise<Stored> {
  const store = openSqlite({ path: storeIn(folder), readOnly: true })
  try {
    const stored: Stored = { facts: [], points: [] }
    for await (const fact of store.facts.all()) stored.facts.push(formatFact(fact))
    for await (const { series, fields, at, nanos } of store.points.all()) {
      if (!isOfPipeline(series)) stored.points.push(`${series} ${fields} ${encodeTime(at, nanos)}`)
    }
    return stored
  } finally {
    store.close()
  }
}

/**
 * The points that the line-protocol file in a folder tells otherwise than the store: of a point's lines the last
 * one is valid.
 */
export async function wronglyDelivered(folder: string): Promise<string[]> {
  const last = new Map<string, string>()
  for (const line of readFileSync(join(folder, 'dorado.lp'), 'utf8').split('\n')) {
    const [, series = '', time] = /^((?:[^\\ ]|\\.)+) .* (\d+)$/.exec(line) ?? []
    if (series !== '') last.set(`${series} ${time}`, line)
  }
  const store = openSqlite({ path: storeIn(folder), readOnly: true })
  try {
    const wrong: string[] = []
    // Of removed points too: the outbox keeps them.
    for (const point of await store.points.after(0, 1_000_000)) {
      const line = lineOf(point)
      const key = `${point.series} ${encodeTime(point.at, point.nanos)}`
      if (last.get(key) !== line) wrong.push(`${last.get(key) ?? 'nothing'} instead of ${line}`)
      last.delete(key)
    }
    return [...wrong, ...[...last.values()].map((line) => `${line} is no point`)]
  } finally {
    store.close()
  }
}

/** What SQLite finds wrong with the file: `ok` where nothing is. */
export function integrityOf(folder: string): string {
  const database = new DatabaseSync(storeIn(folder))
  try {
    return Object.values(database.prepare('PRAGMA integrity_check').get()!).join()
  } finally {
    database.close()
  }
}

export interface Progress {
  facts: number
  points: number
  /** Sources that have been read to their end. */
  completeSources: number
  /** Whether the line-protocol file has been begun. */
  isDelivering: boolean
}

const counting = `SELECT (SELECT count(*) FROM facts) AS facts, (SELECT count(*) FROM points) AS points,
  (SELECT count(*) FROM sources WHERE complete_until IS NOT NULL) AS completeSources`

/** Resolves as soon as the store in a folder has come that far; a stop ends the watch. */
export function progressIn(
  folder: string,
  hasCome: (progress: Progress) => boolean,
): { reached: Promise<void>; stop(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  const watcher = watch(folder, look)
  let database: DatabaseSync | undefined
  function stop(): void {
    watcher.close()
    database?.close()
    database = undefined
  }
  function look(): void {
    // A reader that comes before the store is in WAL mode would be in its writer's way.
    if (!existsSync(`${storeIn(folder)}-wal`)) return
    try {
      database ??= new DatabaseSync(storeIn(folder), { readOnly: true })
      const counts = database.prepare(counting).get() as unknown as Omit<Progress, 'isDelivering'>
      if (!hasCome({ ...counts, isDelivering: existsSync(join(folder, 'dorado.lp')) })) return
    } catch {
      // The tables are not there yet.
      return
    }
    stop()
    resolve()
  }
  return { reached: promise, stop }
}
