import { expect } from 'vitest'
import type { Fact } from '../../core/fact.ts'
import { deriveChanges, rebuild } from '../../pipeline/derive.ts'
import { reportFrom } from '../../pipeline/report.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Life } from './lives.ts'
import { play, type Refreshed } from './play.ts'
import { factsOf, linesOf } from './points.ts'

/** All that can be seen of a store: its points in line protocol, and its report. */
export interface Seen {
  lines: string[]
  report: string
}

export async function seen({ store, options, at }: Omit<Refreshed, 'position'>): Promise<Seen> {
  const report = await reportFrom(store, options, { asOf: at, windowsDays: options.windowsDays })
  return { lines: await linesOf(store), report: JSON.stringify(report) }
}

/** The facts as they stand, told at once to a store that knows nothing. */
export async function seenFromNothing({ store, options, at }: Refreshed): Promise<Seen> {
  const other = openSqlite({ path: ':memory:' })
  try {
    await other.facts.save({ facts: (await factsOf(store)) as Fact[] })
    await deriveChanges(other, options)
    return await seen({ store: other, options, at })
  } finally {
    other.close()
  }
}

/** After the last refresh of a life, nothing tells that it was not derived at once from what is stored. */
export async function holds(life: Life): Promise<void> {
  await play(life, async (refreshed) => {
    if (refreshed.position < life.moments.length - 1) return
    const stored = await seen(refreshed)
    expect(stored).toEqual(await seenFromNothing(refreshed))
    await rebuild(refreshed.store, refreshed.options)
    expect(stored).toEqual(await seen(refreshed))
  })
}
