import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { tellings, type Told } from './arranged-histories.ts'
import { derivedOf } from './derived.ts'
import { ofMeasurement, type Read } from './events.ts'
import { windowStart } from './wall-clock.ts'
import { runsOf } from './runs.ts'

const runs = runsOf(40, 0.1)
const day = 86_400_000

/** The clock that leads is that of the impact, as in the points of single deployments. */
function adjusted({ config, lines, at }: Told): Told {
  const { recoveryClock: _, ...rest } = config
  const services = (config.services ?? []).map(({ recoveryClock: _clock, ...service }) => service)
  return { config: { ...rest, services, windows: ['7d', '30d'] }, lines, at: at + 3 * day }
}

/** By sorting and interpolating between the closest ranks. */
function percentile(values: readonly number[], p: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  const position = (sorted.length - 1) * p
  const [low, high] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]]
  return low === undefined ? undefined : low + (high! - low) * (position % 1)
}

const numbers = (events: readonly Read[], field: string) =>
  events.flatMap(({ fields }) => (field in fields ? [Number(fields[field])] : []))

/** Events grouped by what they tell of: several services may have the same. */
function byIdentity(events: readonly Read[]): Read[][] {
  const groups = Object.groupBy(events, ({ tags, fields }) => JSON.stringify([tags['source'], fields['id']]))
  return Object.values(groups).map((group) => group!)
}

/** The fields of a pool's window, by brute force over the events of its services. */
function expectedFields(
  deployments: Read[],
  changes: Read[],
  incidents: Read[],
): Record<string, number | undefined> {
  const once = byIdentity(deployments)
  const isAny = (field: string, value: unknown) =>
    once.filter((copies) => copies.some(({ fields }) => fields[field] === value))
  const recoveries = isAny('failed', true).flatMap((copies) =>
    numbers(copies.filter(({ fields }) => fields['failed'] === true).slice(0, 1), 'recovery_s'),
  )
  const samples = changes.filter(({ fields }) => !('excluded' in fields))
  const leads = numbers(samples, 'lead_time_s')
  const started = byIdentity(incidents)
  const resolved = started.flatMap((copies) => numbers(copies.slice(0, 1), 'recovery_s'))
  return {
    deployments: once.length,
    successful: isAny('outcome', 'success').length,
    failed: isAny('failed', true).length,
    rollbacks: isAny('kind', 'rollback').length,
    lead_time_n: leads.length,
    lead_time_p50_s: percentile(leads, 0.5),
    lead_time_p90_s: percentile(leads, 0.9),
    lead_time_p95_s: percentile(leads, 0.95),
    lead_time_excluded_bots: changes.filter(({ fields }) => fields['excluded'] === 'bot').length,
    recovery_time_n: recoveries.length,
    recovery_time_p50_s: percentile(recoveries, 0.5),
    recovery_time_p90_s: percentile(recoveries, 0.9),
    incidents_started: started.length,
    incident_recovery_time_n: resolved.length,
    incident_recovery_time_p50_s: percentile(resolved, 0.5),
    incident_recovery_time_p90_s: percentile(resolved, 0.9),
  }
}

test(
  `teams and the organisation are the pooled samples of their services, and what these share counts once (${runs.numRuns} histories)`,
  { timeout: 3_600_000 },
  async () => {
    let [windows, shared] = [0, 0]
    await fc.assert(
      fc.asyncProperty(tellings(adjusted), async (told) => {
        const { points, since } = await derivedOf(told)
        const timezone = told.config.timezone ?? 'UTC'
        const teamOf = (service: string) =>
          told.config.services?.find(({ name }) => name === service)?.team ?? 'none'
        const deployments = ofMeasurement(points, 'dora_deployment').toSorted(byService)
        const firsts = new Map<string, number>()
        for (const { tags, at } of deployments) {
          firsts.set(tags['service']!, Math.min(at, firsts.get(tags['service']!) ?? Infinity))
        }
        for (const window of ofMeasurement(points, 'dora_window')) {
          if (window.tags['service'] !== '*') continue
          const { team, window: length } = window.tags
          const from = windowStart(window.at, Number.parseInt(length!, 10), timezone)
          const within = (measurement: string) =>
            ofMeasurement(points, measurement)
              .toSorted(byService)
              .filter(({ tags, at }) => {
                const isMember = team === '*' || teamOf(tags['service']!) === team
                const covered = since ?? firsts.get(tags['service']!) ?? Infinity
                return isMember && at >= Math.max(from, covered) && at < window.at
              })
          const own = within('dora_deployment')
          const expected = expectedFields(own, within('dora_change'), within('dora_incident'))
          for (const [name, value] of Object.entries(expected)) {
            const actual = window.fields[name]
            if (value === undefined || actual === undefined) expect([name, actual]).toEqual([name, value])
            else
              expect(Math.abs(Number(actual) - value), name).toBeLessThanOrEqual(
                1e-9 * Math.max(1, Math.abs(value)),
              )
          }
          windows += 1
          if (byIdentity(own).length < own.length) shared += 1
        }
      }),
      runs,
    )
    // Enough windows, and enough of them with a deployment of several services, for this to mean something.
    expect(windows).toBeGreaterThan(20 * runs.numRuns)
    expect(shared).toBeGreaterThan(runs.numRuns)
  },
)

function byService(a: Read, b: Read): number {
  const key = ({ tags }: Read) => JSON.stringify([tags['service'], tags['environment']])
  return key(a) < key(b) ? -1 : 1
}
