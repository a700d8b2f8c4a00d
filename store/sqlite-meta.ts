import type { DatabaseSync } from 'node:sqlite'
import type { MetaStore } from './store.ts'

type Within = <Result>(work: () => Result) => Promise<Result> | Result

export function metaStore(database: DatabaseSync, within: Within): MetaStore {
  return {
    async get(key) {
      return database.prepare('SELECT value FROM meta WHERE key = ?').get(key)?.['value'] as
        | string
        | undefined
    },
    async set(key, value) {
      await within(() => {
        database
          .prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value')
          .run(key, value)
      })
    },
    async source(name) {
      const row = database
        .prepare('SELECT cursor, complete_until, error FROM sources WHERE name = ?')
        .get(name)
      return {
        name,
        cursor: (row?.['cursor'] as string | null | undefined) ?? null,
        completeUntil: (row?.['complete_until'] as number | null | undefined) ?? null,
        error: (row?.['error'] as string | null | undefined) ?? null,
      }
    },
    async endSource(name, end) {
      const completeUntil = 'completeUntil' in end ? end.completeUntil : null
      await within(() => {
        database
          .prepare(
            `INSERT INTO sources (name, complete_until, error) VALUES (?, ?, ?)
             ON CONFLICT (name) DO UPDATE SET
               complete_until = coalesce(excluded.complete_until, sources.complete_until), error = excluded.error`,
          )
          .run(name, completeUntil, 'error' in end ? end.error : null)
      })
    },
    async resetCursor(name) {
      await within(() => {
        database.prepare('UPDATE sources SET cursor = NULL WHERE name = ?').run(name)
      })
    },
    async claimSlot(job, slot, at) {
      return within(
        () =>
          database
            .prepare('INSERT INTO slots VALUES (?, ?, ?, NULL) ON CONFLICT DO NOTHING')
            .run(job, slot, at).changes === 1,
      )
    },
    async endSlot(job, slot, at) {
      await within(() => {
        database.prepare('UPDATE slots SET done_at = ? WHERE job = ? AND slot = ?').run(at, job, slot)
      })
    },
    async lastDoneSlot(job) {
      const row = database
        .prepare('SELECT max(slot) AS slot FROM slots WHERE job = ? AND done_at IS NOT NULL')
        .get(job)
      return (row?.['slot'] as number | null | undefined) ?? undefined
    },
  }
}
