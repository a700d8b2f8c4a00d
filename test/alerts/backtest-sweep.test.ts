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
