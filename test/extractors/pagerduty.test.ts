import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Incident } from '../../core/fact.ts'
import { pagerduty } from '../../extractors/pagerduty/index.ts'
import { createShelf, quietIo, runInto } from './contract.ts'
import type { Account } from './fake-pagerduty.ts'
import { createAccount, happen } from './fake-pagerduty.ts'

const from = Date.UTC(2026, 1, 1)
let account: Account
let shelf = createShelf()
beforeEach(async () => {
  account = await createAccount()
  shelf = createShelf()
})
afterEach(() => account.server.close())

/** A run at that time of the 2nd of March, or at a whole instant; the paths that it asked for. */
async function runAt(time: string, settings: object = {}, start = from, pages?: number): Promise<string[]> {
  const now = Date.parse(time.length > 5 ? time : `2026-03-02T${time}:00Z`)
  const baseUrl = account.server.url
  const source = pagerduty.make('pd', pagerduty.schema.parse({ token: 'tok', baseUrl, ...settings }))
  await runInto(shelf, source, quietIo(now), start, pages)
  const asked = account.asked()
  expect(source.usage().requests).toBe(asked.length)
  return asked
}

function stored(): Record<string, Partial<Incident>> {
  const facts = [...shelf.facts.values()].map((fact) => [fact.id, fact as Incident] as const)
  return Object.fromEntries(facts)
}

/** Nothing happened. */
const idle = ['/log_entries']
/** Something did, or a day has passed. */
const relisted = ['/incidents', '/incidents']

describe('an hourly run', () => {
  test('makes one request where nothing happened, open and new incidents or not', async () => {
    happen(account, '2026-02-10T08:00:00Z', 'trigger', { id: 'Q1' })
    happen(account, '2026-03-02T09:40:00Z', 'trigger', { id: 'Q2' })
    happen(account, '2026-03-02T09:50:00Z', 'resolve', {
      id: 'Q2',
      status: 'resolved',
      resolved_at: '2026-03-02T09:50:00Z',
    })
    expect(await runAt('10:00')).toEqual([
      '/incidents',
      '/incidents/Q1/log_entries',
      '/incidents/Q2/log_entries',
      '/incidents',
      '/log_entries',
    ])
    expect(await runAt('11:00')).toEqual(idle)
    expect(await runAt('12:00')).toEqual(idle)
    expect(Object.keys(stored())).toEqual(['Q1', 'Q2'])
  })

  test('reads an incident again when it was acknowledged, resolved and reopened, however old it is', async () => {
    happen(account, '2026-02-10T08:00:00Z', 'trigger', { id: 'Q1' })
    await runAt('10:00')
    happen(account, '2026-03-02T10:10:00Z', 'acknowledge', { id: 'Q1', status: 'acknowledged' })
    await runAt('11:00')
    expect(stored()['Q1']).toMatchObject({ acknowledgedAt: Date.UTC(2026, 2, 2, 10, 10) })
    happen(account, '2026-03-02T11:30:00Z', 'resolve', {
      id: 'Q1',
      status: 'resolved',
      resolved_at: '2026-03-02T11:30:00Z',
    })
    expect(await runAt('12:00')).toEqual([...idle, ...relisted, '/incidents/Q1', '/incidents/Q1/log_entries'])
    expect(stored()['Q1']).toMatchObject({ resolvedAt: Date.UTC(2026, 2, 2, 11, 30) })
    expect(await runAt('12:30')).toEqual(idle)
    happen(account, '2026-03-02T12:40:00Z', 'trigger', { id: 'Q1', status: 'triggered', resolved_at: null })
    await runAt('13:00')
    expect(stored()['Q1']).not.toHaveProperty('resolvedAt')
  })

  test('removes an incident that was merged into another, and says so once', async () => {
    happen(account, '2026-02-10T08:00:00Z', 'trigger', { id: 'Q1' })
    happen(account, '2026-02-10T08:01:00Z', 'trigger', { id: 'Q2' })
    await runAt('10:00')
    happen(account, '2026-03-02T10:10:00Z', 'resolve', {
      id: 'Q2',
      status: 'resolved',
      resolved_at: '2026-03-02T10:10:00Z',
      resolve_reason: { type: 'merge_resolve_reason', incident: { id: 'Q1' } },
    })
    await runAt('11:00')
    await runAt('12:00')
    expect(Object.keys(stored())).toEqual(['Q1'])
    expect(shelf.skipped).toEqual([{ row: 'incident Q2', reason: 'merged into Q1' }])
  })

  test('removes an open incident that is gone, once a day', async () => {
    happen(account, '2026-02-10T08:00:00Z', 'trigger', { id: 'Q1' })
    await runAt('10:00')
    account.incidents.delete('Q1')
    account.log.length = 0
    await runAt('11:00')
    expect(Object.keys(stored())).toEqual(['Q1'])
    await runAt('2026-03-03T11:00:00Z')
    expect(stored()).toEqual({})
  })

  test('finds an incident that appears late, within the overlap', async () => {
    await runAt('10:00')
    happen(account, '2026-03-02T08:30:00Z', 'trigger', { id: 'Q1' })
    await runAt('11:00')
    expect(Object.keys(stored())).toEqual(['Q1'])
  })
})

describe('a run after', () => {
  test('a day without any finds what happened in it', async () => {
    happen(account, '2026-02-10T08:00:00Z', 'trigger', { id: 'Q1' })
    await runAt('00:30')
    happen(account, '2026-03-02T02:00:00Z', 'trigger', { id: 'Q2' })
    happen(account, '2026-03-02T03:00:00Z', 'resolve', {
      id: 'Q1',
      status: 'resolved',
      resolved_at: '2026-03-02T03:00:00Z',
    })
    await runAt('23:00')
    expect(stored()['Q1']).toHaveProperty('resolvedAt')
    expect(Object.keys(stored())).toEqual(['Q1', 'Q2'])
  })

  test('two that died on their first page has all, also what changed meanwhile', async () => {
    for (let index = 0; index < 130; index += 1) {
      const at = new Date(Date.UTC(2026, 1, 10) + index * 3_600_000).toISOString()
      happen(account, at, 'trigger', { id: `Q${index}`, status: 'resolved', resolved_at: at, updated_at: at })
    }
    await runAt('06:00', {}, from, 1)
    expect(Object.keys(stored())).toHaveLength(100)
    happen(account, '2026-03-02T07:00:00Z', 'trigger', { id: 'Q5', status: 'resolved', title: 'renamed' })
    await runAt('09:30', {}, from, 1)
    expect(stored()['Q5']?.title).toBe('incident Q5')
    const asked = await runAt('12:00')
    expect(Object.keys(stored())).toHaveLength(130)
    expect(stored()['Q5']?.title).toBe('renamed')
    expect(asked.filter((path) => path.endsWith('/log_entries')).length).toBeLessThan(40)
  })

  test('a note on an old incident reads that one once', async () => {
    const old = '2026-02-10T08:00:00Z'
    happen(account, old, 'trigger', { id: 'Q1', status: 'resolved', resolved_at: old })
    await runAt('10:00')
    happen(account, '2026-03-02T10:10:00Z', 'annotate', { id: 'Q1', updated_at: old })
    expect(await runAt('11:00')).toContain('/incidents/Q1')
    expect(await runAt('11:30')).toEqual(idle)
  })

  test('`since` was moved back reads the history before it, once', async () => {
    const old = '2026-01-10T08:00:00Z'
    happen(account, old, 'trigger', { id: 'Q1', status: 'resolved', resolved_at: old })
    await runAt('10:00')
    expect(stored()).toEqual({})
    const earlier = Date.UTC(2026, 0, 1)
    await runAt('11:00', {}, earlier)
    expect(Object.keys(stored())).toEqual(['Q1'])
    expect(await runAt('12:00', {}, from)).toEqual(idle)
    expect(await runAt('13:00', {}, earlier)).toEqual(idle)
  })
})

describe('the daily search for what was deleted', () => {
  const resolved = { status: 'resolved', resolved_at: '2026-02-20T09:00:00Z' } as const

  test('removes it, and keeps what is older than it looks', async () => {
    happen(account, '2026-02-01T08:00:00Z', 'trigger', { id: 'Q0', ...resolved })
    happen(account, '2026-02-20T08:00:00Z', 'trigger', { id: 'Q1', ...resolved })
    happen(account, '2026-02-21T08:00:00Z', 'trigger', { id: 'Q2', ...resolved })
    await runAt('10:00')
    account.incidents.delete('Q0')
    account.incidents.delete('Q1')
    expect(await runAt('11:00')).toEqual(idle)
    expect(Object.keys(stored())).toEqual(['Q0', 'Q1', 'Q2'])
    expect(await runAt('2026-03-03T10:00:00Z', { sweepDays: 20 })).toEqual([
      ...relisted,
      ...idle,
      '/incidents',
      '/incidents/Q1',
    ])
    expect(Object.keys(stored())).toEqual(['Q0', 'Q2'])
    expect(await runAt('2026-03-03T11:00:00Z')).toEqual(idle)
  })

  test('removes nothing where the token sees nothing any more', async () => {
    for (let index = 0; index < 6; index += 1) {
      happen(account, `2026-02-2${index}T08:00:00Z`, 'trigger', { id: `Q${index}`, ...resolved })
    }
    await runAt('10:00')
    account.incidents.clear()
    account.log.length = 0
    await expect(runAt('2026-03-03T10:00:00Z')).rejects.toThrow(
      'pd: PagerDuty lists none of the 6 incidents stored of the last 30 days; the token may have lost access',
    )
    expect(Object.keys(stored())).toHaveLength(6)
  })
})

describe('what is configured', () => {
  test('counts only: other services, urgencies and priorities cost no requests', async () => {
    happen(account, '2026-03-02T09:00:00Z', 'trigger', { id: 'Q1', priority: { summary: 'P1' } })
    happen(account, '2026-03-02T09:00:00Z', 'trigger', { id: 'Q2', service: { id: 'POTHER' } })
    happen(account, '2026-03-02T09:00:00Z', 'trigger', { id: 'Q3', urgency: 'low' })
    happen(account, '2026-03-02T09:00:00Z', 'trigger', { id: 'Q4', priority: { summary: 'P5' } })
    const settings = { services: ['PCHKOUT'], urgencies: ['high'], priorities: ['P1'] }
    const asked = await runAt('10:00', settings)
    expect(asked.filter((path) => /Q[234]/.test(path))).toEqual([])
    expect(Object.keys(stored())).toEqual(['Q1'])
    expect(await runAt('10:30', settings)).toEqual(idle)
  })

  test('removes an incident that moved to a service that is not', async () => {
    const settings = { services: ['PCHKOUT'] }
    happen(account, '2026-03-02T09:00:00Z', 'trigger', { id: 'Q1' })
    await runAt('10:00', settings)
    happen(account, '2026-03-02T10:10:00Z', 'escalate', { id: 'Q1', service: { id: 'POTHER' } })
    await runAt('11:00', settings)
    expect(stored()).toEqual({})
  })

  test('is read anew from the beginning when it changes', async () => {
    happen(account, '2026-02-10T08:00:00Z', 'trigger', { id: 'Q1' })
    happen(account, '2026-02-10T09:00:00Z', 'trigger', { id: 'Q2', service: { id: 'POTHER' } })
    await runAt('10:00', { services: ['PCHKOUT'] })
    await runAt('11:00', { services: ['POTHER'] })
    expect(Object.keys(stored())).toEqual(['Q2'])
  })
})

describe('a long history', () => {
  test('is asked for in windows of at most 90 days, with a zone', async () => {
    const source = pagerduty.make('pd', pagerduty.schema.parse({ token: 'tok', baseUrl: account.server.url }))
    await runInto(shelf, source, quietIo(Date.UTC(2026, 2, 2)), Date.UTC(2025, 5, 1))
    const lists = account.server.received.filter(
      ({ path, query }) => path === '/incidents' && query.has('since'),
    )
    const windows = lists.map(({ query }) => [query.get('since'), query.get('until'), query.get('time_zone')])
    expect(windows).toEqual([
      ['2025-06-01T00:00:00Z', '2025-08-30T00:00:00Z', 'UTC'],
      ['2025-08-30T00:00:00Z', '2025-11-28T00:00:00Z', 'UTC'],
      ['2025-11-28T00:00:00Z', '2026-02-26T00:00:00Z', 'UTC'],
      ['2026-02-26T00:00:00Z', '2026-03-02T00:00:00Z', 'UTC'],
    ])
  })
})
