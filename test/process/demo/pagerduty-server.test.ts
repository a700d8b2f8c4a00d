import { afterAll, beforeAll, expect, test } from 'vitest'
import { incidentStateAt } from '../../../demo/incident-state.ts'
import { startDemo, type Demo } from '../../../demo/start.ts'

const start = Date.UTC(2026, 10, 20, 15)
let now = start
let demo: Demo

beforeAll(async () => {
  demo = await startDemo({ seed: 1, now, clock: () => now })
})
afterAll(() => demo.stop())

function ask(path: string, token = demo.pagerdutyToken): Promise<Response> {
  return fetch(`${demo.pagerdutyUrl}${path}`, { headers: { authorization: `Token token=${token}` } })
}

/** What the tests look at of incidents, alerts and log entries. */
interface Row {
  id: string
  type: string
  created_at: string
  resolved_at: string | null
  incident: { id: string }
  body: object
}

interface Body {
  [name: string]: unknown
  more?: boolean
}

async function body(path: string): Promise<Body> {
  const response = await ask(path)
  expect(response.status).toBe(200)
  return (await response.json()) as Body
}

async function all(path: string, name: string): Promise<Row[]> {
  const rows: Row[] = []
  for (;;) {
    const page = await body(`${path}&limit=100&offset=${rows.length}`)
    rows.push(...(page[name] as Row[]))
    if (!page.more) return rows
  }
}

test('a wrong token is 401, an unknown incident 404, too deep an offset 400', async () => {
  expect((await ask('/incidents', 'wrong')).status).toBe(401)
  expect((await ask('/incidents/QUNKNOWN')).status).toBe(404)
  expect((await ask('/services/PUNKNOWN')).status).toBe(404)
  expect((await ask('/incidents?limit=100&offset=9950')).status).toBe(400)
  expect((await ask('/incidents?limit=100&offset=9900')).status).toBe(200)
})

test('pages hold 25 unless asked otherwise, and say whether there is more', async () => {
  const page = await body('/incidents?date_range=all')
  expect(page).toMatchObject({ limit: 25, offset: 0, more: true, total: null })
  expect(page['incidents']).toHaveLength(25)
  const visible = demo.company.incidents.filter(({ createdAt }) => createdAt <= now).length
  expect(await all('/incidents?date_range=all', 'incidents')).toHaveLength(visible)
  expect(await body('/incidents?date_range=all&total=true')).toMatchObject({ total: visible })
})

test('since and until bound the creation; the last month where nothing is said; nothing beyond half a year', async () => {
  const between = '/incidents?since=2026-10-01T00:00:00Z&until=2026-10-15T00:00:00Z'
  const dates = (await all(between, 'incidents')).map((each) => each.created_at)
  expect(dates.length).toBeGreaterThan(5)
  expect(dates.every((date) => date >= '2026-10-01' && date < '2026-10-15')).toBe(true)
  const recent = (await all('/incidents?x=', 'incidents')).map((each) => Date.parse(each.created_at))
  expect(Math.min(...recent)).toBeGreaterThanOrEqual(now - 30 * 86_400_000)
  expect(await all('/incidents?since=2026-01-01T00:00:00Z&until=2026-11-20T00:00:00Z', 'incidents')).toEqual(
    [],
  )
})

test('open incidents, whatever their age', async () => {
  const open = await all(
    '/incidents?statuses[]=triggered&statuses[]=acknowledged&date_range=all',
    'incidents',
  )
  const expected = demo.company.incidents.filter((each) => {
    const state = incidentStateAt(each, now)
    return state && state.status !== 'resolved'
  })
  expect(open.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
  expect(open.length).toBeGreaterThanOrEqual(2)
  for (const each of open) expect(each.resolved_at).toBeNull()
})

test('a merged incident is resolved with that reason, and its alert has moved', async () => {
  const merged = demo.company.incidents.find(({ mergedInto }) => mergedInto && mergedInto.at <= now)!
  const { incident, at } = merged.mergedInto!
  const shown = await body(`/incidents/${merged.id}`)
  expect(shown['incident']).toMatchObject({
    status: 'resolved',
    resolve_reason: { type: 'merge_resolve_reason', incident: { id: incident.id } },
  })
  expect(await all(`/incidents/${merged.id}/alerts?x=`, 'alerts')).toEqual([])
  const [earliest] = await all(`/incidents/${incident.id}/alerts?sort_by=created_at:asc`, 'alerts')
  expect(Date.parse(earliest!.created_at)).toBeLessThan(incident.createdAt)
  now = at - 1000
  const before = await body(`/incidents/${merged.id}`)
  now = start
  expect(before['incident']).toMatchObject({
    status: 'acknowledged',
    resolve_reason: null,
    resolved_at: null,
  })
})

test('the log tells what happened, of one incident and of all', async () => {
  const incident = demo.company.incidents.find(
    ({ events, mergedInto }) => events.length === 3 && !mergedInto,
  )!
  const own = await all(`/incidents/${incident.id}/log_entries?is_overview=true`, 'log_entries')
  expect(own.map(({ type }) => type)).toEqual([
    'resolve_log_entry',
    'acknowledge_log_entry',
    'trigger_log_entry',
  ])
  const iso = (at: number) => new Date(at).toISOString()
  const range = `since=${iso(incident.createdAt - 1000)}&until=${iso(incident.createdAt + 1000)}`
  const feed = await all(`/log_entries?${range}&include[]=incidents`, 'log_entries')
  const entry = feed.find((each) => each.incident.id === incident.id)!
  expect(entry).toMatchObject({
    type: 'trigger_log_entry',
    incident: { title: incident.title, status: 'resolved' },
  })
})

test('a stated cause is in the details of the alert', async () => {
  const named = demo.company.incidents.find((each) => each.alerts[0]?.details['sha'] && each.createdAt < now)!
  const [alert] = await all(`/incidents/${named.id}/alerts?sort_by=created_at:asc`, 'alerts')
  expect(alert!.body).toMatchObject({
    type: 'alert_body',
    details: { sha: named.alerts[0]!.details['sha'] },
  })
})

test('requests are counted, and refused with 429 beyond the limit of a minute', async () => {
  const small = await startDemo({
    now,
    clock: () => now,
    days: 3,
    services: 1,
    limits: { pagerdutyPerMinute: 1 },
  })
  const headers = { authorization: `Bearer ${small.pagerdutyToken}` }
  const first = await fetch(`${small.pagerdutyUrl}/priorities`, { headers })
  expect(first.headers.get('ratelimit-remaining')).toBe('0')
  expect(Number(first.headers.get('ratelimit-reset'))).toBe(60)
  const second = await fetch(`${small.pagerdutyUrl}/services`, { headers })
  expect(second.status).toBe(429)
  expect(await second.json()).toMatchObject({ error: { code: 2020 } })
  expect(small.counts().pagerduty).toEqual({ requests: 2, counted: 1 })
  await small.stop()
})
