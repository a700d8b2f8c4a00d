import * as fc from 'fast-check'
import type { FactKey, Outcome, Run } from '../../core/fact.ts'
import type { Config } from '../reference/settings.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

export const begin = Date.parse('2026-03-20T17:50:00Z')

/** One refresh: what came in before it, and how far the source of runs had been read. */
export interface Told {
  at: number
  /** Behind `at`: the source failed. */
  lag: number
  runs: Run[]
  removals: FactKey[]
}

export interface CiWorld {
  config: Config & { windows: string[] }
  told: Told[]
}

const some = <T>(...values: T[]) => fc.constantFrom(...values)

const run = fc.record({
  id: fc.nat({ max: 60 }),
  repository: some('acme/shop', 'acme/mono', 'acme/other'),
  workflow: some('ci.yml', 'ci.yml', 'lint.yml', 'e2e "nightly"'),
  sha: some('a', 'a', 'b', 'c', 'd', undefined),
  attempt: some(1, 1, 1, 2, 3),
  /** Minutes before the refresh that tells of it. */
  ago: some(5, 30, 61, 300, 1440, 1441, 4320, 12_000, 30_000),
  minutes: some(0, 1, 3, 7, 20, 200, -5),
  outcome: some<Outcome>('success', 'success', 'failure', 'cancelled', 'running'),
})

const step = fc.record({
  wait: some(hour, 10 * minute, 25 * minute, 0, hour + 1, 5 * hour, day, 3 * day, 9 * day),
  lag: some(0, 0, 0, 2 * hour, 2 * day),
  runs: fc.array(run, { maxLength: 6 }),
  removals: fc.array(fc.nat({ max: 60 }), { maxLength: 1 }),
})

const config = fc.record({
  timezone: some('UTC', 'Europe/Berlin', 'Asia/Kathmandu'),
  since: some(undefined, '2026-03-21T10:00:00Z'),
  windows: some(['7d'], ['2d', '7d'], ['1d', '3d', '30d']),
  services: some(
    [{ name: 'shop', team: 'front', repository: 'acme/shop' }],
    [
      { name: 'shop', team: 'front', repositories: ['acme/shop', 'acme/mono'] },
      { name: 'api', team: 'front', repository: 'acme/mono', timezone: 'America/New_York' },
    ],
    [],
  ),
})

/** Runs told in any order, in any batches, some told again with other content, some removed and told again. */
export function ciWorlds(): fc.Arbitrary<CiWorld> {
  return fc
    .record({ config, steps: fc.array(step, { minLength: 1, maxLength: 8, size: 'max' }) })
    .map(({ config: { since, ...rest }, steps }) => {
      let at = begin + 5 * day
      const told = steps.map((each): Told => {
        at += each.wait
        const runs = each.runs.map(({ id, ago, minutes, sha, outcome, ...fields }): Run => {
          const startedAt = at - ago * minute
          const ended =
            outcome === 'running' ? {} : { finishedAt: Math.min(startedAt + minutes * minute, at) }
          const named = sha === undefined ? {} : { sha }
          return {
            kind: 'run',
            source: 'ci',
            id: `r${id}`,
            startedAt,
            outcome,
            ...ended,
            ...named,
            ...fields,
          }
        })
        const removals = each.removals.map((id): FactKey => ({ kind: 'run', source: 'ci', id: `r${id}` }))
        return { at, lag: each.lag, runs, removals }
      })
      return { config: { ...rest, ...(since === undefined ? {} : { since }) }, told }
    })
}
