import { createHash } from 'node:crypto'
import { deriveChanges } from '../pipeline/derive.ts'
import { openSqlite } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import { historyFacts, importAll, todayFacts } from './import.ts'
import { asOfHour } from './history.ts'
import { optionsFor } from './settings.ts'

/**
 * Whether a store that was refreshed twice has the points of one that had all facts at once. Small, for it is
 * about being right.
 */
export async function refreshEqualsRebuild(services: number): Promise<{ equal: boolean; points: number }> {
  const refreshed = openSqlite({ path: ':memory:' })
  await importAll(refreshed, historyFacts(services))
  for (const hour of [0, 1, 2]) {
    if (hour > 0) await importAll(refreshed, todayFacts(services, hour))
    await deriveChanges(refreshed, optionsFor(services, asOfHour(hour)))
  }
  const rebuilt = openSqlite({ path: ':memory:' })
  await importAll(rebuilt, historyFacts(services))
  for (const hour of [1, 2]) await importAll(rebuilt, todayFacts(services, hour))
  await deriveChanges(rebuilt, optionsFor(services, asOfHour(2)))

  const [one, other] = [await digestOf(refreshed), await digestOf(rebuilt)]
  refreshed.close()
  rebuilt.close()
  return { equal: one.digest === other.digest, points: other.points }
}

async function digestOf(store: Store): Promise<{ digest: string; points: number }> {
  const hash = createHash('sha256')
  let points = 0
  for await (const { series, at, nanos, fields } of store.points.all()) {
    hash.update(`${series} ${fields} ${at} ${nanos}\n`)
    points += 1
  }
  return { digest: hash.digest('hex'), points }
}
