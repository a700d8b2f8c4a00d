import { expect, test } from 'vitest'
import { parseFact } from '../../core/fact-json.ts'
import { deriveChanges } from '../../pipeline/derive.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { optionsOf } from '../analyse.ts'

const hour = 3_600_000
const midnight = Date.UTC(2026, 2, 10)
const config = {
  since: '2026-03-01T00:00:00Z',
  services: [{ name: 'shop', team: 'web', repository: 'acme/shop' }],
}
const deployment = {
  kind: 'deployment',
  source: 'ci',
  id: 'd1',
  service: 'shop',
  environment: 'production',
  repository: 'acme/shop',
  sha: 'a',
  outcome: 'success',
  finishedAt: '2026-03-09T20:00:00Z',
}
const change = {
  kind: 'change',
  source: 'git',
  id: 'acme/shop!1',
  repository: 'acme/shop',
  number: 1,
  isBot: false,
  labels: [],
  commits: [],
  mergedAt: '2026-03-09T12:00:00Z',
}

async function pointsOf(store: Store, prefix: string): Promise<{ at: string; fields: string }[]> {
  const points: { at: string; fields: string }[] = []
  for await (const { series, at, fields } of store.points.all()) {
    if (series.startsWith(prefix))
      points.push({ at: new Date(at).toISOString().slice(0, 13), fields: fields! })
  }
  return points
}

const flowSeries = 'dora_flow,environment=production,service=shop'
const stateSeries = 'dora_state,environment=production,service=shop'

test('the state is that of the last full hour, and flow has a point for each week and for the last midnight', async () => {
  const store = openSqlite({ path: ':memory:' })
  await store.facts.save({ facts: [parseFact(deployment), parseFact(change)] })
  for (const now of [
    midnight - 50 * hour,
    midnight - hour,
    midnight,
    midnight + hour,
    midnight + 2.5 * hour,
  ]) {
    await deriveChanges(store, optionsOf(config, now))
  }
  expect(await pointsOf(store, stateSeries)).toEqual([
    {
      at: '2026-03-10T02',
      fields: `since_last_deployment_s=${6 * 3600},open_failures=0i,oldest_open_failure_s=0,failure_streak=0i`,
    },
  ])
  const flow = await pointsOf(store, flowSeries)
  expect(flow.slice(-2).map(({ at }) => at)).toEqual(['2026-03-09T00', '2026-03-10T00'])
  store.close()
})

test('a change that was merged long before its deployment restates the windows of its merge, and no others', async () => {
  const store = openSqlite({ path: ':memory:' })
  await store.facts.save({ facts: [parseFact(deployment)] })
  await deriveChanges(store, optionsOf(config, midnight))
  const before = await store.points.lastRev()
  await store.facts.save({ facts: [parseFact({ ...change, mergedAt: '2026-03-07T12:00:00Z' })] })
  await deriveChanges(store, optionsOf(config, midnight))
  const merges = (await pointsOf(store, flowSeries)).map(({ at, fields }) => [
    at.slice(8, 10),
    /merged_changes=(\d+)i/.exec(fields)![1],
  ])
  expect(merges.filter(([, changes]) => changes === '1').map(([day]) => day)).toEqual(['09', '10'])
  const changed = await store.points.after(before, 1000)
  const ofService = changed.filter(({ series }) => series.includes('service=shop'))
  expect(ofService.map(({ series }) => series.split(',')[0])).toEqual(['dora_flow', 'dora_flow'])
  store.close()
})

test('flow is written for a month, else for the longest window', async () => {
  for (const [windows, expected] of [
    [['7d', '30d', '90d'], 'window=30d'],
    [['7d', '14d'], 'window=14d'],
  ] as const) {
    const store = openSqlite({ path: ':memory:' })
    await store.facts.save({ facts: [parseFact(deployment)] })
    await deriveChanges(store, optionsOf({ ...config, windows }, midnight))
    const series = new Set<string>()
    for await (const point of store.points.all()) {
      if (point.series.startsWith('dora_flow')) series.add(point.series.split(',').at(-1)!)
    }
    expect([...series]).toEqual([expected])
    store.close()
  }
})
