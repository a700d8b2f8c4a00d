import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { pick, some } from '../reference/history-choices.ts'
import { chosen } from '../reference/history-world.ts'
import { tellings, type Told } from './arranged-histories.ts'
import { derivedOf } from './derived.ts'
import { ofMeasurement, type Read } from './events.ts'
import { instantOf, patched, type Line } from './line.ts'
import { clockChanges, isDayStart, windowStart } from './wall-clock.ts'
import { runsOf } from './runs.ts'

const runs = runsOf(45, 0.1)
const hour = 3_600_000
const day = 24 * hour

/** Zones with clock changes; in some of them at midnight, so that a day begins at one o'clock. */
const zones = [
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Havana',
  'Africa/Cairo',
  'Asia/Beirut',
  'Atlantic/Azores',
  'America/Santiago',
  'Africa/Casablanca',
  'Pacific/Chatham',
]

/** The facts moved in time, so that one of them is so long before a clock change of the zone. */
function moved({ config, lines }: Told, zone: string, change: number, which: number): Told {
  const times = lines.map(instantOf).filter((instant) => instant > 0)
  const by = change - chosen(times, which)!
  const services = (config.services ?? []).map((service) => ({ ...service, timezone: zone }))
  return {
    config: {
      ...config,
      ...(config.since === undefined ? {} : { since: shifted(config.since, by) }),
      services,
      timezone: zone,
      windows: ['1d', '7d'],
    },
    lines: lines.map((line) => shiftedLine(line, by)),
    at: Math.max(...times) + by + 10 * day,
  }
}

const shifted = (text: string, by: number) => new Date(Date.parse(text) + by).toISOString()

function shiftedLine(line: Line, by: number): Line {
  const times = Object.entries(line).flatMap(([key, value]) =>
    key.endsWith('At') ? [[key, shifted(String(value), by)]] : [],
  )
  const commits = line['commits'] as { sha: string; authoredAt: string }[] | undefined
  return patched(line, {
    ...Object.fromEntries(times),
    ...(commits && {
      commits: commits.map(({ sha, authoredAt }) => ({ sha, authoredAt: shifted(authoredAt, by) })),
    }),
  })
}

const counted = [
  'deployments',
  'successful',
  'failed',
  'rework',
  'rollbacks',
  'deployment_days',
  'lead_time_n',
  'lead_time_excluded_bots',
  'recovery_time_n',
  'recovery_time_open',
  'recovery_time_unknown',
  'recovery_time_from_deployment_n',
  'incidents_started',
  'incidents_attributed',
  'incident_recovery_time_n',
]

function countsOf(windows: readonly (Read | undefined)[]): Record<string, number> {
  const sum = (name: string) =>
    windows.reduce((total, window) => total + Number(window?.fields[name] ?? 0), 0)
  return Object.fromEntries(counted.map((name) => [name, sum(name)]))
}

const seriesOf = ({ tags }: Read) => JSON.stringify([tags['service'], tags['team'], tags['environment']])

test(
  `seven daily windows add up to the week, whatever the clocks do, and every deployment is in one of them (${runs.numRuns} histories)`,
  { timeout: 3_600_000 },
  async () => {
    let weeks = 0
    const histories = fc
      .record({
        zone: fc.constantFrom(...zones),
        change: pick,
        which: pick,
        before: some(0, 1, -1, hour / 2, day - hour / 2, day, 7 * day - hour / 2),
      })
      .chain(({ zone, change, which, before }) => {
        const at = chosen(clockChanges(zone, Date.UTC(2020, 0, 1), Date.UTC(2027, 0, 1)), change)!
        return tellings((told) => moved(told, zone, at - before, which))
      })
    await fc.assert(
      fc.asyncProperty(histories, async (told) => {
        const zone = told.config.timezone!
        const { points, since } = await derivedOf(told)
        const windows = ofMeasurement(points, 'dora_window')
        const isDayEnd = ({ at }: Read) => isDayStart(at, zone)
        const places = new Map(
          windows.map((window) => [`${seriesOf(window)} ${window.tags['window']} ${window.at}`, window]),
        )
        for (const week of windows.filter((window) => window.tags['window'] === '7d' && isDayEnd(window))) {
          const ends = [0, 1, 2, 3, 4, 5, 6].map((days) => windowStart(week.at, days, zone))
          const days = ends.map((end) => places.get(`${seriesOf(week)} 1d ${end}`))
          expect({ at: week.at, ...countsOf(days) }).toEqual({ at: week.at, ...countsOf([week]) })
          weeks += 1
        }
        const all = windows.filter(
          (window) => window.tags['service'] !== '*' && window.tags['window'] === '1d' && isDayEnd(window),
        )
        const last = Math.max(...all.map(({ at }) => at))
        const inDays = all.reduce((total, { fields }) => total + Number(fields['deployments']), 0)
        const deployments = ofMeasurement(points, 'dora_deployment')
        expect(inDays).toBe(deployments.filter(({ at }) => at >= (since ?? 0) && at < last).length)
      }),
      runs,
    )
    expect(weeks).toBeGreaterThan(50 * runs.numRuns)
  },
)
