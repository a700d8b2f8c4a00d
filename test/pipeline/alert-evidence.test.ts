import { afterEach, beforeEach, expect, test } from 'vitest'
import { alertsSchema } from '../../alerts/settings.ts'
import { parseFact } from '../../core/fact-json.ts'
import { alertAt } from '../../pipeline/alerts.ts'
import { deriveChanges } from '../../pipeline/derive.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { optionsOf } from '../analyse.ts'

const hourMs = 3_600_000
const now = Date.parse('2026-03-10T08:00:00Z')
const config = { since: '2026-01-01', services: [{ name: 'shop', team: 'web' }] }

let store: Store
beforeEach(() => {
  store = openSqlite({ path: ':memory:' })
})
afterEach(() => store.close())

const deployment = (id: string, hoursAgo: number, more: object = {}) =>
  parseFact({
    kind: 'deployment',
    source: 'ci',
    id,
    service: 'shop',
    environment: 'production',
    outcome: 'success',
    finishedAt: new Date(now - hoursAgo * hourMs).toISOString(),
    ...more,
  })

/** What is behind the alert of a rule. */
async function facts(rule: object, told: Parameters<Store['facts']['save']>[0]['facts']): Promise<string[]> {
  await store.facts.save({ facts: told })
  const derivation = optionsOf(config, now)
  await deriveChanges(store, derivation)
  const settings = alertsSchema.parse({ rules: [{ name: 'a', ...rule }], routes: [{ channels: 'chat' }] })
  const io = { clock: () => now }
  const { planned } = await alertAt({ store, derivation }, settings, now, io, { isDry: true })
  return planned.messages.flatMap(({ message }) =>
    message.alerts.flatMap((alert) => alert.facts.map(({ text }) => text)),
  )
}

const failure = { outcome: 'failure' }

test('of open failures those that are open, the oldest first', async () => {
  const failed = [
    deployment('recovered', 90, failure),
    deployment('good', 80),
    ...[50, 40, 30].map((hoursAgo) => deployment(`open-${hoursAgo}`, hoursAgo, failure)),
  ]
  expect(await facts({ metric: 'openFailures', above: 0 }, failed)).toEqual([
    'deployment open-50 failed and has not recovered',
    'deployment open-40 failed and has not recovered',
    'deployment open-30 failed and has not recovered',
  ])
})

test('of many that are open the oldest is among those that are told', async () => {
  const failed = Array.from({ length: 14 }, (_, index) => deployment(`d${index}`, 60 - index, failure))
  const told = await facts({ metric: 'oldestOpenFailure', above: '1h' }, [deployment('good', 70), ...failed])
  expect(told).toHaveLength(10)
  expect(told[0]).toBe('deployment d0 failed and has not recovered')
})

test('of failures in a row only these', async () => {
  const failed = [
    deployment('a', 90, failure),
    deployment('b', 80),
    deployment('c', 70, failure),
    deployment('d', 60, failure),
  ]
  expect(await facts({ metric: 'failureStreak', above: 1 }, failed)).toEqual([
    'deployment d failed',
    'deployment c failed',
  ])
})

test('of rework the rollbacks, too', async () => {
  const some = [
    ...Array.from({ length: 10 }, (_, index) => deployment(`d${index}`, 90 - index)),
    deployment('fix', 5, { isRework: true }),
    deployment('back', 4, { isRollback: true }),
  ]
  expect(await facts({ metric: 'reworkRate', above: '10%', test: 'naive' }, some)).toEqual([
    'deployment back is a rollback',
    'deployment fix is rework',
  ])
})
