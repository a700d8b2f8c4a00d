import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StoredPoint } from '../../loaders/loader.ts'
import { placedAnew } from '../../loaders/places.ts'
import { deliver } from '../../pipeline/deliver.ts'
import type { Store } from '../../store/store.ts'
import { quietIo } from '../extractors/contract.ts'
import { mostly, some } from '../reference/history-choices.ts'
import { countIn, fieldsOf, measurementOf } from './fields.ts'
import { lives } from './lives.ts'
import { modelSink, placeOf, type Held } from './model-sink.ts'
import { play } from './play.ts'
import { pointsOf } from './points.ts'
import { runsOf } from './runs.ts'

const runs = runsOf(20, 0.05)

/** Whether something is delivered after a refresh, so many points at once, to a sink that may fail in the middle. */
const delivery = fc.record({
  isDelivered: mostly(60, true, false),
  atOnce: some(5_000, 1, 7, 100, 1_000),
  failsAfter: mostly<number>(60, Number.POSITIVE_INFINITY, 0, 1, 13, 200, 1_500),
})
const last = { isDelivered: true, atOnce: 1_000, failsAfter: Number.POSITIVE_INFINITY }

/** A store that gives out so many points at once. */
function givingOut(store: Store, atOnce: number): Store {
  const after: Store['points']['after'] = (rev) => store.points.after(rev, atOnce)
  return {
    ...store,
    points: new Proxy(store.points, { get: (it, key) => (key === 'after' ? after : Reflect.get(it, key)) }),
  }
}

/** The points that are live, with their fields, at the places where they are written. */
async function live(store: Store, placed: (points: readonly StoredPoint[]) => StoredPoint[]): Promise<Held> {
  const points = placed(await pointsOf(store))
  return new Map(points.map((point) => [placeOf(point), fieldsOf(point.fields!)]))
}

const hasCounts = (place: string) => ['dora_window', 'dora_flow'].includes(measurementOf(place))
const hasHappened = (place: string) =>
  ['dora_deployment', 'dora_change', 'dora_incident'].includes(measurementOf(place))
const isCount = (name: string) => name === 'n' || name.endsWith('_n') || name === 'merged_changes'

/** What a query sees that filters events by `deleted` and windows by n: of events also all that they say. */
function visible(held: Held): [place: string, fields: Record<string, string>][] {
  return [...held]
    .filter(([place, fields]) =>
      hasCounts(place)
        ? [...fields.keys()].some((name) => isCount(name) && countIn(fields, name) !== 0)
        : fields.get('deleted') === 'false',
    )
    .map(([place, fields]): [string, Record<string, string>] => [
      place,
      hasHappened(place) ? Object.fromEntries(fields) : {},
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Values that are only looked at where their n is not 0. */
const countOf: Record<string, string> = {
  lead_time_p50_s: 'lead_time_n',
  lead_time_p90_s: 'lead_time_n',
  lead_time_p95_s: 'lead_time_n',
  lead_time_band: 'lead_time_n',
  recovery_time_p50_s: 'recovery_time_n',
  recovery_time_p90_s: 'recovery_time_n',
  recovery_time_band: 'recovery_time_n',
  recovery_time_from_deployment_p50_s: 'recovery_time_from_deployment_n',
  recovery_time_from_deployment_p90_s: 'recovery_time_from_deployment_n',
  incident_recovery_time_p50_s: 'incident_recovery_time_n',
  incident_recovery_time_p90_s: 'incident_recovery_time_n',
}

/** The fields of the windows that have deployments, each where its own n says that there is something to see. */
function windows(held: Held): Map<string, Record<string, string>> {
  const seen = new Map<string, Record<string, string>>()
  for (const [place, fields] of held) {
    if (measurementOf(place) !== 'dora_window' || countIn(fields, 'n') === 0) continue
    const shown = [...fields].filter(([name]) => countIn(fields, countOf[name] ?? 'n') !== 0)
    seen.set(place, Object.fromEntries(shown))
  }
  return seen
}

test(
  `in the end a sink holds exactly the live points, whenever it was written to and whenever it failed (${runs.numRuns} lives)`,
  { timeout: 3_600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        lives(),
        fc.array(delivery, { maxLength: 12, size: 'max' }),
        async (life, deliveries) => {
          const [deleting, overwriting] = [modelSink('deleting', true), modelSink('overwriting', false)]
          await play(life, async ({ store, at, position }) => {
            const isLast = position === life.moments.length - 1
            const { isDelivered, atOnce, failsAfter } = isLast ? last : (deliveries[position] ?? last)
            if (!isDelivered) return
            for (const sink of [deleting, overwriting]) {
              sink.fail(failsAfter)
              await deliver(givingOut(store, atOnce), sink.loader, quietIo(at))
            }
            if (!isLast) return
            const expected = await live(store, (points) => [...points])
            expect(deleting.held).toEqual(expected)
            const placed = await live(store, placedAnew)
            const shown = new Map([...placed].map(([place, fields]) => [place, withDeleted(place, fields)]))
            expect(visible(overwriting.held)).toEqual(visible(shown))
            expect(windows(overwriting.held)).toEqual(windows(expected))
            expect(await store.points.backlog('deleting')).toEqual({ points: 0, rejected: 0 })
          })
        },
      ),
      runs,
    )
  },
)

function withDeleted(place: string, fields: Map<string, string>): Map<string, string> {
  return hasCounts(place) ? fields : new Map([...fields, ['deleted', 'false']])
}
