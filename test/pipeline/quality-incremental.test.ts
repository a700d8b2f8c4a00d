import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseFact } from '../../core/fact-json.ts'
import type { Fact } from '../../core/fact.ts'
import { deriveChanges, rebuild } from '../../pipeline/derive.ts'
import { qualityAt } from '../../pipeline/quality.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { compareFindings } from '../../transforms/finding.ts'
import { optionsOf } from '../analyse.ts'
import { histories } from '../reference/histories.ts'

const hour = 3_600_000

test('after any sequence of refreshes, late facts and removals the findings equal those of a rebuild', async () => {
  let found = 0
  await fc.assert(
    fc.asyncProperty(
      histories(),
      fc.infiniteStream(fc.nat({ max: 1_000 })),
      async ({ config, facts, asOf }, chance) => {
        const next = () => chance.next().value as number
        const store = openSqlite({ path: ':memory:' })
        try {
          const waiting = facts.map((fact) => parseFact(fact)).sort(() => next() - 500)
          const known: Fact[] = []
          let now = Date.parse(asOf) - 5 * 24 * hour
          while (waiting.length > 0) {
            const batch = waiting.splice(0, 1 + (next() % 12))
            const gone = known.filter(() => next() < 40)
            await store.facts.save({ facts: batch, removals: gone })
            known.push(...batch)
            now += (next() % 30) * hour
            await deriveChanges(store, optionsOf(config, now))
          }
          const derivation = optionsOf(config, now)
          const listed = async () => {
            const { findings } = await qualityAt({ store, extractors: [], loaders: [], derivation }, now)
            found += findings.length
            return findings.toSorted(compareFindings)
          }
          const kept = await listed()
          await rebuild(store, derivation)
          expect(kept).toEqual(await listed())
        } finally {
          store.close()
        }
      },
    ),
    { numRuns: Number(process.env['HISTORIES'] ?? 60) },
  )
  expect(found).toBeGreaterThan(60)
})
