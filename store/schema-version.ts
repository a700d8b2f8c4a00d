import type { DatabaseSync } from 'node:sqlite'
import { ConfigError } from '../core/errors.ts'
import { migrations } from './schema.ts'

/** Brings a store to this version, or where it is only read refuses another one. Throws ConfigError. */
export function migrate(database: DatabaseSync, path: string, readOnly: boolean): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version > migrations.length) {
    throw new ConfigError(
      `store ${path} is of version ${version}, and this Dorado knows versions up to ${migrations.length}: ` +
        'use the Dorado that wrote it, or another store',
    )
  }
  if (version === migrations.length) return
  if (readOnly)
    throw new ConfigError(
      `store ${path} is of an older version: run \`dorado refresh\` once to bring it up to date`,
    )
  for (const [index, migration] of migrations.entries()) {
    if (index < version) continue
    database.exec(`BEGIN IMMEDIATE; ${migration}; PRAGMA user_version = ${index + 1}; COMMIT`)
  }
}
