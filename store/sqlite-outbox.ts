import type { DatabaseSync } from 'node:sqlite'
import type { SeriesByTag } from './series-by-tag.ts'
import type { PointRow, PointTable } from './sqlite-point-table.ts'
import type { OutboxPoint, PointStore } from './store.ts'

export type Within = <Result>(work: () => Result) => Promise<Result> | Result

type Outbox = Pick<
  PointStore,
  | 'after'
  | 'acknowledged'
  | 'acknowledge'
  | 'backlog'
  | 'rejected'
  | 'rejectedPoints'
  | 'settleRejected'
  | 'standing'
  | 'hasStanding'
  | 'latest'
  | 'between'
  | 'scan'
  | 'purge'
>

/** The points as the sinks are given them: in order of their revs, with what each has acknowledged and refused. */
export function outbox(
  { database, backlog }: { database: DatabaseSync; backlog: DatabaseSync },
  within: Within,
  { tables, byTag, lastRev }: { tables: readonly PointTable[]; byTag: SeriesByTag; lastRev: () => number },
): Outbox {
  const next = tables.map(({ name }) => {
    const rows = backlog.prepare(`
      SELECT rev, series, at, nanos, replaces, fields FROM ${name} WHERE rev > ? ORDER BY rev LIMIT ?`)
    // A row as a list of its columns is half the work, and a backlog is read as fast as the sink takes it.
    rows.setReturnArrays(true)
    return rows
  })
  const acknowledged = (sink: string) =>
    (database.prepare('SELECT acked_rev FROM sinks WHERE name = ?').get(sink)?.['acked_rev'] as
      | number
      | undefined) ?? 0

  function addRejected(sink: string, rejected: readonly { point: OutboxPoint; reason: string }[]): void {
    const add = database.prepare(`
      INSERT INTO rejected_points VALUES (?, ?, ?, ?, ?) ON CONFLICT (sink, rev) DO UPDATE SET reason = excluded.reason`)
    for (const { point, reason } of rejected) add.run(sink, point.rev, point.series, point.at, reason)
  }

  const textOfSeries = backlog.prepare('SELECT text FROM series WHERE id = ?')
  /** One text for the thousands of points that a series has. */
  const texts = new Map<number, string>()
  function textOf(series: number): string {
    let text = texts.get(series)
    if (text === undefined) {
      if (texts.size > 50_000) texts.clear()
      text = (textOfSeries.get(series) as { text: string }).text
      texts.set(series, text)
    }
    return text
  }

  const ofSeries = database.prepare(`
    SELECT rev, at, nanos, replaces, fields FROM points
    WHERE series = ? AND at >= ? AND at < ? AND fields IS NOT NULL ORDER BY at, nanos`)
  ofSeries.setReturnArrays(true)
  const inRange = database.prepare(`
    SELECT at, fields FROM points WHERE series = ? AND at BETWEEN ? AND ? AND fields IS NOT NULL
    UNION ALL
    SELECT at, fields FROM passing_points WHERE series = ? AND at BETWEEN ? AND ? AND fields IS NOT NULL
    ORDER BY at`)
  inRange.setReturnArrays(true)

  /** The last point of every series of a measurement in one table. */
  function lastOf(table: string, measurement: string, until: number): OutboxPoint[] {
    return database
      .prepare(
        `
        SELECT p.rev, text AS series, p.at, p.nanos, p.replaces, p.fields
        FROM series JOIN ${table} AS p ON p.series = series.id
        WHERE text > ? AND text < ? AND p.at = (
          SELECT max(at) FROM ${table} AS last
          WHERE last.series = series.id AND last.at <= ? AND last.fields IS NOT NULL)`,
      )
      .all(`${measurement},`, `${measurement}-`, until)
      .map(outboxPoint)
  }

  function pointOf([rev, series, at, nanos, losses, fields]: Columns): OutboxPoint {
    return { rev, series: textOf(series), at, nanos, losses, fields }
  }

  return {
    async after(rev, limit) {
      const [lasting = [], passing = []] = next.map((rows) =>
        (rows.all(rev, limit) as unknown as Columns[]).map(pointOf),
      )
      if (passing.length === 0) return lasting
      return [...lasting, ...passing].sort((a, b) => a.rev - b.rev).slice(0, limit)
    },
    async acknowledged(sink) {
      return acknowledged(sink)
    },
    async acknowledge(sink, rev, rejected) {
      await within(() => {
        addRejected(sink, rejected)
        database
          .prepare(
            'INSERT INTO sinks VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET acked_rev = excluded.acked_rev',
          )
          .run(sink, rev)
      })
    },
    async backlog(sink) {
      const acked = acknowledged(sink)
      const { n: points } = database
        .prepare(
          `SELECT (SELECT count(*) FROM points WHERE rev > ?) + (SELECT count(*) FROM passing_points WHERE rev > ?) AS n`,
        )
        .get(acked, acked) as { n: number }
      const rejected = database
        .prepare('SELECT count(*) AS n FROM rejected_points WHERE sink = ?')
        .get(sink)!['n'] as number
      return { points, rejected }
    },
    async rejectedPoints(sink, after, limit) {
      const found = tables.flatMap(({ name }) =>
        database
          .prepare(
            `
            SELECT p.rev, text AS series, p.at, p.nanos, p.replaces, p.fields
            FROM rejected_points AS r JOIN ${name} AS p ON p.rev = r.rev JOIN series ON series.id = p.series
            WHERE r.sink = ? AND r.rev > ? ORDER BY r.rev LIMIT ?`,
          )
          .all(sink, after, limit)
          .map(outboxPoint),
      )
      return found.sort((a, b) => a.rev - b.rev).slice(0, limit)
    },
    async settleRejected(sink, { after, until }, still) {
      await within(() => {
        database
          .prepare('DELETE FROM rejected_points WHERE sink = ? AND rev > ? AND rev <= ?')
          .run(sink, after, until)
        addRejected(sink, still)
      })
    },
    async standing({ measurement, at, nanos }) {
      return tables.flatMap(({ name }) =>
        database
          .prepare(
            `
            SELECT rev, text AS series, at, nanos, replaces, fields FROM series JOIN ${name} AS p ON p.series = series.id
            WHERE text > ? AND text < ? AND at = ? AND nanos = ? AND fields IS NOT NULL`,
          )
          // Every series has tags: what follows the name is a comma, and a hyphen is the letter after it.
          .all(`${measurement},`, `${measurement}-`, at, nanos)
          .map(outboxPoint),
      )
    },
    async between(measurement, [name, value], from, to) {
      return byTag.find(measurement, name, value).flatMap(({ id, text: series }) =>
        (ofSeries.all(id, from, to) as unknown as Row[]).map(([rev, at, nanos, losses, fields]) => ({
          rev,
          series,
          at,
          nanos,
          losses,
          fields,
        })),
      )
    },
    async *scan(measurement, { tag, from, to }) {
      for (const { id, text: series } of tag ? byTag.find(measurement, ...tag) : byTag.all(measurement)) {
        const rows = inRange.all(id, from, to, id, from, to) as unknown as [at: number, fields: string][]
        if (rows.length > 0) yield { series, points: rows.map(([at, fields]) => ({ at, fields })) }
      }
    },
    async latest(measurement, until) {
      const last = new Map<string, OutboxPoint>()
      for (const point of tables.flatMap(({ name }) => lastOf(name, measurement, until))) {
        const other = last.get(point.series)
        if (other === undefined || point.at > other.at) last.set(point.series, point)
      }
      return [...last.values()]
    },
    async hasStanding(series, from, to) {
      return tables.some(
        ({ name }) =>
          database
            .prepare(
              `
              SELECT 1 FROM series JOIN ${name} AS p ON p.series = series.id
              WHERE text = ? AND at BETWEEN ? AND ? AND fields IS NOT NULL LIMIT 1`,
            )
            .get(series, from, to) !== undefined,
      )
    },
    async rejected(sink, limit) {
      const rows = database.prepare(`
        SELECT rejected_points.series, rejected_points.at, reason FROM rejected_points
        WHERE sink = ? AND (
          EXISTS (SELECT 1 FROM points WHERE points.rev = rejected_points.rev AND fields IS NOT NULL) OR
          EXISTS (SELECT 1 FROM passing_points WHERE passing_points.rev = rejected_points.rev AND fields IS NOT NULL)
        ) ORDER BY rev DESC LIMIT ?`)
      return rows
        .all(sink, limit)
        .map((row) => ({ ...row }) as unknown as { series: string; at: number; reason: string })
    },
    async purge(sinks) {
      const acked = sinks.length === 0 ? lastRev() : Math.min(...sinks.map(acknowledged))
      await within(() => {
        database.prepare('DELETE FROM passing_points WHERE fields IS NULL AND rev <= ?').run(acked)
      })
    },
  }
}

export function outboxPoint(row: Record<string, unknown>): OutboxPoint {
  const { rev, series, at, nanos, replaces, fields } = row as unknown as PointRow & { series: string }
  return { rev, series, at, nanos, losses: replaces, fields }
}

type Columns = [
  rev: number,
  series: number,
  at: number,
  nanos: number,
  replaces: number,
  fields: string | null,
]

type Row = [rev: number, at: number, nanos: number, losses: number, fields: string]
