import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseFact } from '../../core/fact-json.ts'
import type { Fact } from '../../core/fact.ts'
import { deriveChanges, rebuild } from '../../pipeline/derive.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { optionsOf } from '../analyse.ts'
import { histories } from '../reference/histories.ts'

async function pointsOf(store: Store): Promise<string[]> {
  const points: string[] = []
  for await (const { series, at, nanos, fields } of store.points.all())
    points.push(`${series} ${at} ${nanos} ${fields}`)
  return points.sort()
}

const hour = 3_600_000

test('after any sequence of refreshes, late facts and removals the points equal those of a rebuild', async () => {
  await fc.assert(
    fc.asyncProperty(
      histories(),
      fc.infiniteStream(fc.nat({ max: 1_000 })),
      async ({ config, facts, asOf }, chance) => {
        const next = () => chance.next().value as number
        const store = openSqlite({ path: ':memory:' })
        try {
          // Facts come in any order, some more than once, in batches an hour or some days apart.
          const waiting = facts.map((fact) => parseFact(fact)).sort(() => next() - 500)
          const known: Fact[] = []
          let now = Date.parse(asOf) - 5 * 24 * hour
          while (waiting.length > 0) {
            const batch = waiting.splice(0, 1 + (next() % 12))
            const again = known.filter(() => next() < 50)
            const gone = known.filter(() => next() < 40)
            await store.facts.save({ facts: [...batch, ...again], removals: gone })
            known.push(...batch)
            now += (next() % 30) * hour
            await deriveChanges(store, optionsOf(config, now))
          }
          const kept = await pointsOf(store)
          await rebuild(store, optionsOf(config, now))
          expect(kept).toEqual(await pointsOf(store))
        } finally {
          store.close()
        }
      },
    ),
    { numRuns: Number(process.env['HISTORIES'] ?? 150) },
  )
})

test('the order and repetition of facts change neither the report nor the points', async () => {
  await fc.assert(
    fc.asyncProperty(
      histories(),
      fc.infiniteStream(fc.nat({ max: 1_000 })),
      async ({ config, facts, asOf }, chance) => {
        const next = () => chance.next().value as number
        // The last telling of a fact holds, whatever came between.
        const last = new Map(facts.map((fact) => [`${fact['kind']} ${fact['source']} ${fact['id']}`, fact]))
        const once = [...last.values()].map((fact) => parseFact(fact))
        const shuffled = [...once, ...once.filter(() => next() < 300)].sort(() => next() - 500)
        const results: string[][] = []
        for (const told of [once, shuffled]) {
          const store = openSqlite({ path: ':memory:' })
          await store.facts.save({ facts: told })
          await deriveChanges(store, optionsOf(config, Date.parse(asOf)))
          results.push(await pointsOf(store))
          store.close()
        }
        expect(results[1]).toEqual(results[0])
      },
    ),
    { numRuns: Number(process.env['HISTORIES'] ?? 100) },
  )
})
