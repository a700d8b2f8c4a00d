import type { DatabaseSync } from 'node:sqlite'
import type { HistoryStore } from './store.ts'

type Within = <Result>(work: () => Result) => Promise<Result> | Result

export function historyStore(database: DatabaseSync, within: Within): HistoryStore {
  const find = database.prepare('SELECT stamp, body FROM histories WHERE scope = ?')
  const save = database.prepare(`
    INSERT INTO histories VALUES (?, ?, ?)
    ON CONFLICT (scope) DO UPDATE SET stamp = excluded.stamp, body = excluded.body`)
  const remove = database.prepare('DELETE FROM histories WHERE scope = ?')
  return {
    async find(scope) {
      return find.get(scope) as unknown as { stamp: string; body: Uint8Array } | undefined
    },
    async save(scope, { stamp, body }) {
      await within(() => {
        save.run(scope, stamp, body)
      })
    },
    async remove(scope) {
      await within(() => {
        remove.run(scope)
      })
    },
    async removeAll() {
      await within(() => {
        database.exec('DELETE FROM histories')
      })
    },
  }
}
