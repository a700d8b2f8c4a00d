import { settingsFor } from '../../config/config.ts'
import { loadConfig } from '../../config/load.ts'
import { Unavailable } from '../../core/errors.ts'
import { parseFact } from '../../core/fact-json.ts'
import type { Io } from '../../core/io.ts'
import type { Extractor } from '../../extractors/extractor.ts'
import { createCatalogue } from '../../pipeline/catalogue.ts'
import type { Pipeline } from '../../pipeline/refresh.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { quietIo } from '../extractors/contract.ts'
import { instantOf, type Line, type ProductConfig } from './line.ts'

/** How a source's run ends: well, before it told anything, or after its first page. */
export type Ending = 'well' | 'at once' | 'after a page'

export const sourceNames = ['ci', 'git', 'pagerduty'] as const
export type SourceName = (typeof sourceNames)[number]

const yields: Record<SourceName, Extractor['yields']> = {
  ci: ['deployment', 'run'],
  git: ['change', 'commit'],
  pagerduty: ['incident'],
}

/** A pipeline whose sources tell what has happened by now, page by page, and fail when they are told to. */
export function scriptedPipeline(config: ProductConfig, lines: readonly Line[]) {
  const clock = { now: 0 }
  const endings: Record<SourceName, Ending> = { ci: 'well', git: 'well', pagerduty: 'well' }
  const extractors = sourceNames.map((name): Extractor => ({
    name,
    yields: yields[name],
    async *extract(since) {
      if (endings[name] === 'at once') throw new Unavailable(`${name} cannot be reached`)
      const told = Number(since.cursor ?? 0)
      const own = lines.filter((line) => line.source === name)
      const due = own.filter((line) => instantOf(line) > told && instantOf(line) <= clock.now)
      const ordered = due.toSorted((a, b) => instantOf(a) - instantOf(b))
      const half = Math.ceil(ordered.length / 2)
      const last = ordered[half - 1]
      const facts = (some: readonly Line[]) => some.map((line) => parseFact(line))
      // Of one instant there may be several: what was told is safe only before it.
      yield { facts: facts(ordered.slice(0, half)), ...(last && { cursor: String(instantOf(last) - 1) }) }
      if (endings[name] === 'after a page') throw new Unavailable(`${name} broke off`)
      yield { facts: facts(ordered.slice(half)), cursor: String(clock.now) }
    },
    check: () => Promise.resolve([]),
    usage: () => ({ requests: 1 }),
  }))
  const loaded = loadConfig({
    path: 'dorado.yaml',
    text: JSON.stringify(config),
    env: {},
    readFile: () => '',
    connectors: { sources: [], sinks: [] },
  })
  const { since, timezone, edition, windowsDays } = loaded
  const catalogue = createCatalogue(loaded, (name, repositories) => settingsFor(loaded, name, repositories))
  const pipeline: Pipeline = {
    store: openSqlite({ path: ':memory:' }),
    extractors,
    loaders: [],
    derivation: { catalogue, since, timezone, edition, windowsDays },
  }
  const io: Io = { ...quietIo(0), clock: () => clock.now }
  return { pipeline, io, clock, endings }
}
