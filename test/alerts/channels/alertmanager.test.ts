import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { alertmanagerAlerts, toldAs } from '../../../alerts/channels/alertmanager-alerts.ts'
import { alertmanager } from '../../../alerts/channels/alertmanager.ts'
import { listen, type Loopback } from '../../core/loopback.ts'
import { startAlertmanager } from './alertmanager-process.ts'
import { alert, flood, ioOf, message, named, nastyNames, resolved } from './samples.ts'

const day = 86_400_000

interface Posted {
  labels: Record<string, string>
  startsAt: string
  endsAt: string
}

/** As Alertmanager was told of the sample, but for these labels. */
const toldWith = (labels: Record<string, string>) =>
  new Map([['c0ffee12', { ...posted(message(), new Map(), day).alerts[0]!.labels, ...labels }]])

function posted(...given: Parameters<typeof alertmanagerAlerts>) {
  const { alerts, receipt } = alertmanagerAlerts(...given)
  return { alerts: alerts as Posted[], receipt }
}

describe('alerts', () => {
  test('that fire end when nothing is heard any more, and those that are over when they were', () => {
    const fired = posted(message(), new Map(), day)
    const over = posted(resolved(), toldAs(fired.receipt), day)
    expect(fired.alerts.map(({ endsAt }) => endsAt)).toEqual(['2026-03-03T10:00:00.000Z'])
    expect(over.alerts.map(({ endsAt }) => endsAt)).toEqual(['2026-03-02T11:00:00.000Z'])
    expect(over.alerts[0]?.labels).toEqual(fired.alerts[0]?.labels)
    expect(JSON.parse(fired.receipt)).toEqual({ c0ffee12: fired.alerts[0]?.labels })
    expect(over.receipt).toBe('{}')
  })

  test('whose severity changes end with the one before', () => {
    const worse = posted(message(), toldWith({ severity: 'warning' }), day)
    expect(worse.alerts.map(({ labels, endsAt }) => [labels.severity, endsAt])).toEqual([
      ['warning', '2026-03-02T10:00:00.000Z'],
      ['critical', '2026-03-03T10:00:00.000Z'],
    ])
    const over = posted(resolved(), toldWith({ severity: 'warning' }), day)
    expect(over.alerts.map(({ labels }) => labels.severity)).toEqual(['warning'])
  })

  test('that are told elsewhere end, but not those that another group goes on with', () => {
    const told = (moved: 'here' | 'elsewhere', before: 'warning' | 'critical') => {
      const one = alert({ status: 'resolved', moved })
      return posted(resolved({ alerts: [one] }), toldWith({ severity: before }), day)
    }
    const ended = ({ alerts }: { alerts: Posted[] }) =>
      alerts.map(({ labels, endsAt }) => [labels.severity, endsAt])
    expect(ended(told('elsewhere', 'critical'))).toEqual([['critical', '2026-03-02T11:00:00.000Z']])
    expect(ended(told('here', 'critical'))).toEqual([])
    // With another severity it is another alert of Alertmanager.
    expect(ended(told('here', 'warning'))).toEqual([['warning', '2026-03-02T11:00:00.000Z']])
    expect(told('here', 'critical').receipt).toBe('{}')
  })

  test('that fire for want of data have a label more, and end with it', () => {
    const health = { health: 'nodata' }
    const ended = ({ alerts }: { alerts: Posted[] }) =>
      alerts.map(({ labels, endsAt }) => [labels['health'], endsAt])
    const known = toldWith(health)
    const over = alert({ status: 'resolved', labels: { ...alert().labels, ...health } })
    const again = posted(message({ alerts: [over, alert({ episode: 2 })] }), known, day)
    expect(ended(again)).toEqual([
      ['nodata', '2026-03-02T10:00:00.000Z'],
      [undefined, '2026-03-03T10:00:00.000Z'],
    ])
    // What began with data and is told in another group is another alert of Alertmanager.
    const moved = posted(resolved({ alerts: [alert({ status: 'resolved', moved: 'here' })] }), known, day)
    expect(ended(moved)).toEqual([['nodata', '2026-03-02T11:00:00.000Z']])
    const stays = posted(resolved({ alerts: [{ ...over, moved: 'here' }] }), known, day)
    expect(ended(stays)).toEqual([])
  })

  test('that end as they start are still taken', () => {
    const one = alert({ status: 'resolved', endedAt: alert().startedAt })
    const { alerts } = posted(resolved({ alerts: [one] }), new Map(), day)
    expect(alerts[0]?.endsAt).toBe('2026-03-02T09:00:00.001Z')
  })

  test('have labels with valid names, sorted so that the same one wins each time', () => {
    const labels = { 'a b': 'second', 'a-b': 'third', a_b: 'fourth', '1st': 'x', '': 'y', empty: '' }
    const { alerts } = posted(message({ alerts: [alert({ labels })] }), new Map(), day)
    expect(alerts[0]?.labels).toEqual({
      a_b: 'fourth',
      _1st: 'x',
      alertname: 'change fail rate',
      severity: 'critical',
    })
  })

  test('of a test are marked, and leave the receipt of the group as it is', () => {
    const before = toldWith({ severity: 'warning' })
    const { alerts, receipt } = posted(message({ isTest: true }), before, day)
    expect(alerts.map(({ labels }) => labels.dorado_test)).toEqual(['true'])
    expect(receipt).toBe(JSON.stringify(Object.fromEntries(before)))
  })
})

describe('the server', () => {
  let server: Loopback | undefined
  afterEach(async () => {
    await server?.close()
    server = undefined
  })

  test.each([
    [{ username: 'u', password: 'p4ssword' }, `Basic ${Buffer.from('u:p4ssword').toString('base64')}`],
    [{ token: 't0ken' }, 'Bearer t0ken'],
    [{}, undefined],
  ])('is given %j', async (settings, header) => {
    server = await listen(() => ({ body: { versionInfo: { version: '0.28.0' } } }))
    const notifier = alertmanager.make('ops', alertmanager.schema.parse({ baseUrl: server.url, ...settings }))
    expect(await notifier.check(ioOf())).toEqual([
      { name: 'server', ok: true, detail: 'Alertmanager 0.28.0' },
    ])
    expect(server.received.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /api/v2/status'])
    expect(server.received[0]?.headers.authorization).toBe(header)
  })

  test.each([
    [{ username: 'u' }, 'goes with password'],
    [{ username: 'u', password: 'p', token: 't' }, 'either token'],
    [{ baseUrl: 'http://localhost:9093/api/v2/alerts' }, 'its address alone'],
    [{ baseUrl: 'localhost:9093' }, 'the address of Alertmanager'],
  ])('has settings, of which %j are refused', (settings, text) => {
    const { error } = alertmanager.schema.safeParse({ baseUrl: 'http://localhost:9093', ...settings })
    expect(error?.message ?? '').toContain(text)
  })
})

const real = await startAlertmanager()
afterAll(() => real?.stop())

describe.skipIf(real === undefined)('a real Alertmanager', () => {
  const url = real?.url ?? ''
  // The sample's times are long over for it, so they are moved to its own.
  const shift = Date.now() - message().at

  async function active(): Promise<string[]> {
    const answer = await fetch(`${url}/api/v2/alerts`)
    const alerts = (await answer.json()) as Posted[]
    return alerts.map(({ labels }) => `${labels.service} ${labels.severity}`).sort((a, b) => (a < b ? -1 : 1))
  }

  function today(told: ReturnType<typeof message>) {
    const alerts = told.alerts.map((one) => ({
      ...one,
      startedAt: one.startedAt + shift,
      // In the past, whenever that is.
      ...(one.endedAt === undefined ? {} : { endedAt: one.startedAt + shift + 1000 }),
    }))
    return { ...told, alerts, at: told.at + shift }
  }

  test('shows what fires, in its present severity, until it is resolved', async () => {
    const notifier = alertmanager.make('ops', alertmanager.schema.parse({ baseUrl: url }))
    const asWarning = message({ alerts: [alert({ severity: 'warning' })] })
    const first = await notifier.send(today(asWarning), ioOf())
    await vi.waitFor(async () => expect(await active()).toEqual(['checkout warning']))
    const second = await notifier.send(today(message()), ioOf(), first)
    await vi.waitFor(async () => expect(await active()).toEqual(['checkout critical']))
    await notifier.send(today(resolved()), ioOf(), second)
    await vi.waitFor(async () => expect(await active()).toEqual([]))
    expect(await notifier.check(ioOf())).toMatchObject([{ ok: true }])
  })

  test('takes every name and 200 alerts', async () => {
    const notifier = alertmanager.make('ops', alertmanager.schema.parse({ baseUrl: url }))
    for (const name of [...nastyNames, '🚒'.repeat(10_000)]) await notifier.send(today(named(name)), ioOf())
    await notifier.send(today(flood()), ioOf())
    await vi.waitFor(async () => expect((await active()).length).toBe(200 + nastyNames.length + 1))
  })
})
