import { describe, expect, test } from 'vitest'
import { endInstance, step } from '../../alerts/state.ts'
import { ended, play, timingOf } from './state-played.ts'

describe('for', () => {
  test('waits until the breach has lasted, and fires at the first evaluation that finds it has', () => {
    expect(play('..www', { forMs: 2 })).toEqual(['4 fired warning since 2'])
    expect(play('..ww.w', { forMs: 2 })).toEqual([])
  })

  test('of 0 fires at once', () => {
    expect(play('.w', {})).toEqual(['1 fired warning since 1'])
  })

  test.each(['.', '-'])('%s while pending ends it silently', (one) => {
    expect(play(`ww${one}www`, { forMs: 2 })).toEqual(['5 fired warning since 3'])
  })

  test('takes the last severity of what was pending', () => {
    expect(play('wwc', { forMs: 2 })).toEqual(['2 fired critical since 0'])
  })
})

describe('keep_firing_for', () => {
  test('counts from the first clear evaluation', () => {
    expect(play('w...', { keepFiringForMs: 2 })).toEqual([
      '0 fired warning since 0',
      '3 resolved warning since 0',
    ])
  })

  test('a breach while recovering is the same firing, and the next clear one counts anew', () => {
    expect(play('w..w...', { keepFiringForMs: 2 })).toEqual([
      '0 fired warning since 0',
      '6 resolved warning since 0',
    ])
  })

  test('of 0 resolves at once', () => {
    expect(play('w.w', {})).toEqual([
      '0 fired warning since 0',
      '1 resolved warning since 0',
      '2 fired warning since 2',
    ])
  })
})

describe('between the two thresholds', () => {
  test('what fires goes on, what does not, does not begin', () => {
    expect(play('--w--.--', {})).toEqual(['2 fired warning since 2', '5 resolved warning since 2'])
  })

  test('what recovers fires again', () => {
    expect(play('w.-...', { keepFiringForMs: 2 })).toEqual([
      '0 fired warning since 0',
      '5 resolved warning since 0',
    ])
    expect(ended('w.-', { keepFiringForMs: 2 })).toMatchObject({ state: 'firing', episode: 1 })
  })
})

test('a severity that changes while it fires is told, also while it recovers', () => {
  expect(play('wccw.c-', { keepFiringForMs: 9 })).toEqual([
    '0 fired warning since 0',
    '1 escalated critical since 0',
    '3 deescalated warning since 0',
    '5 escalated critical since 0',
  ])
})

test('the same instant or an older one is no evaluation', () => {
  const before = ended('ww', {})
  for (const at of [1, 0, -5])
    expect(step(before, { kind: 'clear' }, timingOf({}), at)).toEqual({ state: before, transitions: [] })
})

describe('the end of an instance', () => {
  test('resolves what fires or recovers, with the reason, even at the instant of the last evaluation', () => {
    for (const before of [ended('w', {}), ended('w.', { keepFiringForMs: 9 })])
      expect(endInstance(before, 'removed', before.at)).toEqual({
        state: { state: 'inactive', episode: 1, at: before.at },
        transitions: [
          { kind: 'resolved', severity: 'warning', at: before.at, startedAt: 0, reason: 'removed' },
        ],
      })
  })

  test('is silent for what does not fire, and never goes back in time', () => {
    expect(endInstance(ended('.w', { forMs: 9 }), 'removed', 5)).toEqual({
      state: { state: 'inactive', episode: 0, at: 5 },
      transitions: [],
    })
    expect(endInstance(ended('.w', {}), 'removed', 0)).toMatchObject({
      transitions: [{ at: 1 }],
      state: { at: 1 },
    })
  })
})
