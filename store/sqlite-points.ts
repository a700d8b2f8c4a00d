import type { DatabaseSync } from 'node:sqlite'
import { losesFields } from '../core/field-names.ts'
import type { Carried, OutboxPoint, PointStore } from './store.ts'

type Within = <Result>(work: () => Result) => Promise<Result> | Result

interface SeriesRow {
  id: number
  text: string
}
interface PointRow {
  rev: number
  series: number
  at: number
  nanos: number
  fields: string | null
  replaces: number
}

export function pointStore(
  database: DatabaseSync,
  within: Within,
  onRollback: (forget: () => void) => void,
): PointStore {
  const seriesId = database.prepare('SELECT id FROM series WHERE text = ?')
  const addSeries = database.prepare('INSERT INTO series (text, owner) VALUES (?, ?) RETURNING id')
  const seriesOf = database.prepare('SELECT id, text FROM series WHERE owner = ?')
  const pointsOf = database.prepare(
    'SELECT rev, series, at, nanos, fields, replaces FROM points WHERE series = ? AND fields IS NOT NULL',
  )
  const pointsAt = database.prepare(
    'SELECT rev, series, at, nanos, fields, replaces FROM points WHERE series = ? AND at = ? AND fields IS NOT NULL',
  )
  const find = database.prepare(
    'SELECT rev, fields, replaces FROM points WHERE series = ? AND at = ? AND nanos = ?',
  )
  const insert = database.prepare(
    'INSERT INTO points (rev, series, at, nanos, replaces, fields) VALUES (?, ?, ?, ?, 0, ?)',
  )
  const update = database.prepare('UPDATE points SET rev = ?, fields = ?, replaces = ? WHERE rev = ?')
  const maxRev = database.prepare('SELECT coalesce(max(rev), 0) AS rev FROM points')
  const next = database.prepare(`
    SELECT rev, text AS series, at, nanos, replaces, fields FROM points JOIN series ON series.id = points.series
    WHERE rev > ? ORDER BY rev LIMIT ?`)
  const history = database.prepare('SELECT stamp, body FROM histories WHERE scope = ?')
  const saveHistory = database.prepare(`
    INSERT INTO histories VALUES (?, ?, ?)
    ON CONFLICT (scope) DO UPDATE SET stamp = excluded.stamp, body = excluded.body`)
  const ids = new Map<string, number>()
  /** The last rev, once this process has written: nobody else does. */
  let written: number | undefined
  onRollback(() => {
    ids.clear()
    written = undefined
  })

  const acknowledged = (sink: string) =>
    (database.prepare('SELECT acked_rev FROM sinks WHERE name = ?').get(sink)?.['acked_rev'] as
      | number
      | undefined) ?? 0
  const lastRev = () => (maxRev.get() as { rev: number }).rev

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

  function change(
    row: Pick<PointRow, 'rev' | 'fields' | 'replaces'>,
    rev: number,
    fields: string | null,
  ): void {
    // Sticky: an earlier version with more fields may already be at a sink, or on its way.
    const replaces =
      row.replaces === 1 || row.fields === null || (fields !== null && losesFields(row.fields, fields))
    update.run(rev, fields, replaces ? 1 : 0, row.rev)
  }

  return {
    async replaceAt(owner, times, points) {
      return within(() => {
        let rev = written ?? lastRev()
        const before = rev
        const stored = new Map<string, PointRow>()
        for (const { id } of seriesOf.all(owner) as unknown as SeriesRow[]) {
          for (const at of times) {
            for (const row of pointsAt.all(id, at) as unknown as PointRow[])
              stored.set(`${id} ${at} ${row.nanos}`, row)
          }
        }
        for (const { series, at, nanos, fields } of points) {
          const { id } = idOf(series, owner)
          const key = `${id} ${at} ${nanos}`
          // One that was removed may come back.
          const row = stored.get(key) ?? (find.get(id, at, nanos) as unknown as PointRow | undefined)
          stored.delete(key)
          if (row?.fields === fields) continue
          rev += 1
          if (row) change(row, rev, fields)
          else insert.run(rev, id, at, nanos, fields)
        }
        for (const row of stored.values()) change(row, (rev += 1), null)
        written = rev
        return rev - before
      })
    },
    async save(owner, points) {
      return within(() => {
        let rev = written ?? lastRev()
        const before = rev
        const fresh = new Set<number>()
        for (const { series, at, nanos, fields } of points) {
          const { id, isNew } = idOf(series, owner)
          if (isNew) fresh.add(id)
          const row = fresh.has(id) ? undefined : (find.get(id, at, nanos) as unknown as PointRow | undefined)
          if (row?.fields === fields) continue
          rev += 1
          if (row) change(row, rev, fields)
          else insert.run(rev, id, at, nanos, fields)
        }
        written = rev
        return rev - before
      })
    },
    async replaceAll(owner, points) {
      return within(() => {
        let rev = written ?? lastRev()
        const before = rev
        const stored = new Map<number, Map<string, PointRow>>()
        for (const { id } of seriesOf.all(owner) as unknown as SeriesRow[]) {
          const rows = pointsOf.all(id) as unknown as PointRow[]
          stored.set(id, new Map(rows.map((row) => [`${row.at} ${row.nanos}`, row])))
        }
        for (const { series, at, nanos, fields } of points) {
          const { id, isNew } = idOf(series, owner)
          if (isNew) stored.set(id, emptyRows)
          const rows = stored.get(id)
          const key = rows === emptyRows ? '' : `${at} ${nanos}`
          const row =
            rows === undefined ? (find.get(id, at, nanos) as unknown as PointRow | undefined) : rows.get(key)
          if (row && rows && rows !== emptyRows) rows.delete(key)
          if (row?.fields === fields) continue
          rev += 1
          if (row) change(row, rev, fields)
          else if (rows === emptyRows) insert.run(rev, id, at, nanos, fields)
          else {
            // A removed point may come back.
            const removed = find.get(id, at, nanos) as unknown as PointRow | undefined
            if (removed) change(removed, rev, fields)
            else insert.run(rev, id, at, nanos, fields)
          }
        }
        for (const rows of stored.values()) {
          for (const row of rows.values()) change(row, (rev += 1), null)
        }
        written = rev
        return rev - before
      })
    },
    async remove(points) {
      return within(() => {
        let rev = written ?? lastRev()
        const before = rev
        for (const { series, at, nanos } of points) {
          const id = knownId(series)
          const row =
            id === undefined ? undefined : (find.get(id, at, nanos) as unknown as PointRow | undefined)
          if (row && row.fields !== null) change(row, (rev += 1), null)
        }
        written = rev
        return rev - before
      })
    },
    async carry<Point extends Carried>(points: readonly Point[]) {
      return within(() => {
        let rev = written ?? lastRev()
        const before = rev
        const missing: Point[] = []
        for (const point of points) {
          const id = knownId(point.series)
          const row =
            id === undefined ? undefined : (find.get(id, point.from, 0) as unknown as PointRow | undefined)
          if (!row || row.fields === null) {
            missing.push(point)
            continue
          }
          const { fields } = row
          change(row, (rev += 1), null)
          const there = find.get(id!, point.to, 0) as unknown as PointRow | undefined
          if (there?.fields === fields) continue
          rev += 1
          if (there) change(there, rev, fields)
          else insert.run(rev, id!, point.to, 0, fields)
        }
        written = rev
        return { changed: rev - before, missing }
      })
    },
    async owners() {
      return database
        .prepare('SELECT DISTINCT owner FROM series ORDER BY owner')
        .all()
        .map((row) => row['owner'] as string)
    },
    async after(rev, limit) {
      return next.all(rev, limit).map(outboxPoint)
    },
    async *all() {
      const rows = database.prepare(`
        SELECT rev, text AS series, at, nanos, replaces, fields FROM points JOIN series ON series.id = points.series
        WHERE fields IS NOT NULL ORDER BY text, at, nanos`)
      for (const row of rows.iterate()) yield outboxPoint(row)
    },
    async lastRev() {
      return lastRev()
    },
    async acknowledged(sink) {
      return acknowledged(sink)
    },
    async acknowledge(sink, rev, rejected) {
      await within(() => {
        const add = database.prepare(`
          INSERT INTO rejected_points VALUES (?, ?, ?, ?, ?) ON CONFLICT (sink, rev) DO UPDATE SET reason = excluded.reason`)
        for (const { point, reason } of rejected) add.run(sink, point.rev, point.series, point.at, reason)
        database
          .prepare(
            'INSERT INTO sinks VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET acked_rev = excluded.acked_rev',
          )
          .run(sink, rev)
      })
    },
    async backlog(sink) {
      const acked = acknowledged(sink)
      const points = database.prepare('SELECT count(*) AS n FROM points WHERE rev > ?').get(acked)![
        'n'
      ] as number
      const rejected = database
        .prepare('SELECT count(*) AS n FROM rejected_points WHERE sink = ?')
        .get(sink)!['n'] as number
      return { points, rejected }
    },
    async history(scope) {
      return history.get(scope) as unknown as { stamp: string; body: Uint8Array } | undefined
    },
    async *histories(prefix) {
      const rows = database.prepare(
        'SELECT scope, stamp, body FROM histories WHERE scope >= ? AND scope < ? ORDER BY scope',
      )
      for (const row of rows.iterate(prefix, `${prefix}\u{10FFFF}`)) {
        yield row as unknown as { scope: string; stamp: string; body: Uint8Array }
      }
    },
    async saveHistory(scope, { stamp, body }) {
      await within(() => {
        saveHistory.run(scope, stamp, body)
      })
    },
    async removeHistory(scope) {
      await within(() => {
        database.prepare('DELETE FROM histories WHERE scope = ?').run(scope)
      })
    },
    async removeHistories() {
      await within(() => {
        database.exec('DELETE FROM histories')
      })
    },
  }
}

const emptyRows: Map<string, PointRow> = new Map()

function outboxPoint(row: Record<string, unknown>): OutboxPoint {
  const { rev, series, at, nanos, replaces, fields } = row as unknown as OutboxPoint & { replaces: unknown }
  return { rev, series, at, nanos, replaces: (replaces as unknown) === 1, fields }
}
