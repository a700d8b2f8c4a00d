import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Run } from '../../core/fact.ts'
import { deriveChanges, rebuild } from '../../pipeline/derive.ts'
import type { DeriveOptions } from '../../pipeline/derive-options.ts'
import { reportFrom } from '../../pipeline/report.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { optionsOf } from '../analyse.ts'
import { factsOf, linesOf } from '../properties/points.ts'
import { countRuns, percentile } from './brute-force.ts'
import { ciWorlds, type CiWorld } from './worlds.ts'

const runs = Number(process.env['HISTORIES'] ?? 60)

/** Derives after each telling; `look` sees the store after the last. */
async function lived(
  { config, told }: CiWorld,
  look: (store: Store, options: DeriveOptions, at: number) => Promise<void>,
): Promise<void> {
  const store = openSqlite({ path: ':memory:' })
  try {
    let furthest = 0
    for (const [position, { at, lag, runs: facts, removals }] of told.entries()) {
      await store.facts.save({ facts, removals })
      // Until when a source was read never goes back.
      furthest = Math.max(furthest, at - lag)
      const runsUntil = furthest
      const observed = () => ({ until: at, changesUntil: at, incidentsUntil: at, runsUntil })
      const options = { ...optionsOf(config, at), observed }
      await deriveChanges(store, options)
      if (position === told.length - 1) await look(store, options, at)
    }
  } finally {
    store.close()
  }
}

async function seen(store: Store, options: DeriveOptions, at: number): Promise<object> {
  const { ci, dataQuality } = await reportFrom(store, options, { asOf: at, windowsDays: options.windowsDays })
  return { lines: await linesOf(store), ci, dataQuality }
}

test(
  `after any telling of runs, points and report equal those of a rebuild and of a new store (${runs} worlds)`,
  { timeout: 3_600_000 },
  async () => {
    const property = fc.asyncProperty(ciWorlds(), (world) =>
      lived(world, async (store, options, at) => {
        const grown = await seen(store, options, at)
        const other = openSqlite({ path: ':memory:' })
        await other.facts.save({ facts: (await factsOf(store)) as Run[] })
        await deriveChanges(other, options)
        expect(grown).toEqual(await seen(other, options, at))
        other.close()
        await rebuild(store, options)
        expect(grown).toEqual(await seen(store, options, at))
      }),
    )
    await fc.assert(property, { numRuns: runs })
  },
)

test('the report counts what an obvious count over the facts counts', { timeout: 600_000 }, async () => {
  let compared = 0
  const property = fc.asyncProperty(ciWorlds(), (world) =>
    lived(world, async (store, options, at) => {
      const facts = (await factsOf(store)) as Run[]
      const { ci } = await reportFrom(store, options, { asOf: at, windowsDays: options.windowsDays })
      const { runsUntil = at } = options.observed(options.catalogue.settingsOf('shop'))
      const repositories = new Map(
        (world.config.services ?? []).map((each) => [each.name, each.repositories ?? [each.repository!]]),
      )
      const named = new Set([...repositories.values()].flat())
      for (const name of new Set(facts.map(({ repository }) => repository)))
        if (!named.has(name)) repositories.set(name, [name])
      const teams = new Map((world.config.services ?? []).map((each) => [each.name, each.team]))
      for (const { service, team, workflow, windows } of ci) {
        const members = [...repositories].filter(([name]) =>
          service === '*' ? team === '*' || teams.get(name) === team : name === service,
        )
        const of = new Set(members.flatMap(([, list]) => list))
        const own = facts.filter(
          (run) => of.has(run.repository) && (workflow === '*' || workflow === run.workflow),
        )
        for (const window of Object.values(windows)) {
          if (window === null) continue
          const from = Math.max(Date.parse(window.from), options.since ?? 0)
          const counted = countRuns(own, from, Math.min(at, runsUntil))
          const { durations, greens, red } = counted
          expect(window).toMatchObject({
            runs: counted.runs,
            failed: counted.failed,
            reruns: counted.reruns,
            duration: {
              n: durations.length,
              p50: percentile(durations, 0.5),
              p90: percentile(durations, 0.9),
            },
            timeToGreen: {
              n: greens.length,
              p50: percentile(greens, 0.5),
              p90: percentile(greens, 0.9),
              red,
            },
            failureRate: { value: counted.runs === 0 ? null : counted.failed / counted.runs },
            rerunRate: { value: counted.runs === 0 ? null : counted.reruns / counted.runs },
          })
          if (counted.runs > 0) compared += 1
        }
      }
    }),
  )
  await fc.assert(property, { numRuns: runs })
  expect(compared).toBeGreaterThan(runs)
})
