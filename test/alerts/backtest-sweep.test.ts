import { expect, test } from 'vitest'
import { leastOf, sweepOf, thresholdText } from '../../alerts/backtest-sweep.ts'
import { alertsSchema } from '../../alerts/settings.ts'

function sweep(rule: object) {
  const own = alertsSchema.parse({ rules: [{ name: 'tried', ...rule }] }).rules[0]!
  const all = sweepOf(own)
  expect(all).toContain(own)
  return { own, all, texts: all.map((each) => thresholdText(each)) }
}

test('thresholds around the own one, the one that fires first at the head', () => {
  expect(sweep({ metric: 'changeFailRate', above: '20%' }).texts).toEqual(
    [10, 14, 17, 20, 24, 30, 40].map((percent) => `above ${percent} %`),
  )
  expect(sweep({ metric: 'deploymentFrequency', below: '1/day' }).texts).toEqual(
    [2, 1.5, 1.2, 1, 0.85, 0.7, 0.5].map((perDay) => `below ${perDay} a day`),
  )
})

test('a share moves by its distance from what was before', () => {
  expect(sweep({ metric: 'leadTime', comparedWith: 'previous', above: '150%' }).texts).toEqual(
    [125, 135, 143, 150, 160, 175, 200].map((percent) => `above ${percent} %`),
  )
  expect(sweep({ metric: 'deploymentFrequency', comparedWith: 'previous', below: '50%' }).texts).toEqual(
    [75, 65, 57.5, 50, 40, 25].map((percent) => `below ${percent} %`),
  )
})

test('of small numbers the neighbours, of rates none that cannot be', () => {
  expect(sweep({ metric: 'openFailures', above: 1 }).texts).toEqual(
    [0, 1, 2, 3, 4, 6].map((n) => `above ${n}`),
  )
  expect(sweep({ metric: 'changeFailRate', above: '60%' }).texts.at(-1)).toBe('above 90 %')
  expect(sweep({ metric: 'leadTime', above: '1d' }).texts).toEqual(
    ['12h', '17h', '20h', '1d', '1d5h', '1d12h', '2d'].map((text) => `above ${text}`),
  )
})

test('severities and the clear threshold move along', () => {
  const { all } = sweep({
    metric: 'changeFailRate',
    above: { warning: '20%', critical: '40%' },
    clear: '10%',
  })
  expect(all[0]).toMatchObject({
    thresholds: [
      { severity: 'critical', value: 0.2 },
      { severity: 'warning', value: 0.1 },
    ],
    clear: 0.05,
  })
  const usual = sweep({ metric: 'changeFailRate', above: '20%' }).all
  for (const each of usual) expect(each.clear).toBeCloseTo(0.9 * leastOf(each), 9)
})

test('the edge of a band is told with its name, and what lies beside it as a quantity', () => {
  const { all, texts } = sweep({ metric: 'changeFailRate', above: { warning: 'elite', critical: 'medium' } })
  expect(texts).toEqual([
    'above 2.5 %',
    'above 3.5 %',
    'above 4.25 %',
    'above elite: 5 %',
    'above 6 %',
    'above 7.5 %',
    'above 10 %',
  ])
  expect(thresholdText(all[3]!, 0.15)).toBe('above medium: 15 %')
  expect(sweep({ metric: 'leadTime', above: 'elite', comparedWith: 'previous' }).texts).toEqual(
    ['12h', '17h', '20h', 'elite: 1d', '1d5h', '1d12h', '2d'].map((text) => `above ${text}`),
  )
})

test('what cannot be written shortly is there once', () => {
  const { texts } = sweep({ metric: 'deploymentFrequency', below: '1/week' })
  expect(texts).toHaveLength(7)
  expect(texts[3]).toBe('below 0.143 a day')
  expect(sweep({ metric: 'deploymentFrequency', below: 'high' }).texts).toHaveLength(7)
  expect(sweep({ metric: 'changeFailRate', above: '12.34%' }).texts).toHaveLength(7)
})

test('multiples of a budget, but not of more than all', () => {
  const budget = { metric: 'changeFailRate', window: '7d' }
  expect(sweep({ ...budget, budget: '15%', above: '1x' }).texts).toEqual(
    [0.5, 0.7, 0.85, 1, 1.2, 1.5, 2].map((times) => `above ${times}x`),
  )
  expect(sweep({ ...budget, budget: '60%', above: '1x' }).texts.at(-1)).toBe('above 1.5x')
  const other = { metric: 'deploymentFrequency', window: '7d', comparedWith: '90d', below: '3sd' }
  expect(sweep(other).texts).toEqual([1.5, 2.1, 2.55, 3, 3.6, 4.5, 6].map((sds) => `below ${sds}sd`))
})
