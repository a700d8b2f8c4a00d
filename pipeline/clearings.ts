import type { Clearing, Instant, StoredPoint } from '../loaders/loader.ts'
import type { Store } from '../store/store.ts'

/**
 * Below so many removals each is a request of its own, as precise as can be. With a thousand services the running hour
 * takes thousands of points with it, and a service that changes its team whole series: no server likes to delete these
 * one by one.
 */
const leastOfInstant = 100
const leastOfSeries = 20
/** More instants at once are no running hour, but a whole history. */
const mostInstants = 8

/**
 * What of these points can be removed together: the instants that nearly all of a measurement is removed from, with
 * what has to stay there, and the stretches of a series where nothing is left.
 */
export async function clearingsOf(store: Store, points: readonly StoredPoint[]): Promise<Clearing[]> {
  const removals = points.filter(({ fields }) => fields === null)
  if (removals.length < leastOfSeries) return []
  const clearings = await ofInstants(store, removals)
  for (const [series, group] of Map.groupBy(removals, (point) => point.series)) {
    if (group.length < leastOfSeries) continue
    const ordered = group.toSorted((a, b) => a.at - b.at || a.nanos - b.nanos)
    const [from, to] = [instantOf(ordered[0]!), instantOf(ordered.at(-1)!)]
    if (!(await store.points.hasStanding(series, from.at, to.at)))
      clearings.push({ series, from, to, standing: [] })
  }
  return clearings
}

async function ofInstants(store: Store, removals: readonly StoredPoint[]): Promise<Clearing[]> {
  const key = ({ series, at, nanos }: StoredPoint) => `${measurementOf(series)} ${at} ${nanos}`
  const groups = [...Map.groupBy(removals, key).values()].filter(({ length }) => length >= leastOfInstant)
  if (groups.length > mostInstants) return []
  const clearings: Clearing[] = []
  for (const group of groups) {
    const [first] = group as [StoredPoint]
    const measurement = measurementOf(first.series)
    const instant = instantOf(first)
    const standing = await store.points.standing({ measurement, ...instant })
    if (standing.length <= group.length)
      clearings.push({ series: measurement, from: instant, to: instant, standing })
  }
  return clearings
}

function measurementOf(series: string): string {
  return series.split(',', 1)[0]!
}

function instantOf({ at, nanos }: Instant): Instant {
  return { at, nanos }
}

const keyOf = (sink: string) => `clearing:${sink}`

/** Notes what is about to be cleared, so that a crash before what stands was written again loses nothing of it. */
export async function noteClearings(
  store: Store,
  sink: string,
  clearings: readonly Clearing[],
): Promise<void> {
  const places = clearings
    .filter(({ standing }) => standing.length > 0)
    .map(({ series, from }) => ({ measurement: series, ...from }))
  await store.meta.set(keyOf(sink), JSON.stringify(places))
}

/** What stands where a clearing was begun and is not known to have ended. */
export async function leftStanding(store: Store, sink: string): Promise<StoredPoint[]> {
  const text = await store.meta.get(keyOf(sink))
  const places = text === undefined ? [] : (JSON.parse(text) as ({ measurement: string } & Instant)[])
  const points: StoredPoint[] = []
  for (const place of places) points.push(...(await store.points.standing(place)))
  return points
}
