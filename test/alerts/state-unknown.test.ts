import { describe, expect, test } from 'vitest'
import { step } from '../../alerts/state.ts'
import { ended, play, timingOf } from './state-played.ts'

describe('unknown', () => {
  test('fires nothing, resolves nothing, and is remembered with the first instant and the last reason', () => {
    expect(play('????', {})).toEqual([])
    expect(play('w????', {})).toEqual(['0 fired warning since 0'])
    expect(ended('w.?!', { keepFiringForMs: 9 })).toEqual({
      state: 'recovering',
      activeSince: 0,
      firedAt: 0,
      clearSince: 1,
      severity: 'warning',
      episode: 1,
      unknownSince: 2,
      unknownReason: 'too few',
      at: 3,
    })
    expect(ended('?.', {})).toEqual({ state: 'inactive', episode: 0, at: 1 })
    expect(ended('w?w', {})).not.toHaveProperty('unknownSince')
  })

  test('is no time of breach: for stands still', () => {
    expect(play('w???ww', { forMs: 2 })).toEqual(['5 fired warning since 3'])
  })

  test('is no time of recovery: keep_firing_for stands still', () => {
    expect(play('w.???...', { keepFiringForMs: 2 })).toEqual([
      '0 fired warning since 0',
      '6 resolved warning since 0',
    ])
  })

  test('takes nothing from a breach that fires already', () => {
    expect(play('w??.', {})).toEqual(['0 fired warning since 0', '3 resolved warning since 0'])
  })
})

describe('no data that is ok', () => {
  test('is clear, and gives its reason for what it resolves', () => {
    const timing = { noData: 'ok', keepFiringForMs: 2 } as const
    expect(play('w???', timing)).toEqual(['0 fired warning since 0', '3 resolved warning since 0 (no data)'])
    expect(play('w??.', timing)).toEqual(['0 fired warning since 0', '3 resolved warning since 0'])
    expect(play('w?ww', { noData: 'ok', forMs: 2 })).toEqual([])
    expect(ended('..?', timing)).toMatchObject({
      state: 'inactive',
      unknownSince: 2,
      unknownReason: 'no data',
    })
  })
})

describe('no data that is an alert', () => {
  const timing = { noData: 'alert', noDataForMs: 2, forMs: 1, keepFiringForMs: 9 } as const

  test('fires once it has lasted, and ends with the first data', () => {
    expect(play('.?!??.', timing)).toEqual([
      '3 fired warning since 1 (no data)',
      '5 resolved warning since 1 (data again)',
    ])
    expect(play('.??.??.', timing)).toEqual([])
  })

  test.each(['.', '-'])('%s after it leaves nothing behind', (one) => {
    expect(ended(`???${one}`, timing)).toEqual({ state: 'inactive', episode: 1, at: 3 })
  })

  test('a breach after it begins anew', () => {
    expect(play('???ww', timing).slice(1)).toEqual([
      '3 resolved warning since 0 (data again)',
      '4 fired warning since 3',
    ])
    expect(play('???w', { ...timing, forMs: 0 }).slice(1)).toEqual([
      '3 resolved warning since 0 (data again)',
      '3 fired warning since 3',
    ])
  })

  test('has the severity of what was pending, and else that of its rule', () => {
    expect(play('c???', timing)).toEqual(['3 fired critical since 1 (no data)'])
    expect(play('c???', { ...timing, severity: 'info' })).toEqual(['3 fired critical since 1 (no data)'])
    expect(play('c.???', { ...timing, severity: 'info' })).toEqual(['4 fired info since 2 (no data)'])
    expect(play('???', { ...timing, severity: 'critical' })).toEqual(['2 fired critical since 0 (no data)'])
  })

  test('tells nothing new of what fires or recovers', () => {
    expect(play('ww?????', timing)).toEqual(['1 fired warning since 0'])
    expect(play('ww.?????', timing)).toEqual(['1 fired warning since 0'])
  })

  test('is over when the rule no longer says so', () => {
    const fired = ended('???', timing)
    const unknown = { kind: 'unknown', reason: 'no data' } as const
    expect(step(fired, unknown, timingOf({ ...timing, noData: 'keep' }), 3).transitions).toEqual([])
    expect(step(fired, unknown, timingOf({ ...timing, noData: 'ok' }), 3)).toMatchObject({
      state: { state: 'inactive', unknownSince: 0 },
      transitions: [{ kind: 'resolved', reason: 'no data' }],
    })
  })
})
