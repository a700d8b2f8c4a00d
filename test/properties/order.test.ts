import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseFact } from '../../core/fact-json.ts'
import { deriveChanges } from '../../pipeline/derive.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { optionsOf } from '../analyse.ts'
import { some } from '../reference/history-choices.ts'
import { tellings } from './arranged-histories.ts'
import { seen, type Seen } from './equality.ts'
import type { Line } from './line.ts'
import { runsOf } from './runs.ts'

const runs = runsOf(40, 0.1)

/** How one fact is delivered: its place in line, and how often. */
const delivery = fc.record({ place: fc.nat({ max: 1_000 }), times: some(1, 1, 2, 3) })

/** The facts in other batches, in the order of their places, each perhaps several times. */
function batchesOf(
  lines: readonly Line[],
  deliveries: readonly { place: number; times: number }[],
  size: number,
): Line[][] {
  const delivered = lines.flatMap((line, position) => {
    const { place, times } = deliveries[position % deliveries.length]!
    return Array.from({ length: times }, (_, time) => ({
      line,
      place: (place * (time + 1) + position * 7) % 1_000,
    }))
  })
  const ordered = delivered.toSorted((a, b) => a.place - b.place).map(({ line }) => line)
  return Array.from({ length: Math.ceil(ordered.length / size) }, (_, batch) =>
    ordered.slice(batch * size, (batch + 1) * size),
  )
}

async function told(
  config: object,
  batches: readonly Line[][],
  at: number,
  derivesBetween: boolean,
): Promise<Seen> {
  const store = openSqlite({ path: ':memory:' })
  try {
    const options = optionsOf(config, at)
    for (const batch of batches) {
      await store.facts.save({ facts: batch.map((line) => parseFact(line)) })
      if (derivesBetween) await deriveChanges(store, options)
    }
    await deriveChanges(store, options)
    return await seen({ store, options, at })
  } finally {
    store.close()
  }
}

const deliveries = fc.record({
  each: fc.array(delivery, { minLength: 1, maxLength: 60, size: 'max' }),
  batch: some(1_000, 1, 3, 10),
  derivesBetween: fc.boolean(),
})

test(
  `the order of facts, their batches and their repetition change no byte of report and points (${runs.numRuns} histories)`,
  { timeout: 3_600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        tellings(),
        deliveries,
        async ({ config, lines, at }, { each, batch, derivesBetween }) => {
          const other = await told(config, batchesOf(lines, each, batch), at, derivesBetween)
          expect(other).toEqual(await told(config, [lines], at, false))
        },
      ),
      runs,
    )
  },
)
