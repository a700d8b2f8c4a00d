import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Fact } from '../../core/fact.ts'
import type { Store } from '../../store/store.ts'
import {
  dayMs,
  deploymentOn,
  hourMs,
  hoursOf,
  incidentAfter,
  noonOf,
  now,
  storeOf,
} from './restated-world.ts'

const services = [
  { name: 'shop', team: 'storefront' },
  { name: 'blog', team: 'storefront' },
]

let store: Store
let hour: ReturnType<typeof hoursOf>
beforeEach(async () => {
  store = await storeOf(services)
  hour = hoursOf(store, services)
})
afterEach(() => store.close())

const late = [32, 35, 38, 41, 44, 47].map((day) => incidentAfter(day))

test('what only follows from facts about the past is told as restated, with since when and what came late', async () => {
  expect(await hour(0)).toEqual([])
  const [alert, ...others] = await hour(1, { facts: late })
  expect(others).toEqual([])
  expect(alert).toMatchObject({ status: 'firing', labels: { service: 'shop' } })
  // Six of thirty failed; five of them are past 15 % once the window begins behind the first.
  expect(alert!.reason).toBe('restated: so since 2026-10-16T00:00Z as known now')
  expect(alert!.values).toContainEqual({ name: 'Restated', text: 'incident Q32 came late, and 5 more' })
})

test('the mark stays while it waits to fire, and is gone with the next turn', async () => {
  const rule = { for: '2h', keepFiringFor: '1h' }
  await hour(0, { rule })
  expect(await hour(1, { rule, facts: late })).toEqual([])
  expect(await hour(2, { rule })).toEqual([])
  const [fired] = await hour(3, { rule })
  expect(fired!.reason).toContain('restated')
  // By then enough of the days on which it failed have left the window.
  await hour(24 * 12, { rule })
  const [over] = await hour(24 * 12 + 1, { rule })
  expect(over).toMatchObject({ status: 'resolved' })
  expect(over!.reason).toBeUndefined()
})

test('an end that only follows from a corrected past is told as restated', async () => {
  await hour(0, { facts: late })
  await hour(24)
  const removals = late.map(({ kind, source }, index) => ({
    kind,
    source,
    id: `Q${[32, 35, 38, 41, 44, 47][index]}`,
  }))
  await store.facts.save({ facts: [], removals })
  const [over] = await hour(25)
  expect(over).toMatchObject({ status: 'resolved' })
  expect(over!.reason).toMatch(/^restated: so since 2026-11-02T00:00Z/)
})

test('what fails today is news, and so is what another service had told late', async () => {
  await hour(0, { facts: late.slice(0, 4) })
  const at = now + 2 * hourMs
  const failed = Array.from({ length: 3 }, (_, index) => [
    { ...deploymentOn(60), id: `shop-today-${index}`, at, startedAt: at, finishedAt: at },
    { ...incidentAfter(60), id: `today-${index}`, startedAt: at, resolvedAt: at + 60_000 },
  ]).flat() as Fact[]
  const caused = failed.map((fact) =>
    fact.kind === 'incident'
      ? { ...fact, causedBy: { deploymentId: fact.id.replace('today', 'shop-today') } }
      : fact,
  )
  const [alert] = await hour(3, { facts: [...caused, incidentAfter(20, 'blog')] })
  expect(alert).toMatchObject({ status: 'firing', labels: { service: 'shop' } })
  expect(alert!.reason).toBeUndefined()
})

test('a message tells the trend, the deployments behind the number with their links, and how to ask for all', async () => {
  await hour(0)
  const [alert] = await hour(1, { facts: late })
  const values = Object.fromEntries(alert!.values.map(({ name, text }) => [name, text]))
  expect(values).toMatchObject({
    'changeFailRate, 30d': '20 %',
    'Made of': '6 of 30',
    'The 30d before': '0 %',
    'All of it':
      'dorado explain shop changeFailRate --window 30d --environment production --as-of 2026-11-01T07:00:00.000Z',
  })
  // At the midnights of four, three, two weeks and one week ago 1, 3, 5 and 6 of 30 had failed.
  expect(values['Trend, weekly']).toBe('3.33 % → 10 % → 16.7 % → 20 % → 20 %')
  expect(alert!.facts[0]).toEqual({
    text: 'deployment 1.47 failed, recovered after 30m',
    at: noonOf(47),
    url: 'https://ci.example.com/shop/47',
  })
  expect(alert!.facts.map(({ at }) => (at! - noonOf(0)) / dayMs)).toEqual([47, 44, 41, 38, 35, 32])
})

test('of a team it is said whose each is', async () => {
  const rule = { per: 'team', above: '5%' }
  await hour(0, { rule })
  const [alert] = await hour(1, { facts: late, rule })
  expect(alert!.labels).toMatchObject({ team: 'storefront' })
  expect(alert!.facts[0]!.text).toBe('shop: deployment 1.47 failed, recovered after 30m')
  expect(alert!.reason).toContain('restated')
})
