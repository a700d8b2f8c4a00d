import { loadConfig } from '../config/load.ts'
import { settingsFor } from '../config/config.ts'
import { parseFact } from '../core/fact-json.ts'
import { createCatalogue } from '../pipeline/catalogue.ts'
import { deriveChanges } from '../pipeline/derive.ts'
import type { DeriveOptions } from '../pipeline/derive-options.ts'
import { observedBy } from '../pipeline/observed.ts'
import { reportFrom } from '../pipeline/report.ts'
import { openSqlite } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import type { FullReport } from '../pipeline/report.ts'

/** Derivation options of a configuration written as JSON, all services pushed, as of an instant. */
export function optionsOf(config: object, asOf: number): DeriveOptions {
  const loaded = loadConfig({
    path: 'dorado.yaml',
    text: JSON.stringify(config),
    env: {},
    readFile: () => '',
    connectors: { sources: [], sinks: [] },
  })
  return {
    catalogue: createCatalogue(loaded, (name, repositories) => settingsFor(loaded, name, repositories)),
    since: loaded.since,
    timezone: loaded.timezone,
    edition: loaded.edition,
    windowsDays: loaded.windowsDays,
    at: asOf,
    observed: observedBy([], new Map(), asOf),
  }
}

export interface Analysed {
  report: FullReport
  store: Store
  options: DeriveOptions
}

/** The report over facts as they stand in NDJSON, through the whole store and derivation. */
export async function analyse(config: object, facts: readonly object[], asOf: string): Promise<Analysed> {
  const store = openSqlite({ path: ':memory:' })
  await store.facts.save({ facts: facts.map((fact) => parseFact(fact)) })
  const options = optionsOf(config, Date.parse(asOf))
  await deriveChanges(store, options)
  const report = await reportFrom(store, options, {
    asOf: Date.parse(asOf),
    windowsDays: options.windowsDays,
  })
  return { report, store, options }
}
