import type { DatabaseSync } from 'node:sqlite'
import type { TestRuns } from '../core/test-runs.ts'
import { nameOfScope, repositoryScope } from './scope.ts'
import type { TestStore } from './store.ts'
import { rangesIn, type StoredReport, type TestNames } from './test-reports.ts'

type Within = <Result>(work: () => Result) => Promise<Result> | Result

export function testStore(database: DatabaseSync, within: Within, names: TestNames): TestStore {
  const reports = database.prepare(
    "SELECT at, body FROM facts WHERE scope = ? AND kind = 'testReport' AND removed = 0 AND at >= ? ORDER BY at, source, id",
  )
  const changed = database.prepare(
    "SELECT min(at) AS at FROM facts WHERE scope = ? AND kind = 'testReport' AND seq > ?",
  )
  const left = database.prepare(
    "SELECT 1 FROM left_scopes WHERE scope = ? AND kind = 'testReport' AND seq > ?",
  )
  const scopes = database.prepare("SELECT scope FROM scopes WHERE kind = 'testReport'")
  // The last row stays: by its seq one knows what comes after it.
  const drop = database.prepare(`
    DELETE FROM facts WHERE scope = ? AND kind = 'testReport' AND at < ? AND seq < (SELECT max(seq) FROM facts)`)
  const allOf = database.prepare("SELECT body FROM facts WHERE scope = ? AND kind = 'testReport'")

  return {
    async runs(repository, from) {
      const rows = reports.all(repositoryScope(repository), from) as unknown as { at: number; body: string }[]
      return rows.map(({ at, body }): TestRuns => {
        const { id, run, passed, failed, more } = JSON.parse(body) as StoredReport
        return { at, id, run: run ?? null, passed: rangesIn(passed), failed: rangesIn(failed), more }
      })
    },
    async changedFrom(repository, seq) {
      const scope = repositoryScope(repository)
      if (left.get(scope, seq)) return -Infinity
      return (changed.get(scope, seq) as { at: number | null }).at ?? undefined
    },
    async nameOf(test) {
      return names.nameOf(test)
    },
    async drop(before) {
      return within(() => {
        let dropped = 0
        for (const { scope } of scopes.all() as unknown as { scope: string }[]) {
          const count = Number(drop.run(scope, before).changes)
          dropped += count
          if (count === 0) continue
          const bodies = allOf.all(scope) as unknown as { body: string }[]
          names.prune(
            nameOfScope(scope),
            bodies.map(({ body }) => JSON.parse(body) as StoredReport),
          )
        }
        return dropped
      })
    },
  }
}
