import { AsyncLocalStorage } from 'node:async_hooks'
import { DatabaseSync } from 'node:sqlite'
import { ConfigError, messageOf } from '../core/errors.ts'
import { migrate } from './schema-version.ts'
import { alertStore } from './sqlite-alerts.ts'
import { factStore } from './sqlite-facts.ts'
import { historyStore } from './sqlite-histories.ts'
import { metaStore } from './sqlite-meta.ts'
import { restatementStore } from './sqlite-restatements.ts'
import { pointStore } from './sqlite-points.ts'
import { testStore } from './sqlite-tests.ts'
import type { Store } from './store.ts'
import { testNames } from './test-reports.ts'

export interface OpenOptions {
  /** ':memory:' or a file. */
  path: string
  /** A reader does not lock, migrate or write. */
  readOnly?: boolean
  /** Said to whoever finds the store in use. */
  owner?: string
}

/**
 * Opens the store in an SQLite file (WAL), creating and migrating it. Only one process may write at a time: a
 * second one gets a ConfigError that names the first; so does a store of a newer version.
 */
export function openSqlite({ path, readOnly = false, owner = 'dorado' }: OpenOptions): Store {
  let release = () => {}
  try {
    if (!readOnly && path !== ':memory:') release = lockFile(path, owner)
    return openDatabase(path, readOnly, release)
  } catch (error) {
    release()
    throw error instanceof ConfigError ? error : new ConfigError(`store ${path}: ${messageOf(error)}`)
  }
}

function openDatabase(path: string, readOnly: boolean, release: () => void): Store {
  const database = new DatabaseSync(path, { timeout: 5000, readOnly })
  try {
    if (!readOnly) {
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536')
      // Fewer checkpoints: in a large derivation the same index pages change again and again.
      database.exec('PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 16000')
    }
    migrate(database, path, readOnly)
  } catch (error) {
    database.close()
    throw error
  }
  let last: Promise<unknown> = Promise.resolve()
  const forgetting: (() => void)[] = []
  /** Tells the statements of a transaction from those of somebody who happens to run meanwhile. */
  const inTransaction = new AsyncLocalStorage<true>()

  async function transaction<Result>(work: () => Promise<Result> | Result): Promise<Result> {
    database.exec('BEGIN IMMEDIATE')
    try {
      const result = await inTransaction.run(true, async () => work())
      database.exec('COMMIT')
      return result
    } catch (error) {
      database.exec('ROLLBACK')
      // What was remembered of rows that are no more.
      for (const forget of forgetting) forget()
      throw error
    }
  }

  /** Statements of one transaction are never mixed with another's: the connection has only one. */
  const write: Store['write'] = (work) => {
    const next = last.then(() => transaction(work))
    last = next.catch(() => {})
    return next
  }
  const within = <Result>(work: () => Result): Promise<Result> | Result =>
    inTransaction.getStore() ? work() : write(work)

  // A backlog is read once from end to end: through a cache of its own, for it would drive all else out of the large one.
  const backlog = path === ':memory:' ? database : new DatabaseSync(path, { timeout: 5000, readOnly: true })
  if (backlog !== database) backlog.exec('PRAGMA cache_size = -2048')

  const names = testNames(database)
  forgetting.push(names.forget)
  return {
    facts: factStore(database, within, (forget) => forgetting.push(forget), names),
    tests: testStore(database, within, names),
    points: pointStore({ database, backlog }, within, (forget) => forgetting.push(forget)),
    histories: historyStore(database, within),
    restatements: restatementStore(database, within),
    alerts: alertStore(database, within),
    meta: metaStore(database, within),
    write,
    close() {
      if (backlog !== database) backlog.close()
      database.close()
      release()
    },
  }
}

/**
 * Holds a lock that ends with the process, however it ends: an open exclusive transaction on a file beside the
 * store. Who holds it is written there for the second one to say.
 */
function lockFile(path: string, owner: string): () => void {
  // A report that is deriving is over in a moment: it is waited for.
  const lock = new DatabaseSync(`${path}-writer`, { timeout: 3000 })
  try {
    lock.exec(
      'PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS writer (id INTEGER PRIMARY KEY, name TEXT)',
    )
    lock.exec('BEGIN IMMEDIATE')
    lock.prepare('INSERT OR REPLACE INTO writer VALUES (1, ?)').run(`${owner} (process ${process.pid})`)
    // Committed before the lock is taken again, so that a second process can read who holds it.
    lock.exec('COMMIT')
    lock.exec('BEGIN IMMEDIATE')
  } catch (error) {
    const holder = readHolder(lock)
    lock.close()
    if (!/locked|busy/i.test(messageOf(error))) throw error
    throw new ConfigError(`store ${path} is in use by ${holder}: only one process may write to it at a time`)
  }
  return () => lock.close()
}

function readHolder(lock: DatabaseSync): string {
  try {
    const row = lock.prepare('SELECT name FROM writer').get() as { name: string } | undefined
    return row?.name ?? 'another process'
  } catch {
    return 'another process'
  }
}
