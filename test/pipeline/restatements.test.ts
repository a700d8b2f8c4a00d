import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseFact } from '../../core/fact-json.ts'
import type { Fact } from '../../core/fact.ts'
import { deriveChanges } from '../../pipeline/derive.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { optionsOf } from '../analyse.ts'

/** A deployment every noon from the first of September on; it is the first of November. */
const config = { timezone: 'UTC', since: '2026-09-01', services: [{ name: 'shop', team: 'storefront' }] }
const now = Date.parse('2026-11-01T06:30:00Z')
const dayMs = 86_400_000

function deploymentOn(day: number): Fact {
  const at = new Date(Date.parse('2026-09-01T12:00:00Z') + day * dayMs).toISOString()
  return parseFact({
    kind: 'deployment',
    source: 'push',
    id: `d${day}`,
    service: 'shop',
    environment: 'production',
    sha: `sha${day}`,
    firstCommitAt: at,
    finishedAt: at,
    outcome: 'success',
  })
}

function incident(more: object = {}): Fact {
  const startedAt = '2026-10-11T13:30:00Z'
  const resolvedAt = '2026-10-11T14:00:00Z'
  const causedBy = { deploymentId: 'd40' }
  return parseFact({
    kind: 'incident',
    source: 'pager',
    id: 'Q1',
    service: 'shop',
    startedAt,
    resolvedAt,
    causedBy,
    ...more,
  })
}

let store: Store
beforeEach(async () => {
  store = openSqlite({ path: ':memory:' })
  await store.facts.save({ facts: Array.from({ length: 61 }, (_, day) => deploymentOn(day)) })
  await deriveChanges(store, optionsOf(config, now))
})
afterEach(() => store.close())

test('what comes in for the first time, or on the running day, restates nothing', async () => {
  await store.facts.save({ facts: [deploymentOn(61)] })
  await deriveChanges(store, optionsOf(config, now + 6 * 3_600_000))
  expect(await store.restatements.since(0)).toEqual([])
})

test('a late incident restates the windows that contain the deployment it names, and says why', async () => {
  await store.facts.save({ facts: [incident()] })
  await deriveChanges(store, optionsOf(config, now))
  const [restatement, ...others] = await store.restatements.since(now)
  expect(others).toEqual([])
  expect(restatement!.facts).toEqual([{ kind: 'incident', source: 'pager', id: 'Q1', removed: false }])
  // The fortieth day after the first of September is the eleventh of October: at noon of it d40 was finished.
  const ends = restatement!.windows.map(({ days, first, last, count }) => [
    days,
    new Date(first).toISOString().slice(0, 10),
    new Date(last).toISOString().slice(0, 10),
    count,
  ])
  expect(ends).toEqual([
    [7, '2026-10-12', '2026-10-18', 7],
    [30, '2026-10-12', '2026-11-01', 21],
    [90, '2026-10-12', '2026-11-01', 21],
  ])
  expect(restatement!.windows[0]!.fields['failed']).toEqual(['0i', '1i'])
  expect(restatement!.effects.map(({ kind, id, before, after }) => [kind, id, before, after])).toEqual([
    [
      'deployment',
      'd40',
      'success at 2026-10-11T12:00:00.000Z, normal, 1 changes shipped, 1 lead times, did not fail',
      'success at 2026-10-11T12:00:00.000Z, normal, 1 changes shipped, 1 lead times, failed by incident Q1, recovered in 1800 s',
    ],
    [
      'incident',
      'Q1',
      null,
      'caused_by d40, started 2026-10-11T13:30:00.000Z, resolved 2026-10-11T14:00:00.000Z',
    ],
  ])
})

test('what was restated of a team and of the organisation is kept beside it', async () => {
  expect(await store.restatements.lastAt()).toBeUndefined()
  await store.facts.save({ facts: [incident()] })
  await deriveChanges(store, optionsOf(config, now))
  expect(await store.restatements.lastAt()).toBe(now)
  const [{ windows } = { windows: [] }] = await store.restatements.since(now)
  // One service is all of its team: its windows are the same, in all environments.
  const spansOf = (all: typeof windows) =>
    all.map(({ days, first, last, count }) => ({ days, first, last, count }))
  const pools = await store.restatements.poolsSince(now)
  expect(pools.map(({ at, team }) => [at, team])).toEqual([
    [now, 'storefront'],
    [now, '*'],
  ])
  for (const pool of pools) {
    expect(spansOf(pool.windows)).toEqual(spansOf(windows))
    expect(pool.windows.map(({ environment }) => environment)).toEqual(['*', '*', '*'])
    expect(pool.windows[0]!.fields['failed']).toEqual(['0i', '1i'])
    expect(pool.windows[0]!.fields['change_fail_rate']).toEqual(windows[0]!.fields['change_fail_rate'])
  }
  expect(await store.restatements.poolsSince(now + 1)).toEqual([])
})

test('a removed incident restates the same windows back', async () => {
  await store.facts.save({ facts: [incident()] })
  await deriveChanges(store, optionsOf(config, now))
  await store.facts.save({ facts: [], removals: [{ kind: 'incident', source: 'pager', id: 'Q1' }] })
  await deriveChanges(store, optionsOf(config, now + 1))
  const [restatement] = await store.restatements.since(now + 1)
  expect(restatement!.facts).toEqual([{ kind: 'incident', source: 'pager', id: 'Q1', removed: true }])
  expect(restatement!.windows.map(({ count }) => count)).toEqual([7, 21, 21])
  expect(restatement!.windows[0]!.fields['failed']).toEqual(['1i', '0i'])
  expect(restatement!.effects.find(({ kind }) => kind === 'incident')!.after).toBeNull()
})

test('a deployment told late is not known before', async () => {
  const late = deploymentOn(40)
  await store.facts.save({ facts: [{ ...late, id: 'late' }] })
  await deriveChanges(store, optionsOf(config, now))
  const [restatement] = await store.restatements.since(now)
  expect(restatement!.effects[0]).toMatchObject({ kind: 'deployment', id: 'late', before: null })
  expect(restatement!.windows[0]!.fields['deployments']).toEqual(['7i', '8i'])
})

test('what was restated long ago is forgotten', async () => {
  await store.facts.save({ facts: [incident()] })
  await deriveChanges(store, optionsOf(config, now))
  await deriveChanges(store, optionsOf(config, now + 401 * dayMs))
  expect(await store.restatements.since(0)).toEqual([])
})
