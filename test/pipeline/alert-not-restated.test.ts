import { afterEach, describe, expect, test } from 'vitest'
import type { Store } from '../../store/store.ts'
import { deploymentOn, failureAt, hourMs, hoursOf, incidentAfter, now, storeOf } from './restated-world.ts'

let store: Store
const opened: Store[] = []
afterEach(() => {
  for (const each of opened.splice(0)) each.close()
})

async function worldOf(services: Parameters<typeof storeOf>[0] = [{ name: 'shop' }]) {
  store = await storeOf(services)
  opened.push(store)
  return hoursOf(store, services)
}

/** The deployment of the third of October, 32 days after the first of September, leaves its 30 days on the second of November at noon. */
const leaving = incidentAfter(32)
const staying = [45, 48, 51, 54].map((day) => incidentAfter(day))
/** In hours from now: midnight of the second of November, one o'clock in the afternoon of it, and an hour later. */
const [midnight, afternoon, later] = [18, 31, 32] as const
const failedLater = failureAt(now + later * hourMs - 1_800_000)
const late = [34, 35, 38, 41, 44, 47].map((day) => incidentAfter(day))
/** A success of the past that nobody had told. */
const harmless = { ...deploymentOn(40), id: 'harmless', version: 'harmless' }
/** It is well again below that. */
const rule = { clear: '14.9%' }

describe('true news is told as news', () => {
  test('where it failed at midnight, too, was told so, and a harmless fact comes late', async () => {
    const hour = await worldOf()
    expect(await hour(0, { rule, facts: [leaving, ...staying] })).toHaveLength(1)
    expect(await hour(midnight, { rule })).toEqual([])
    expect(await hour(afternoon, { rule })).toMatchObject([{ status: 'resolved' }])
    const [alert] = await hour(later, { rule, facts: [...failedLater, harmless] })
    expect(alert).toMatchObject({ status: 'firing' })
    expect(alert!.reason).toBeUndefined()
  })

  test('of a team as of a service', async () => {
    const hour = await worldOf([{ name: 'shop', team: 'storefront' } as { name: string }])
    const ofTeam = { ...rule, per: 'team' }
    expect(await hour(0, { rule: ofTeam, facts: [leaving, ...staying] })).toHaveLength(1)
    await hour(midnight, { rule: ofTeam })
    expect(await hour(afternoon, { rule: ofTeam })).toMatchObject([{ status: 'resolved' }])
    const [alert] = await hour(later, { rule: ofTeam, facts: [...failedLater, harmless] })
    expect(alert).toMatchObject({ status: 'firing', labels: { team: 'storefront' } })
    expect(alert!.reason).toBeUndefined()
  })

  test('where it waited to fire at midnight, and nobody was told anything', async () => {
    const hour = await worldOf()
    const waiting = { ...rule, for: '2h' }
    await hour(midnight - 1, { rule: waiting })
    expect(await hour(midnight, { rule: waiting, facts: [leaving, ...staying] })).toEqual([])
    await hour(afternoon, { rule: { ...waiting, for: '24h' } })
    await hour(afternoon + 0.5, { rule: waiting })
    await hour(later, { rule: waiting, facts: [...failedLater, harmless] })
    const [alert] = await hour(later + 2, { rule: waiting })
    expect(alert).toMatchObject({ status: 'firing' })
    expect(alert!.reason).toBeUndefined()
  })

  test('where it fired at midnight between its two thresholds, and a failure of before comes late', async () => {
    const hour = await worldOf()
    const between = { above: '17.5%', clear: '16%' }
    // Six of thirty failed, then five of 29, then four of 28.
    expect(await hour(0, { rule: between, facts: [incidentAfter(31), leaving, ...staying] })).toHaveLength(1)
    expect(await hour(midnight, { rule: between })).toEqual([])
    expect(await hour(afternoon, { rule: between })).toMatchObject([{ status: 'resolved' }])
    const [alert] = await hour(later, { rule: between, facts: [incidentAfter(40)] })
    expect(alert).toMatchObject({ status: 'firing' })
    expect(alert!.reason).toBeUndefined()
  })

  test('where the rule is another one', async () => {
    const hour = await worldOf()
    await hour(0, { rule: { above: '90%' } })
    const [alert] = await hour(1, { facts: late })
    expect(alert).toMatchObject({ status: 'firing' })
    expect(alert!.reason).toBeUndefined()
  })

  test('where what came late is of another environment', async () => {
    const hour = await worldOf([{ name: 'shop', environments: ['prod-eu', 'prod-us'] }])
    const inEu = [32, 45, 48, 51, 54].map((day) => incidentAfter(day, 'shop', 'prod-eu'))
    expect(await hour(0, { rule, facts: inEu })).toHaveLength(1)
    await hour(midnight, { rule })
    expect(await hour(afternoon, { rule })).toMatchObject([{ status: 'resolved' }])
    const failed = failureAt(now + later * hourMs - 1_800_000, 'shop', 'prod-eu')
    const inUs = incidentAfter(40, 'shop', 'prod-us')
    const [alert] = await hour(later, { rule, facts: [...failed, inUs] })
    expect(alert).toMatchObject({ status: 'firing', labels: { environment: 'prod-eu' } })
    expect(alert!.reason).toBeUndefined()
  })

  test('where what came late was seen an hour ago, and turned nothing', async () => {
    const hour = await worldOf()
    await hour(0, { rule, facts: staying })
    await hour(midnight, { rule })
    // Of the windows that ended five of 29 failed now, and of the present one four of 28.
    expect(await hour(afternoon, { rule, facts: [leaving] })).toEqual([])
    const [alert] = await hour(later, { rule, facts: failedLater })
    expect(alert).toMatchObject({ status: 'firing' })
    expect(alert!.reason).toBeUndefined()
  })

  test('where it ends today, and a harmless fact comes late', async () => {
    const hour = await worldOf()
    expect(await hour(0, { rule, facts: [leaving, ...staying] })).toHaveLength(1)
    await hour(midnight, { rule })
    const [over] = await hour(afternoon, { rule, facts: [harmless] })
    expect(over).toMatchObject({ status: 'resolved' })
    expect(over!.reason).toBeUndefined()
  })
})

describe('what follows from the past is told as such', () => {
  test('where only the words of the rule are others', async () => {
    const hour = await worldOf()
    await hour(0)
    const [alert] = await hour(1, { facts: late, rule: { message: '{subject}: {value}', runbook: 'Look.' } })
    expect(alert!.reason).toContain('restated')
  })

  test('with what came late in its environment, and not in another', async () => {
    const hour = await worldOf([{ name: 'shop', environments: ['prod-eu', 'prod-us'] }])
    await hour(0)
    const inEu = [34, 35, 38, 41, 44, 47].map((day) => incidentAfter(day, 'shop', 'prod-eu'))
    const [alert, ...others] = await hour(1, { facts: [incidentAfter(33, 'shop', 'prod-us'), ...inEu] })
    expect(others).toEqual([])
    expect(alert!.labels).toMatchObject({ environment: 'prod-eu' })
    expect(alert!.values).toContainEqual({
      name: 'Restated',
      text: 'incident prod-eu-Q34 came late, and 5 more',
    })
  })

  test('also where it was restated twice since the last evaluation, and the second time by little', async () => {
    const hour = await worldOf()
    await hour(0)
    await hour(1, { facts: late, isDry: true })
    const [alert] = await hour(2, { facts: [harmless] })
    expect(alert!.values).toContainEqual({ name: 'Restated', text: 'incident Q34 came late, and 6 more' })
  })

  test('after a look that wrote nothing, too', async () => {
    const hour = await worldOf()
    await hour(0)
    const [looked] = await hour(1, { facts: late, isDry: true })
    const [alert] = await hour(1)
    expect(alert!.reason).toContain('restated')
    expect(looked!.reason).toBe(alert!.reason)
  })

  test('since the end of a day in the zone of the service', async () => {
    const hour = await worldOf([{ name: 'shop', timezone: 'Asia/Tokyo' } as { name: string }])
    await hour(0)
    const [alert] = await hour(1, { facts: late })
    // The fifth failed at noon of the fifteenth of October in UTC: three hours later that day was over in Tokyo.
    expect(alert!.reason).toBe('restated: so since 2026-10-15T15:00Z as known now')
  })
})

test('each end of a day is read once, however many ended', async () => {
  const failed = [52, 54, 56, 58, 60]
  const readsOf = async (count: number) => {
    const services = Array.from({ length: count }, (_, index) => ({ name: `shop-${index}` }))
    const hour = await worldOf(services)
    const facts = services.flatMap(({ name }) =>
      failed.map((day) => ({ ...incidentAfter(day, name), id: `${name}-${day}` })),
    )
    expect(await hour(0, { facts })).toHaveLength(count)
    await hour(20 * 24)
    const { standing } = store.points
    let reads = 0
    store.points.standing = (place) => {
      reads += 1
      return standing(place)
    }
    await store.facts.save({
      facts: [],
      removals: facts.map(({ kind, source, id }) => ({ kind, source, id })),
    })
    const over = await hour(20 * 24 + 1)
    // It began at six o'clock of the first of November.
    expect(over.map(({ status, reason }) => [status, reason])).toEqual(
      services.map(() => ['resolved', 'restated: so since 2026-11-02T00:00Z as known now']),
    )
    return reads
  }
  const once = await readsOf(1)
  expect(once).toBeGreaterThan(20)
  expect(await readsOf(8)).toBe(once)
})
