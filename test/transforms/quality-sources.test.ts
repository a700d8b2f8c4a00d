import { describe, expect, test } from 'vitest'
import {
  sinkFindings,
  skippedFindings,
  sourceFindings,
  type SinkStatus,
  type SourceStatus,
} from '../../transforms/quality-sources.ts'

const now = Date.parse('2026-03-02T10:30:00Z')
const hour = 3_600_000
const behindBefore = now - 2 * hour

const source = (more: Partial<SourceStatus> = {}): SourceStatus => ({
  name: 'github',
  completeUntil: now - hour,
  error: null,
  services: ['web'],
  ...more,
})

describe('a source', () => {
  const told = (more: Partial<SourceStatus>, before: number | undefined = behindBefore) =>
    sourceFindings([source(more)], before)

  test('that was read of late is as it should be', () => {
    expect(told({})).toEqual([])
    expect(told({ completeUntil: behindBefore })).toEqual([])
  })

  test('that was not read for two intervals is behind', () => {
    expect(told({ completeUntil: behindBefore - 1 })).toEqual([
      {
        kind: 'source_behind',
        service: '*',
        services: ['web'],
        subject: 'github',
        detail: 'last complete 2026-03-02T08:29:59.999Z, more than two intervals of the schedule ago',
      },
    ])
    expect(sourceFindings([source({ completeUntil: 0 })], undefined)).toEqual([])
  })

  test('that failed is told with the error, however recently it was complete', () => {
    expect(told({ error: 'token is unknown' })).toMatchObject([
      { kind: 'source_failed', detail: 'last complete 2026-03-02T09:30:00.000Z; token is unknown' },
    ])
    expect(told({ error: 'no route', completeUntil: null })).toMatchObject([
      { kind: 'source_failed', detail: 'never read completely; no route' },
    ])
  })

  test('that was never read', () => {
    expect(told({ completeUntil: null })).toMatchObject([{ kind: 'source_unread', subject: 'github' }])
  })
})

const sink = (more: Partial<SinkStatus> = {}): SinkStatus => ({
  name: 'influx',
  waiting: 0,
  deliveredAt: now - hour,
  error: null,
  rejected: [],
  ...more,
})
const serviceOf = (series: string) => (series.includes('service=web') ? 'web' : '*')

describe('a sink', () => {
  const told = (more: Partial<SinkStatus>) => sinkFindings([sink(more)], behindBefore, serviceOf)

  test.each<[string, Partial<SinkStatus>, string[]]>([
    ['that has everything', {}, []],
    ['that has everything, long ago', { deliveredAt: 0 }, []],
    ['with points for the next refresh', { waiting: 3 }, []],
    ['that was never delivered to, before the first refresh', { waiting: 3, deliveredAt: null }, []],
    ['that was delivered to long ago', { waiting: 3, deliveredAt: behindBefore - 1 }, ['sink_behind']],
    ['whose delivery failed', { waiting: 1, error: 'refused' }, ['sink_behind']],
    ['whose delivery failed with nothing left', { error: 'refused' }, []],
  ])('%s', (_, more, kinds) => expect(told(more).map(({ kind }) => kind)).toEqual(kinds))

  test('says how much waits, and why', () => {
    expect(told({ waiting: 1, error: 'is down', deliveredAt: null })[0]?.detail).toBe(
      '1 point waits, nothing delivered yet; is down',
    )
    expect(told({ waiting: 12, error: 'is down' })[0]?.detail).toBe(
      '12 points wait, last delivered 2026-03-02T09:30:00.000Z; is down',
    )
  })

  test('each point that it refused is told with the reason', () => {
    const rejected = [{ series: 'dora_window,service=web', at: now, reason: 'field type conflict' }]
    expect(told({ rejected })).toEqual([
      {
        kind: 'point_rejected',
        service: 'web',
        subject: 'dora_window,service=web',
        detail: 'at 2026-03-02T10:30:00.000Z, refused by influx: field type conflict',
      },
    ])
  })
})

test('a skipped row is of the service that it is about, of several, or of none that is known', () => {
  const row = { source: 'github', row: 'acme/web 12', reason: 'a draft', at: now, isLine: false }
  const told = skippedFindings([
    { ...row, services: ['web'] },
    { ...row, services: ['a', 'b'] },
    { ...row, services: [] },
    { ...row, services: [], isLine: true },
  ])
  expect(told.map(({ kind, service, services }) => [kind, service, services])).toEqual([
    ['row_skipped', 'web', undefined],
    ['row_skipped', '*', ['a', 'b']],
    ['row_skipped', '', undefined],
    ['line_skipped', '', undefined],
  ])
  expect(told[0]).toMatchObject({
    subject: 'acme/web 12',
    detail: 'github, 2026-03-02T10:30:00.000Z: a draft',
  })
})
