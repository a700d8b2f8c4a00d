import { expect, test } from 'vitest'
import { bandOf, editions, type BandMetric, type Edition } from '../../core/bands.ts'

const hour = 3600
const day = 24 * hour

/** A value at the bound, the band there, and the band of what is a little worse. */
const bounds: [Edition, BandMetric, number, string, string][] = [
  ['2023', 'deploymentFrequency', 1, 'elite', 'high'],
  ['2023', 'deploymentFrequency', 1 / 7, 'high', 'medium'],
  ['2023', 'deploymentFrequency', 1 / 30, 'medium', 'low'],
  ['2023', 'leadTime', day, 'high', 'high'],
  ['2023', 'leadTime', 7 * day, 'medium', 'medium'],
  ['2023', 'leadTime', 30 * day, 'low', 'low'],
  ['2023', 'changeFailRate', 0.05, 'elite', 'high'],
  ['2023', 'changeFailRate', 0.1, 'high', 'medium'],
  ['2023', 'changeFailRate', 0.15, 'medium', 'low'],
  ['2023', 'recoveryTime', hour, 'high', 'high'],
  ['2023', 'recoveryTime', day, 'medium', 'medium'],
  ['2023', 'recoveryTime', 7 * day, 'low', 'low'],
  ['2021', 'deploymentFrequency', 1, 'elite', 'high'],
  ['2021', 'deploymentFrequency', 1 / 30, 'high', 'medium'],
  ['2021', 'deploymentFrequency', 1 / 180, 'medium', 'low'],
  ['2021', 'leadTime', hour, 'high', 'high'],
  ['2021', 'leadTime', 7 * day, 'medium', 'medium'],
  ['2021', 'leadTime', 180 * day, 'low', 'low'],
  ['2021', 'changeFailRate', 0.15, 'elite', 'high'],
  ['2021', 'changeFailRate', 0.2, 'high', 'medium'],
  ['2021', 'changeFailRate', 0.3, 'medium', 'low'],
  ['2021', 'recoveryTime', hour, 'high', 'high'],
  ['2021', 'recoveryTime', day, 'medium', 'medium'],
  ['2021', 'recoveryTime', 7 * day, 'low', 'low'],
]

test.each(bounds)('%s: a %s of %d is %s, and a little worse is %s', (edition, metric, value, at, beyond) => {
  const worse = metric === 'deploymentFrequency' ? value * (1 - 1e-9) : value * (1 + 1e-9)
  expect(bandOf(metric, value, edition)).toBe(at)
  expect(bandOf(metric, worse, edition)).toBe(beyond)
})

test.each([
  ['2023', 'leadTime', day - 1, 'elite'],
  ['2023', 'leadTime', 7 * day - 1, 'high'],
  ['2023', 'leadTime', 30 * day - 1, 'medium'],
  ['2023', 'recoveryTime', hour - 1, 'elite'],
  ['2021', 'leadTime', hour - 1, 'elite'],
  ['2021', 'leadTime', 180 * day - 1, 'medium'],
] as const)('%s: a %s of %d s is just %s', (edition, metric, value, band) => {
  expect(bandOf(metric, value, edition)).toBe(band)
})

test('shares of whole days meet their bound exactly', () => {
  for (let weeks = 1; weeks <= 60; weeks += 1) {
    expect(bandOf('deploymentFrequency', weeks / (weeks * 7), '2023')).toBe('high')
    expect(bandOf('changeFailRate', weeks / (weeks * 20), '2023')).toBe('elite')
  }
})

test('null has no band, zero has', () => {
  for (const edition of editions) {
    expect(bandOf('leadTime', null, edition)).toBeNull()
    expect(bandOf('deploymentFrequency', 0, edition)).toBe('low')
    expect(bandOf('changeFailRate', 0, edition)).toBe('elite')
  }
})

test('there is no edition that has no tiers', () => {
  expect(editions).toEqual(['2021', '2023'])
})
