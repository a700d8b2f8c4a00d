import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bandOf, type Band, type BandMetric, type Edition } from '../../core/bands.ts'
import { fixedPercentiles, slidingPercentiles, wilson } from '../../core/statistics.ts'
import { tellings, type Told } from './arranged-histories.ts'
import { derivedOf } from './derived.ts'
import { ofMeasurement, type Read } from './events.ts'
import { runsOf } from './runs.ts'

const isLong = process.env['HISTORIES'] !== undefined
const runs = runsOf(300, 1)

/** Linear interpolation between the closest ranks of the sorted values. */
function percentile(values: readonly number[], p: number): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = p * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(rank)], sorted[Math.ceil(rank)]]
  return low === undefined || high === undefined ? null : low * (1 - (rank % 1)) + high * (rank % 1)
}

/**
 * The two rates p at which what was observed lies z standard errors away: (k/n - p)² = z² p (1 - p) / n, a quadratic.
 */
function wilsonRoots(k: number, n: number): { low: number; high: number } {
  const z = 1.959963984540054
  const [a, b, c] = [n + z * z, -(2 * k + z * z), (k * k) / n]
  const root = Math.sqrt(Math.max(0, b * b - 4 * a * c))
  return { low: (-b - root) / (2 * a), high: (-b + root) / (2 * a) }
}

const close = (actual: number | null, expected: number | null) =>
  actual !== null && expected !== null
    ? Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected))
    : actual === expected

const durations = fc.oneof(
  fc.nat({ max: 5 }),
  fc.nat({ max: 10_000_000 }),
  fc.double({ min: 0, max: 1e9, noNaN: true }),
)

describe('percentiles', () => {
  test('of what is in a window, as values enter and leave', () => {
    fc.assert(
      fc.property(
        fc.array(durations, { minLength: 1, maxLength: 40 }),
        fc.array(fc.nat(), { maxLength: 80 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, toggles, p) => {
          const sliding = slidingPercentiles(Float64Array.from(values))
          const inside = new Set<number>()
          for (const toggle of toggles) {
            const index = toggle % values.length
            if (inside.delete(index)) sliding.remove(index)
            else {
              inside.add(index)
              sliding.add(index)
            }
            const present = [...inside].map((position) => values[position]!)
            expect(sliding.size).toBe(present.length)
            for (const share of [p, 0.5, 0.9, 0.95, 0, 1]) {
              expect([share, close(sliding.percentile(share), percentile(present, share))]).toEqual([
                share,
                true,
              ])
            }
          }
        },
      ),
      runs,
    )
  })

  test('of values that only enter', () => {
    fc.assert(
      fc.property(
        fc.array(durations, { maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, p) => {
          const fixed = fixedPercentiles(Float64Array.from(values))
          for (const [index] of values.entries()) fixed.add(index)
          for (const share of [p, 0.5, 0.9, 0.95])
            expect(close(fixed.percentile(share), percentile(values, share))).toBe(true)
        },
      ),
      runs,
    )
  })
})

test('Wilson intervals are the roots of the quadratic', () => {
  expect(wilson(0, 0)).toBeNull()
  const most = isLong ? 400 : 80
  for (const n of [...Array.from({ length: most }, (_, index) => index + 1), 1_000, 100_000]) {
    for (let k = 0; k <= n; k += n > most ? Math.floor(n / 7) : 1) {
      const { low, high } = wilson(k, n)!
      const roots = wilsonRoots(k, n)
      expect([k, n, close(low, roots.low), close(high, roots.high)]).toEqual([k, n, true, true])
      expect(low >= 0 && low <= k / n && k / n <= high && high <= 1).toBe(true)
    }
  }
})

/** As the reports have them: what is at least elite, high and medium, by hours, days or shares in a hundred. */
const tiers: Record<Edition, Record<BandMetric, ((value: number) => boolean)[]>> = {
  2023: {
    deploymentFrequency: [(a) => a >= 1, (a) => a * 7 >= 1, (a) => a * 30 >= 1],
    leadTime: [(s) => s / 3600 < 24, (s) => s / 3600 < 7 * 24, (s) => s / 3600 < 30 * 24],
    changeFailRate: [(r) => r * 100 <= 5, (r) => r * 100 <= 10, (r) => r * 100 <= 15],
    recoveryTime: [(s) => s / 3600 < 1, (s) => s / 3600 < 24, (s) => s / 3600 < 7 * 24],
  },
  2021: {
    deploymentFrequency: [(a) => a >= 1, (a) => a * 30 >= 1, (a) => a * 180 >= 1],
    leadTime: [(s) => s / 3600 < 1, (s) => s / 3600 < 7 * 24, (s) => s / 3600 < 180 * 24],
    changeFailRate: [(r) => r * 100 <= 15, (r) => r * 100 <= 20, (r) => r * 100 <= 30],
    recoveryTime: [(s) => s / 3600 < 1, (s) => s / 3600 < 24, (s) => s / 3600 < 7 * 24],
  },
}

function tierOf(metric: BandMetric, value: number, edition: Edition): Band {
  const reached = tiers[edition][metric].findIndex((holds) => holds(value))
  return (['elite', 'high', 'medium'] as const)[reached] ?? 'low'
}

/** Every bound of every tier, and what lies next to it. */
const bounds: Record<BandMetric, number[]> = {
  deploymentFrequency: [0, 1, 1 / 7, 1 / 30, 1 / 180],
  leadTime: [0, 1, 24, 7 * 24, 30 * 24, 180 * 24].map((hours) => hours * 3600),
  changeFailRate: [0, 0.05, 0.1, 0.15, 0.2, 0.3, 1],
  recoveryTime: [0, 1, 24, 7 * 24].map((hours) => hours * 3600),
}

test('bands are the tiers of the reports, at their bounds and beside them', () => {
  for (const edition of ['2023', '2021'] as const) {
    for (const [metric, values] of Object.entries(bounds) as [BandMetric, number[]][]) {
      expect(bandOf(metric, null, edition)).toBeNull()
      for (const bound of values) {
        for (const value of [bound, bound * (1 + 1e-9), bound * (1 - 1e-9)]) {
          expect([edition, metric, value, bandOf(metric, value, edition)]).toEqual([
            edition,
            metric,
            value,
            tierOf(metric, value, edition),
          ])
        }
      }
    }
  }
})

/** The rates, intervals and bands of a window from its own counts and percentiles. */
function expectConsistent({ fields, tags }: Read, edition: Edition): void {
  const number = (name: string) => (name in fields ? Number(fields[name]) : null)
  const n = number('n')!
  for (const [rate, count] of [
    ['change_fail_rate', 'failed'],
    ['rework_rate', 'rework'],
  ] as const) {
    const k = number(count)!
    const { low, high } = n === 0 ? { low: null, high: null } : wilsonRoots(k, n)
    expect([rate, close(number(rate), n === 0 ? null : k / n)]).toEqual([rate, true])
    expect([rate, close(number(`${rate}_low`), low), close(number(`${rate}_high`), high)]).toEqual([
      rate,
      true,
      true,
    ])
  }
  const perDay = number('deployment_frequency_per_day')!
  expect(close(perDay * number('coverage_days')!, number('successful'))).toBe(true)
  const graded = [
    ['lead_time_band', 'leadTime', number('lead_time_p50_s')],
    ['change_fail_rate_band', 'changeFailRate', number('change_fail_rate')],
    ['recovery_time_band', 'recoveryTime', number('recovery_time_p50_s')],
    ['deployment_frequency_band', 'deploymentFrequency', tags['service'] === '*' ? null : perDay],
  ] as const
  for (const [field, metric, value] of graded) {
    expect([field, fields[field]]).toEqual([
      field,
      value === null ? undefined : tierOf(metric, value, edition),
    ])
  }
  expect(number('recovery_time_n')! + number('recovery_time_open')! + number('recovery_time_unknown')!).toBe(
    number('failed'),
  )
}

test('every window’s rates, intervals and bands follow from its counts', { timeout: 3_600_000 }, async () => {
  const histories = runsOf(20, 0.05)
  let windows = 0
  await fc.assert(
    fc.asyncProperty(
      tellings(({ config, lines, at }: Told) => ({ config, lines, at: at + 40 * 86_400_000 })),
      async (told) => {
        const { points } = await derivedOf(told)
        // Most days nothing changes: what is the same is checked once.
        const different = new Map(
          ofMeasurement(points, 'dora_window').map((window) => [
            JSON.stringify([window.fields, window.tags['service'] === '*']),
            window,
          ]),
        )
        for (const window of different.values()) expectConsistent(window, told.config.edition ?? '2023')
        windows += different.size
      },
    ),
    histories,
  )
  expect(windows).toBeGreaterThan(20 * histories.numRuns)
})
