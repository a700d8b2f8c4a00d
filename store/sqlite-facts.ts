import type { DatabaseSync } from 'node:sqlite'
import { factKinds, type Fact, type FactKind, type TestReport } from '../core/fact.ts'
import { incidentScope, instantOf, isOpen, manyScope, scopesOf } from './scope.ts'
import type { FactStore } from './store.ts'
import type { StoredReport, TestNames } from './test-reports.ts'

type Within = <Result>(work: () => Result) => Promise<Result> | Result
type Row = Record<string, unknown>

export function factStore(
  database: DatabaseSync,
  within: Within,
  onRollback: (forget: () => void) => void,
  tests: TestNames,
): FactStore {
  const upsert = database.prepare(`
    INSERT INTO facts (seq, kind, source, id, scope, at, open, removed, body) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)
    ON CONFLICT (kind, source, id) DO UPDATE SET
      seq = excluded.seq, scope = excluded.scope, at = excluded.at, open = excluded.open, removed = 0,
      body = excluded.body
    WHERE facts.body IS DISTINCT FROM excluded.body OR facts.removed = 1`)
  const formerScope = database.prepare(
    'SELECT scope, body FROM facts WHERE kind = ? AND source = ? AND id = ?',
  )
  const remove = database.prepare(
    'UPDATE facts SET seq = ?, removed = 1, open = 0 WHERE kind = ? AND source = ? AND id = ? AND removed = 0',
  )
  const lastSeq = database.prepare('SELECT coalesce(max(seq), 0) AS seq FROM facts')
  const addScope = database.prepare('INSERT INTO scopes VALUES (?, ?) ON CONFLICT DO NOTHING')
  const addIncidentScope = database.prepare(
    'INSERT INTO incident_scopes VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const inScope = database.prepare('SELECT body FROM facts WHERE scope = ? AND kind = ? AND removed = 0')
  inScope.setReturnArrays(true)
  const severalIn = database.prepare(`
    SELECT body FROM facts WHERE kind = 'incident' AND removed = 0
    AND (source, id) IN (SELECT source, id FROM incident_scopes WHERE scope = ?)`)
  const addedIn = database.prepare(
    'SELECT removed, body FROM facts WHERE scope = ? AND kind = ? AND seq > ? AND seq <= ?',
  )
  const rowsIn = database.prepare('SELECT count(*) AS n FROM facts WHERE scope = ? AND kind = ?')
  const leftAfter = database.prepare(
    'SELECT 1 FROM left_scopes WHERE scope = ? AND kind = ? AND seq > ? AND seq <= ?',
  )
  const setCursor = database.prepare(`
    INSERT INTO sources (name, cursor) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor`)
  const addLeft = database.prepare(`
    INSERT INTO left_scopes VALUES (?, ?, ?) ON CONFLICT (scope, kind) DO UPDATE SET seq = excluded.seq`)
  const knownScopes = new Set<string>()
  onRollback(() => knownScopes.clear())

  function remember(scope: string, kind: FactKind): void {
    const key = `${kind} ${scope}`
    if (knownScopes.has(key)) return
    addScope.run(scope, kind)
    knownScopes.add(key)
  }

  function saveFact(seq: number, fact: Fact): boolean {
    const scopes = scopesOf(fact)
    const scope = scopes.length === 1 ? scopes[0]! : manyScope
    const former = formerScope.get(fact.kind, fact.source, fact.id) as
      | { scope: string; body: string }
      | undefined
    const body = JSON.stringify(fact.kind === 'testReport' ? tests.encode(fact) : fact)
    const { changes } = upsert.run(
      seq,
      fact.kind,
      fact.source,
      fact.id,
      scope,
      instantOf(fact),
      isOpen(fact) ? 1 : 0,
      body,
    )
    if (changes === 0) return false
    for (const each of scopes) {
      remember(each, fact.kind)
      if (scope === manyScope) addIncidentScope.run(each, fact.source, fact.id)
    }
    // What it belonged to before has to be derived again without it.
    if (former && (former.scope !== scope || scope === manyScope)) leave(former.body, fact, seq)
    // A report that was of another time is one that this time had not.
    if (former && fact.kind === 'testReport' && isMoved(former.body, fact)) addLeft.run(scope, fact.kind, seq)
    return true
  }

  /** The fact that a body says. */
  function factOf(body: string): Fact {
    const fact = JSON.parse(body) as Fact
    return fact.kind === 'testReport' ? tests.decode(fact as unknown as StoredReport) : fact
  }

  function leave(formerBody: string, fact: Fact, seq: number): void {
    for (const scope of scopesOf(JSON.parse(formerBody) as Fact)) addLeft.run(scope, fact.kind, seq)
  }

  function scopesLeftAfter(seq: number): { scope: string; kind: FactKind }[] {
    const rows = database.prepare('SELECT scope, kind FROM left_scopes WHERE seq > ?').all(seq)
    return rows.map((row) => ({ scope: row['scope'] as string, kind: row['kind'] as FactKind }))
  }

  return {
    async save({ facts, removals = [], cursor }) {
      return within(() => {
        let { seq } = lastSeq.get() as { seq: number }
        const saved = { changed: 0, removed: 0 }
        for (const fact of facts) {
          if (saveFact(seq + 1, fact)) {
            seq += 1
            saved.changed += 1
          }
        }
        for (const { kind, source, id } of removals) {
          if (remove.run(seq + 1, kind, source, id).changes === 0) continue
          seq += 1
          saved.removed += 1
        }
        if (cursor) setCursor.run(cursor.source, cursor.value)
        return saved
      })
    },
    async inScope(scope, kinds) {
      const facts: Fact[] = []
      for (const kind of kinds) {
        // The hottest read of all: rows come as arrays, all at once.
        for (const row of inScope.all(scope, kind) as unknown as [string][])
          facts.push(kind === 'testReport' ? factOf(row[0]) : (JSON.parse(row[0]) as Fact))
      }
      if (kinds.includes('incident') && scope.startsWith(incidentScope(''))) {
        for (const row of severalIn.iterate(scope)) {
          const fact = JSON.parse((row as Row)['body'] as string) as Fact
          // The table keeps every service an incident ever named.
          if (scopesOf(fact).length > 1 && scopesOf(fact).includes(scope)) facts.push(fact)
        }
      }
      return facts
    },
    async addedIn(scope, kinds, after, until) {
      const facts: Fact[] = []
      for (const kind of kinds) {
        if (leftAfter.get(scope, kind, after, until)) return undefined
        const several = kind === 'incident' ? addedIn.all(manyScope, kind, after, until) : []
        for (const row of [...addedIn.all(scope, kind, after, until), ...several]) {
          const fact = factOf(row['body'] as string)
          if (!scopesOf(fact).includes(scope)) continue
          if (row['removed'] === 1) return undefined
          facts.push(fact)
        }
      }
      return facts
    },
    async rowsIn(scope, kind) {
      return (rowsIn.get(scope, kind) as { n: number }).n
    },
    async *all() {
      const rows = database.prepare('SELECT body FROM facts WHERE removed = 0 ORDER BY kind, source, id')
      for (const row of rows.iterate()) yield factOf((row as Row)['body'] as string)
    },
    async open(source, kind) {
      const rows = database
        .prepare('SELECT body FROM facts WHERE source = ? AND kind = ? AND open = 1')
        .all(source, kind)
      return rows.map((row) => factOf(row['body'] as string))
    },
    async ids(source, kind, from) {
      const rows = database
        .prepare('SELECT id FROM facts WHERE kind = ? AND source = ? AND at >= ? AND removed = 0 ORDER BY id')
        .all(kind, source, from)
      return rows.map((row) => row['id'] as string)
    },
    async find(kind, id) {
      const rows = database
        .prepare('SELECT body FROM facts WHERE kind = ? AND id = ? AND removed = 0')
        .all(kind, id)
      return rows.map((row) => factOf(row['body'] as string))
    },
    async scopes(kind) {
      // Incidents of several services are in none of their scopes; who asks finds out by looking into them.
      const rows = database
        .prepare(
          `SELECT scope FROM scopes WHERE kind = ? AND (kind = 'incident' OR EXISTS (
             SELECT 1 FROM facts WHERE facts.scope = scopes.scope AND facts.kind = scopes.kind AND removed = 0
           )) ORDER BY scope`,
        )
        .all(kind)
      return rows.map((row) => row['scope'] as string)
    },
    async changesAfter(seq, limit) {
      const rows = database
        .prepare(
          "SELECT seq, scope, removed, body FROM facts WHERE seq > ? AND kind <> 'testReport' ORDER BY seq LIMIT ?",
        )
        .all(seq, limit + 1)
      return rows.map((row) => ({
        seq: row['seq'] as number,
        scope: row['scope'] as string,
        removed: row['removed'] === 1,
        fact: JSON.parse(row['body'] as string) as Fact,
      }))
    },
    async scopesChangedAfter(seq) {
      const changed = database.prepare('SELECT DISTINCT scope, kind FROM facts WHERE seq > ?').all(seq)
      const several = database
        .prepare(
          `SELECT DISTINCT incident_scopes.scope, kind FROM facts JOIN incident_scopes USING (source, id)
           WHERE seq > ? AND facts.scope = ? AND kind = 'incident'`,
        )
        .all(seq, manyScope)
      const found = [...changed, ...several].map((row) => ({
        scope: row['scope'] as string,
        kind: row['kind'] as FactKind,
      }))
      return [...found, ...scopesLeftAfter(seq)]
    },
    async scopesOfKindChangedAfter(kind, seq) {
      const rows = database
        .prepare(
          `SELECT DISTINCT scope FROM facts WHERE seq > ? AND kind = ?
           UNION SELECT scope FROM left_scopes WHERE seq > ? AND kind = ?`,
        )
        .all(seq, kind, seq, kind)
      return rows.map((row) => row['scope'] as string)
    },
    async scopesLeftAfter(seq) {
      return scopesLeftAfter(seq)
    },
    async lastSeq() {
      return (lastSeq.get() as { seq: number }).seq
    },
    async counts() {
      const rows = database
        .prepare('SELECT kind, count(*) AS n FROM facts WHERE removed = 0 GROUP BY kind')
        .all()
      const byKind = new Map(rows.map((row) => [row['kind'] as FactKind, row['n'] as number]))
      return Object.fromEntries(factKinds.map((kind) => [kind, byKind.get(kind) ?? 0])) as Record<
        FactKind,
        number
      >
    },
  }
}

function isMoved(formerBody: string, { startedAt }: TestReport): boolean {
  return (JSON.parse(formerBody) as StoredReport).startedAt !== startedAt
}
