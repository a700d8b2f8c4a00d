import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { ConfigError, messageOf } from '../core/errors.ts'
import { migrate } from './schema-version.ts'
import { alertStore } from './sqlite-alerts.ts'
import type { AlertStore } from './alert-store.ts'

export interface SilenceFile extends Pick<AlertStore, 'silences' | 'setSilence' | 'removeSilence'> {
  close(): void
}

/**
 * The silences of a store, beside the process that writes to it: a silence is one row that nothing is derived from and
 * that no process remembers, and each is written in a transaction of its own. The store has to exist and is not
 * migrated. While another process is writing it is waited for, for a derivation may be long. Throws ConfigError.
 */
export function openSilences(path: string, { waitedForMs = 30_000 } = {}): SilenceFile {
  if (!existsSync(path))
    throw new ConfigError(`store ${path} does not exist yet: run dorado refresh or import first`)
  const database = new DatabaseSync(path, { timeout: waitedForMs })
  try {
    // To bring the log into the file is the work of whoever writes it.
    database.exec('PRAGMA wal_autocheckpoint = 0')
    migrate(database, path, true)
  } catch (error) {
    database.close()
    throw error instanceof ConfigError ? error : new ConfigError(`store ${path}: ${messageOf(error)}`)
  }

  function transaction<Result>(work: () => Result): Result {
    try {
      database.exec('BEGIN IMMEDIATE')
    } catch (error) {
      if (!/locked|busy/i.test(messageOf(error))) throw error
      throw new Error(
        `store ${path} is being written to for more than ${waitedForMs / 1000} s: try again later`,
        { cause: error },
      )
    }
    try {
      const result = work()
      database.exec('COMMIT')
      return result
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
  }

  const { silences, setSilence, removeSilence } = alertStore(database, transaction)
  return { silences, setSilence, removeSilence, close: () => database.close() }
}
