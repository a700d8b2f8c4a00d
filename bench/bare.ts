import { DatabaseSync } from 'node:sqlite'
import type { Fact } from '../core/fact.ts'
import { incidentScope, repositoryScope, serviceScope } from '../store/scope.ts'
import { incidentName, repositoryName, serviceName } from './history.ts'
import { nothing, plus, stopwatch, type Took } from './stopwatch.ts'

export interface Timed extends Took {
  rows: number
}

const rowsAtOnce = 5000

/** Every fact out of the store into an object, a service after the other: what no derivation can do without. */
export function scanFacts(path: string, services: number): Timed {
  const database = open(path)
  const statement = database.prepare('SELECT body FROM facts WHERE scope = ? AND kind = ? AND removed = 0')
  const took = stopwatch()
  let rows = 0
  for (let service = 0; service < services; service += 1) {
    const facts: Fact[] = []
    for (const [scope, kind] of scopesOf(service)) {
      for (const row of statement.iterate(scope, kind)) facts.push(JSON.parse(row['body'] as string) as Fact)
    }
    rows += facts.length
  }
  const time = took()
  database.close()
  return { ...time, rows }
}

/** In the order in which a service's derivation asks for them. */
function scopesOf(service: number): [scope: string, kind: Fact['kind']][] {
  const repository = repositoryScope(repositoryName(service))
  return [
    [serviceScope(serviceName(service)), 'deployment'],
    [repository, 'deployment'],
    [incidentScope(serviceName(service)), 'incident'],
    [incidentScope(incidentName(service)), 'incident'],
    [repository, 'commit'],
    [repository, 'change'],
  ]
}

/**
 * The points of a store into a new table of the same shape in a new file, in the order in which they were stored.
 * Only the inserting is timed, not the reading.
 */
export function insertPoints(path: string, to: string): Timed {
  const source = open(path)
  const { sql } = source.prepare(`SELECT sql FROM sqlite_schema WHERE name = 'points'`).get() as {
    sql: string
  }
  const read = source.prepare('SELECT * FROM points WHERE rev > ? ORDER BY rev LIMIT ?')
  const target = open(to)
  target.exec(sql)
  const insert = target.prepare(
    'INSERT INTO points (rev, series, at, nanos, replaces, fields) VALUES (?, ?, ?, ?, ?, ?)',
  )
  let time = nothing
  let rows = 0
  for (let rev = 0; ;) {
    const points = read.all(rev, rowsAtOnce) as Record<string, number>[]
    if (points.length === 0) break
    const took = stopwatch()
    target.exec('BEGIN IMMEDIATE')
    for (const point of points) {
      insert.run(
        point['rev']!,
        point['series']!,
        point['at']!,
        point['nanos']!,
        point['replaces']!,
        point['fields']!,
      )
    }
    target.exec('COMMIT')
    time = plus(time, took())
    rows += points.length
    rev = points.at(-1)!['rev']!
  }
  source.close()
  target.close()
  return { ...time, rows }
}

/** With the pragmas of the store. */
function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536')
  database.exec('PRAGMA journal_size_limit = 67108864')
  return database
}
