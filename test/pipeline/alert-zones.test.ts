import { afterAll, beforeAll, expect, test } from 'vitest'
import { alertsSchema } from '../../alerts/settings.ts'
import { parseFact } from '../../core/fact-json.ts'
import { alertAt } from '../../pipeline/alerts.ts'
import { deriveChanges } from '../../pipeline/derive.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { optionsOf } from '../analyse.ts'

const hourMs = 3_600_000
const dayMs = 86_400_000
const start = Date.parse('2026-03-02T00:00:00Z')
const names = ['auckland', 'new-york', 'tokyo', 'utc']
const config = {
  timezone: 'UTC',
  since: '2025-10-01',
  services: [
    { name: 'auckland', timezone: 'Pacific/Auckland' },
    { name: 'new-york', timezone: 'America/New_York' },
    { name: 'tokyo', timezone: 'Asia/Tokyo' },
    { name: 'utc' },
  ],
}

let store: Store
beforeAll(async () => {
  store = openSqlite({ path: ':memory:' })
  // Two a day until the first of February, at the same instants everywhere; then one in four days.
  const facts = names.flatMap((service) =>
    Array.from({ length: 300 }, (_, index) => ({ service, index, at: start - index * 12 * hourMs }))
      .filter(({ index, at }) => at < Date.parse('2026-02-01T00:00:00Z') || index % 8 === 3)
      .map(({ at, index }) =>
        parseFact({
          kind: 'deployment',
          source: 'ci',
          id: `${service} ${index}`,
          service,
          environment: 'production',
          outcome: 'success',
          finishedAt: new Date(at - 5 * hourMs).toISOString(),
        }),
      ),
  )
  await store.facts.save({ facts })
})
afterAll(() => store.close())

/** Which services a rule fires for at an instant, with the values that are told. */
async function told(rule: object, at: number) {
  const derivation = optionsOf(config, at)
  await deriveChanges(store, derivation)
  const settings = alertsSchema.parse({ rules: [{ name: 'a', ...rule }], routes: [{ channels: 'chat' }] })
  const { planned } = await alertAt({ store, derivation }, settings, at, { clock: () => at }, { isDry: true })
  const alerts = planned.messages.flatMap(({ message }) => message.alerts)
  return new Map(
    alerts.map(({ labels, values }) => [
      labels['service']!,
      Object.fromEntries(values.map(({ name, text }) => [name, text])),
    ]),
  )
}

// Every few hours of a day, and past midnight somewhere.
const hours = Array.from({ length: 9 }, (_, index) => index * 3)

test.each(hours)('what is compared is found in every zone, %i hours into the day', async (hour) => {
  const rule = { metric: 'deploymentFrequency', comparedWith: 'previous', below: '50%' }
  const found = await told(rule, start + hour * hourMs)
  expect([...found.keys()].sort()).toEqual(names)
  for (const name of names) {
    expect(found.get(name)!['The 30d before']).toMatch(/^(?:2|1\.9\d?) a day$/)
    expect(found.get(name)!['Trend, weekly']).toMatch(/ → .* → .* → .* → /)
  }
})

test.each(hours)('so is what is written once a week, %i hours into the day', async (hour) => {
  const found = await told({ metric: 'merged', below: 1 }, start + 3 * dayMs + hour * hourMs)
  expect([...found.keys()].sort()).toEqual(names)
})
