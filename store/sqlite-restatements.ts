import type { DatabaseSync } from 'node:sqlite'
import type { PoolRestatement, Restatement } from '../core/restatement.ts'
import type { RestatementStore } from './store.ts'

type Within = <Result>(work: () => Result) => Promise<Result> | Result

/** What stands for a service where it is a pool of them. */
const pool = '*'

export function restatementStore(database: DatabaseSync, within: Within): RestatementStore {
  const add = database.prepare('INSERT INTO restatements (at, service, body) VALUES (?, ?, ?)')
  const forget = database.prepare('DELETE FROM restatements WHERE at < ?')
  const ofServices = database.prepare(
    'SELECT body FROM restatements WHERE at >= ? AND service <> ? ORDER BY at, id',
  )
  const ofPools = database.prepare(
    'SELECT body FROM restatements WHERE at >= ? AND service = ? ORDER BY at, id',
  )
  const last = database.prepare('SELECT max(at) AS at FROM restatements')
  const read = (statement: typeof ofServices, at: number) =>
    statement.all(at, pool).map((row) => JSON.parse(row['body'] as string) as unknown)
  return {
    async add(restatements) {
      await within(() => {
        for (const each of restatements) add.run(each.at, each.service, JSON.stringify(each))
      })
    },
    async addPools(restatements) {
      await within(() => {
        for (const each of restatements) add.run(each.at, pool, JSON.stringify(each))
      })
    },
    async forgetBefore(at) {
      await within(() => {
        forget.run(at)
      })
    },
    since: async (at) => read(ofServices, at) as Restatement[],
    poolsSince: async (at) => read(ofPools, at) as PoolRestatement[],
    lastAt: async () => (last.get()!['at'] as number | null) ?? undefined,
  }
}
