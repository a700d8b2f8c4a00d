import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { pipelineOf, readConfig } from '../../cli/context.ts'
import type { Fact } from '../../core/fact.ts'
import { readFacts } from '../../extractors/fact-lines.ts'
import { deriveChanges, rebuild } from '../../pipeline/derive.ts'
import { optionsAt } from '../../pipeline/refresh.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { madeFacts } from './made-facts.ts'
import { folders } from './program.ts'

/** A changed configuration is derived anew only where it matters; a rebuild has to say the same. */

const dayMs = 86_400_000
const endsAt = Date.UTC(2026, 9, 1)
const asOf = endsAt + 3_660_000
const temporary = folders()
afterAll(() => temporary.remove())

const shop = {
  name: 'shop',
  team: 'sales',
  repository: 'acme/made-0',
  incidents: ['acme/made-0'],
  timezone: 'Europe/Berlin',
}
const desk = {
  name: 'desk',
  team: 'sales',
  repository: 'acme/made-1',
  incidents: ['acme/made-1'],
  timezone: 'Asia/Tokyo',
}
const usual = { timezone: 'UTC', services: [shop, desk], unnamedRepositories: false }
const pager = { kind: 'pagerduty', token: 'none' }

const cases: [string, object][] = [
  ["the organisation's time zone", { ...usual, timezone: 'Pacific/Auckland' }],
  ["a service's time zone", { ...usual, services: [shop, { ...desk, timezone: 'America/New_York' }] }],
  ["a team's name", { ...usual, services: [shop, { ...desk, team: 'support' }] }],
  ["a service's name", { ...usual, services: [{ ...shop, name: 'store' }, desk] }],
  ['a service that goes', { ...usual, services: [shop] }],
  ['a service on the same repository', { ...usual, services: [shop, desk, { ...shop, name: 'till' }] }],
  [
    "an incident's service",
    { ...usual, services: [shop, { ...desk, incidents: ['acme/made-0', 'acme/made-1'] }] },
  ],
  ['repositories that are not named', { ...usual, unnamedRepositories: true }],
  ['the windows', { ...usual, windows: ['14d'] }],
  ['the edition of the bands', { ...usual, edition: '2021' }],
  ['the beginning', { ...usual, since: new Date(endsAt - 5 * dayMs).toISOString() }],
]

/** These hold back what is new, and change nothing that is written. */
const holding: [string, object][] = [
  ['a source that was never read', { ...usual, sources: [{ kind: 'file', path: 'none.ndjson' }] }],
  ['a source of incidents that was never read', { ...usual, sources: [pager] }],
]

test.each([...cases, ...holding])(
  'a rebuild changes nothing after a change of %s, and after the way back',
  async (name, changed) => {
    const folder = temporary.make()
    const facts: Fact[] = []
    writeFileSync(join(folder, 'facts.ndjson'), madeFacts({ total: 900, endsAt, repositories: 3 }))
    for await (const line of readFacts(join(folder, 'facts.ndjson')))
      if ('fact' in line) facts.push(line.fact)
    const store = openSqlite({ path: ':memory:' })
    await store.facts.save({ facts })

    const points: number[] = []
    for (const configuration of [usual, changed, usual]) {
      const path = join(folder, 'dorado.yaml')
      writeFileSync(path, stringify(configuration))
      const options = await optionsAt(pipelineOf(readConfig(path, {}), store), asOf)
      points.push((await deriveChanges(store, options)).points)
      expect((await deriveChanges(store, options)).points).toBe(0)
      expect((await rebuild(store, options)).points).toBe(0)
    }
    store.close()
    if (holding.some(([each]) => each === name)) expect(points.slice(1)).toEqual([0, 0])
    else expect(Math.min(...points)).toBeGreaterThan(0)
  },
)
