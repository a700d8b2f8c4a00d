import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseFact } from '../../core/fact-json.ts'
import { deriveChanges } from '../../pipeline/derive.ts'
import type { DeriveOptions } from '../../pipeline/derive-options.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { OutboxPoint, Store } from '../../store/store.ts'
import { optionsOf } from '../analyse.ts'
import { histories, type History } from '../reference/histories.ts'
import { pick, some } from '../reference/history-choices.ts'
import { chosen } from '../reference/history-world.ts'
import { fieldsOf, measurementOf, tagsOf } from './fields.ts'
import { placeOf } from './model-sink.ts'
import { pointsOf } from './points.ts'
import { legible } from './shown.ts'
import { windowStart } from './wall-clock.ts'
import { runsOf } from './runs.ts'

const runs = runsOf(40, 0.1)
const minute = 60_000
const day = 24 * 60 * minute

/** A deployment that has not failed so far, and whose id is that of no other. */
interface Sound {
  id: string
  service: string
  environment: string
  finishedAt: number
  place: string
}

function soundDeployments(points: readonly OutboxPoint[]): Sound[] {
  const events = points.filter(({ series }) => measurementOf(series) === 'dora_deployment')
  const ids = events.map(({ fields }) => fieldsOf(fields!).get('id')!)
  return events.flatMap((point, position) => {
    const { service, environment } = tagsOf(point.series)
    const id = ids[position]!
    const isOne = ids.filter((other) => other === id).length === 1
    if (!isOne || fieldsOf(point.fields!).get('failed') !== 'false') return []
    return [
      {
        id: JSON.parse(id) as string,
        service: service!,
        environment: environment!,
        finishedAt: point.at,
        place: placeOf(point),
      },
    ]
  })
}

/** Whether a window's point tells of something at an instant: by dates alone. */
function tellsOf(point: OutboxPoint, at: number, since: number | null, timezone: string): boolean {
  const days = Number.parseInt(tagsOf(point.series)['window']!, 10)
  return at >= windowStart(point.at, days, timezone) && at < point.at && at >= (since ?? -Infinity)
}

/** The windows that an incident changes: those of its service and of the pools, that contain it or its deployment. */
function expectedChanges(
  points: readonly OutboxPoint[],
  { service, environment, finishedAt, place }: Sound,
  startedAt: number,
  { config, team, since }: { config: History['config']; team: string; since: number | null },
): string[] {
  const timezone = config.timezone ?? 'UTC'
  const changed = points.filter((point) => {
    if (measurementOf(point.series) !== 'dora_window') return placeOf(point) === place
    const tags = tagsOf(point.series)
    const isPool = tags['service'] === '*' && (tags['team'] === '*' || tags['team'] === team)
    if (tags['service'] !== service && !isPool) return false
    const isFailed = isPool || tags['environment'] === environment
    return (
      tellsOf(point, startedAt, since, timezone) || (isFailed && tellsOf(point, finishedAt, since, timezone))
    )
  })
  return changed.map(placeOf).sort()
}

async function told(store: Store, options: DeriveOptions, facts: object[], removals: object[] = []) {
  const keys = removals.map((fact) => parseFact(fact))
  await store.facts.save({ facts: facts.map((fact) => parseFact(fact)), removals: keys })
  await deriveChanges(store, options)
  return pointsOf(store)
}

/** The places whose point has another rev, or is there in only one of the two. */
function changedPlaces(before: readonly OutboxPoint[], after: readonly OutboxPoint[]): string[] {
  const revs = (points: readonly OutboxPoint[]) => new Map(points.map((point) => [placeOf(point), point.rev]))
  const [earlier, later] = [revs(before), revs(after)]
  return (
    [...new Set([...earlier.keys(), ...later.keys()])]
      .filter((place) => earlier.get(place) !== later.get(place))
      // How things stand now, with an open failure more or less, is no window.
      .filter((place) => !place.startsWith('dora_state'))
      .sort()
  )
}

const withoutRev = (points: readonly OutboxPoint[]) =>
  points.map((point) => `${placeOf(point)} ${point.fields}`)

test(
  `a late incident restates the windows that contain it or the deployment it names, and nothing else (${runs.numRuns} histories)`,
  { timeout: 3_600_000 },
  async () => {
    let restated = 0
    await fc.assert(
      fc.asyncProperty(
        histories().map(legible),
        pick,
        some(21 * day, 20 * day + 5 * 60 * minute, 30 * day, 7 * day),
        some(10 * minute, 0, 2 * day, -3 * day),
        async ({ config, facts }, which, later, after) => {
          const store = openSqlite({ path: ':memory:' })
          try {
            const finishes = facts.flatMap((fact) =>
              'finishedAt' in fact ? Date.parse(fact.finishedAt ?? '') || [] : [],
            )
            const options = optionsOf(
              config,
              Math.max(...finishes, Date.parse('2026-02-20T00:00:00Z')) + later,
            )
            const before = await told(store, options, facts)
            const deployment = chosen(soundDeployments(before), which)
            fc.pre(deployment !== undefined)
            const startedAt = deployment.finishedAt + after
            const incident = {
              kind: 'incident',
              source: 'late',
              id: 'late',
              service: deployment.service,
              startedAt: new Date(startedAt).toISOString(),
              causedBy: { deploymentId: deployment.id },
            }
            const withIt = await told(store, options, [incident])
            const team = config.services?.find(({ name }) => name === deployment.service)?.team ?? 'none'
            const first = firstOf(before, deployment.service)
            const since = options.since ?? first
            const own = withIt
              .filter(({ series }) => series.startsWith('dora_incident') && series.includes('source=late'))
              .map(placeOf)
            const expected = expectedChanges(before, deployment, startedAt, { config, team, since })
            expect(own).toHaveLength(1)
            expect(changedPlaces(before, withIt)).toEqual([...own, ...expected].sort())
            restated += expected.length - 1

            // Taken back, it leaves nothing behind, and only what it had changed is written again.
            const without = await told(store, options, [], [incident])
            expect(withoutRev(without)).toEqual(withoutRev(before))
            expect(changedPlaces(withIt, without)).toEqual([...own, ...expected].sort())
          } finally {
            store.close()
          }
        },
      ),
      runs,
    )
    expect(restated).toBeGreaterThan(runs.numRuns)
  },
)

/** The finish of a service's first deployment, from which on it is covered where no beginning is configured. */
function firstOf(points: readonly OutboxPoint[], service: string): number {
  const finishes = points.filter(
    ({ series }) => measurementOf(series) === 'dora_deployment' && tagsOf(series)['service'] === service,
  )
  return Math.min(...finishes.map(({ at }) => at))
}
