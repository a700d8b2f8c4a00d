import { parseFact } from '../../core/fact-json.ts'
import { deriveChanges } from '../../pipeline/derive.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { optionsOf } from '../analyse.ts'
import type { Told } from './arranged-histories.ts'
import { read, type Read } from './events.ts'
import { pointsOf } from './points.ts'

/** The points that come of facts told at once, and the configured beginning. */
export async function derivedOf({
  config,
  lines,
  at,
}: Told): Promise<{ points: Read[]; since: number | null }> {
  const store = openSqlite({ path: ':memory:' })
  try {
    await store.facts.save({ facts: lines.map((line) => parseFact(line)) })
    const options = optionsOf(config, at)
    await deriveChanges(store, options)
    return { points: (await pointsOf(store)).map(read), since: options.since }
  } finally {
    store.close()
  }
}
