import type { DatabaseSync } from 'node:sqlite'
import type { Restatement } from '../core/restatement.ts'
import type { RestatementStore } from './store.ts'

type Within = <Result>(work: () => Result) => Promise<Result> | Result

export function restatementStore(database: DatabaseSync, within: Within): RestatementStore {
  const add = database.prepare('INSERT INTO restatements (at, service, body) VALUES (?, ?, ?)')
  const forget = database.prepare('DELETE FROM restatements WHERE at < ?')
  const since = database.prepare('SELECT body FROM restatements WHERE at >= ? ORDER BY at, id')
  return {
    async add(restatements) {
      await within(() => {
        for (const each of restatements) add.run(each.at, each.service, JSON.stringify(each))
      })
    },
    async forgetBefore(at) {
      await within(() => {
        forget.run(at)
      })
    },
    async since(at) {
      return since.all(at).map((row) => JSON.parse(row['body'] as string) as Restatement)
    },
  }
}
