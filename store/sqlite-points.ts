import type { DatabaseSync } from 'node:sqlite'
import { outbox, outboxPoint, type Within } from './sqlite-outbox.ts'
import { seriesByTag } from './series-by-tag.ts'
import { pointTable, type PointRow, type PointTable } from './sqlite-point-table.ts'
import type { Carried, PointStore, PointToSave } from './store.ts'

interface SeriesRow {
  id: number
  text: string
}

export function pointStore(
  { database, backlog }: { database: DatabaseSync; backlog: DatabaseSync },
  within: Within,
  onRollback: (forget: () => void) => void,
): PointStore {
  const seriesId = database.prepare('SELECT id FROM series WHERE text = ?')
  const addSeries = database.prepare('INSERT INTO series (text, owner) VALUES (?, ?) RETURNING id')
  const seriesOf = database.prepare('SELECT id, text FROM series WHERE owner = ?')
  const lasting = pointTable(database, 'points')
  const passing = pointTable(database, 'passing_points')
  const tables = [lasting, passing]
  const tableOf = (point: PointToSave) => (point.passing ? passing : lasting)
  const byTag = seriesByTag(database)
  const ids = new Map<string, number>()
  /** The last rev, once this process has written: nobody else does. */
  let written: number | undefined
  onRollback(() => {
    ids.clear()
    byTag.forget()
    written = undefined
  })

  const maxAcked = database.prepare('SELECT coalesce(max(acked_rev), 0) AS rev FROM sinks')
  // Never below what a sink has acknowledged: the row of the last rev may be one that was forgotten since.
  const lastRev = () =>
    Math.max((maxAcked.get() as { rev: number }).rev, ...tables.map((table) => table.lastRev()))

  function knownId(text: string): number | undefined {
    const known = ids.get(text) ?? (seriesId.get(text) as { id: number } | undefined)?.id
    if (known !== undefined) {
      if (ids.size > 100_000) ids.clear()
      ids.set(text, known)
    }
    return known
  }

  /** The number of a series; `isNew` tells that it can have no points yet. */
  function idOf(text: string, owner: string): { id: number; isNew: boolean } {
    const known = knownId(text)
    if (known !== undefined) return { id: known, isNew: false }
    return { id: (addSeries.get(text, owner) as { id: number }).id, isNew: true }
  }

  /** What `work` does with the revs that follow on the last; returns how many it took and did not leave over. */
  async function revise(work: (next: () => number) => number | void): Promise<number> {
    return within(() => {
      const before = written ?? lastRev()
      let rev = before
      const left = work(() => (rev += 1)) ?? 0
      rev -= left
      written = rev
      return rev - before
    })
  }

  /** Writes a point into the table where it belongs, unless it is there with these very fields. */
  function put(
    table: PointTable,
    id: number,
    point: Omit<PointToSave, 'series'>,
    nextRev: () => number,
  ): void {
    const { at, nanos, fields } = point
    const row = table.find(id, at, nanos)
    if (row?.fields === fields) return
    if (row) table.change(row, nextRev(), fields)
    else table.insert(nextRev(), id, at, nanos, fields)
  }

  /** The points of an owner that are not removed, by table and place. */
  function ownedBy(owner: string): Map<string, { table: PointTable; row: PointRow }> {
    const owned = new Map<string, { table: PointTable; row: PointRow }>()
    for (const { id, text } of seriesOf.all(owner) as unknown as SeriesRow[]) {
      for (const table of tables) {
        for (const row of table.of(id)) owned.set(placeOf(table, text, row.at, row.nanos), { table, row })
      }
    }
    return owned
  }

  const saveAll: PointStore['saveAll'] = async (groups) =>
    revise((nextRev) => {
      const fresh = new Set<number>()
      for (const [owner, points] of groups) {
        for (const point of points) {
          const { id, isNew } = idOf(point.series, owner)
          if (isNew) fresh.add(id)
          const table = tableOf(point)
          if (fresh.has(id)) table.insert(nextRev(), id, point.at, point.nanos, point.fields)
          else put(table, id, point, nextRev)
        }
      }
    })

  const placeOf = (table: PointTable, series: string, at: number, nanos: number) =>
    `${table === passing ? 'passing ' : ''}${series} ${at} ${nanos}`

  return {
    ...outbox({ database, backlog }, within, { tables, byTag, lastRev }),
    async replaceAt(owner, times, points) {
      return revise((nextRev) => {
        const stored = new Map<string, { table: PointTable; row: PointRow }>()
        for (const { id, text } of seriesOf.all(owner) as unknown as SeriesRow[]) {
          for (const at of times) {
            for (const table of tables) {
              for (const row of table.at(id, at))
                stored.set(placeOf(table, text, at, row.nanos), { table, row })
            }
          }
        }
        for (const point of points) {
          const table = tableOf(point)
          stored.delete(placeOf(table, point.series, point.at, point.nanos))
          put(table, idOf(point.series, owner).id, point, nextRev)
        }
        for (const { table, row } of stored.values()) table.change(row, nextRev(), null)
      })
    },
    save: async (owner, points) => saveAll([[owner, points]]),
    saveAll,
    async replaceAll(owner, points) {
      return revise((nextRev) => {
        const owned = ownedBy(owner)
        const found = points.map((point) => {
          const key = owned.size === 0 ? '' : placeOf(tableOf(point), point.series, point.at, point.nanos)
          const there = owned.get(key)
          owned.delete(key)
          return there?.row
        })
        // What is left is removed first: a point may have gone from one table to the other.
        for (const { table, row } of owned.values()) table.change(row, nextRev(), null)
        const fresh = new Set<number>()
        for (const [index, point] of points.entries()) {
          const row = found[index]
          const table = tableOf(point)
          if (row) {
            if (row.fields !== point.fields) table.change(row, nextRev(), point.fields)
            continue
          }
          const { id, isNew } = idOf(point.series, owner)
          if (isNew) fresh.add(id)
          if (fresh.has(id)) table.insert(nextRev(), id, point.at, point.nanos, point.fields)
          else put(table, id, point, nextRev)
        }
      })
    },
    async remove(points) {
      return revise((nextRev) => {
        for (const { series, at, nanos } of points) {
          const id = knownId(series)
          if (id === undefined) continue
          // It is in one of them.
          const inHour = passing.find(id, at, nanos)
          const table = inHour && inHour.fields !== null ? passing : lasting
          const row = table === passing ? inHour : lasting.find(id, at, nanos)
          if (row && row.fields !== null) table.change(row, nextRev(), null)
        }
      })
    },
    async fieldsAt(points) {
      return points.map(({ series, at, nanos }) => {
        const id = knownId(series)
        return id === undefined ? null : (lasting.find(id, at, nanos)?.fields ?? null)
      })
    },
    async carry<Point extends Carried>(points: readonly Point[]) {
      const missing: Point[] = []
      const changed = await revise((nextRev) => {
        let revs: [number, number] | undefined
        for (const point of points) {
          const id = knownId(point.series)
          if (id === undefined) {
            missing.push(point)
            continue
          }
          revs ??= [nextRev(), nextRev()]
          const [gone, come] = revs
          if (passing.copy(come, id, point)) {
            passing.leave(gone, id, point.from)
            revs = undefined
            continue
          }
          const row = passing.find(id, point.from, 0)
          if (!row || row.fields === null) {
            missing.push(point)
            continue
          }
          // There has been a point at that place before.
          const fields = point.fields ?? row.fields
          passing.change(row, gone, null)
          put(passing, id, { at: point.to, nanos: 0, fields }, () => come)
          revs = undefined
        }
        return revs?.length ?? 0
      })
      return { changed, missing }
    },
    async owners() {
      return database
        .prepare('SELECT DISTINCT owner FROM series ORDER BY owner')
        .all()
        .map((row) => row['owner'] as string)
    },
    async *all() {
      const rows = database.prepare(`
        SELECT rev, text AS series, at, nanos, replaces, fields
        FROM (SELECT * FROM points UNION ALL SELECT * FROM passing_points) AS every
        JOIN series ON series.id = every.series
        WHERE fields IS NOT NULL ORDER BY text, at, nanos`)
      for (const row of rows.iterate()) yield outboxPoint(row)
    },
    async lastRev() {
      return lastRev()
    },
  }
}
