import type { DatabaseSync } from 'node:sqlite'
import { losesFields } from '../core/field-names.ts'

export interface PointRow {
  rev: number
  series: number
  at: number
  nanos: number
  fields: string | null
  /** How many times it lost a field or came back. */
  replaces: number
}

/** One of the tables of points; series by their number. A removed point stays as a row without fields. */
export interface PointTable {
  name: string
  find(series: number, at: number, nanos: number): PointRow | undefined
  /** Those of a series that are not removed. */
  of(series: number): PointRow[]
  /** Those of a series and time that are not removed. */
  at(series: number, at: number): PointRow[]
  insert(rev: number, series: number, at: number, nanos: number, fields: string): void
  /** Writes a point, unless it is removed, at another time where none has ever been; tells whether it did. */
  copy(rev: number, series: number, to: { from: number; to: number; fields?: string }): boolean
  /** Removes the point at a time. */
  leave(rev: number, series: number, at: number): void
  /** The row gets the rev and fields; null removes the point. */
  change(row: PointRow, rev: number, fields: string | null): void
  lastRev(): number
}

export function pointTable(database: DatabaseSync, name: 'points' | 'passing_points'): PointTable {
  const find = database.prepare(
    `SELECT rev, series, at, nanos, fields, replaces FROM ${name} WHERE series = ? AND at = ? AND nanos = ?`,
  )
  const of = database.prepare(
    `SELECT rev, series, at, nanos, fields, replaces FROM ${name} WHERE series = ? AND fields IS NOT NULL`,
  )
  const ofTime = database.prepare(
    `SELECT rev, series, at, nanos, fields, replaces FROM ${name} WHERE series = ? AND at = ? AND fields IS NOT NULL`,
  )
  const insert = database.prepare(
    `INSERT INTO ${name} (rev, series, at, nanos, replaces, fields) VALUES (?, ?, ?, ?, 0, ?)`,
  )
  // Most points of the running day move every hour: without reading what they say.
  const copy = database.prepare(`
    INSERT INTO ${name} (rev, series, at, nanos, replaces, fields)
    SELECT ?, series, ?, 0, 0, coalesce(?, fields) FROM ${name}
    WHERE series = ? AND at = ? AND nanos = 0 AND fields IS NOT NULL
    ON CONFLICT DO NOTHING`)
  const leave = database.prepare(
    `UPDATE ${name} SET rev = ?, fields = NULL WHERE series = ? AND at = ? AND nanos = 0`,
  )
  const update = database.prepare(`UPDATE ${name} SET rev = ?, fields = ?, replaces = ? WHERE rev = ?`)
  const maxRev = database.prepare(`SELECT coalesce(max(rev), 0) AS rev FROM ${name}`)
  return {
    name,
    find: (series, at, nanos) => find.get(series, at, nanos) as unknown as PointRow | undefined,
    of: (series) => of.all(series) as unknown as PointRow[],
    at: (series, time) => ofTime.all(series, time) as unknown as PointRow[],
    insert(rev, series, at, nanos, fields) {
      insert.run(rev, series, at, nanos, fields)
    },
    copy: (rev, series, { from, to, fields }) =>
      copy.run(rev, to, fields ?? null, series, from).changes === 1,
    leave(rev, series, at) {
      leave.run(rev, series, at)
    },
    change(row, rev, fields) {
      // Counted and kept: an earlier version with more fields may already be at a sink, or on its way.
      const isLess = fields !== null && (row.fields === null || losesFields(row.fields, fields))
      update.run(rev, fields, row.replaces + (isLess ? 1 : 0), row.rev)
    },
    lastRev: () => (maxRev.get() as { rev: number }).rev,
  }
}
