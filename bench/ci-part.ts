import { DatabaseSync } from 'node:sqlite'
import type { Run } from '../core/fact.ts'
import { deriveChanges } from '../pipeline/derive.ts'
import { repositoryScope } from '../store/scope.ts'
import { openSqlite } from '../store/sqlite.ts'
import { allRuns, runsOfHour } from './ci-runs.ts'
import { asOfHour, repositoryName } from './history.ts'
import { importAll } from './import.ts'
import { runPart, type Measured } from './measured.ts'
import { optionsFor } from './settings.ts'
import { stopwatch } from './stopwatch.ts'
import { timedStore } from './timed-store.ts'

type Part = (path: string, services: number) => Promise<Omit<Measured, 'peakMiB'>>

const parts = {
  import: async (path, services) => {
    const store = openSqlite({ path })
    const stored = await importAll(store, allRuns(services))
    store.close()
    return stored
  },
  /** Every run out of the store into an object, a repository after the other. */
  scan: async (path, services) => {
    const database = new DatabaseSync(path, { readOnly: true })
    const statement = database.prepare(
      "SELECT body FROM facts WHERE scope = ? AND kind = 'run' AND removed = 0",
    )
    const took = stopwatch()
    let rows = 0
    for (let service = 0; service < services; service += 1) {
      const runs: Run[] = []
      for (const row of statement.iterate(repositoryScope(repositoryName(service))))
        runs.push(JSON.parse(row['body'] as string) as Run)
      rows += runs.length
    }
    const time = took()
    database.close()
    return { ...time, rows }
  },
  derive: async (path, services) => {
    const opened = openSqlite({ path })
    const { store, times } = timedStore(opened)
    const took = stopwatch()
    const { points } = await deriveChanges(store, optionsFor(services, asOfHour(0)))
    const time = took()
    opened.close()
    return { ...time, ...times, rows: points }
  },
  refresh: async (path, services) => {
    const store = openSqlite({ path })
    const refresh = async (hour: number) => {
      const took = stopwatch()
      const { points } = await deriveChanges(store, optionsFor(services, asOfHour(hour)))
      return { ...took(), rows: points }
    }
    await importAll(store, runsOfHour(services, 1))
    const first = await refresh(1)
    await importAll(store, runsOfHour(services, 2))
    const again = await refresh(2)
    const idle = await refresh(3)
    store.close()
    return { ...first, again, idle }
  },
} satisfies Record<string, Part>

export type CiPartName = keyof typeof parts

if (import.meta.main) await runPart(parts, (part, [path = '', services = '']) => part(path, Number(services)))
