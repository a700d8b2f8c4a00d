import { Unavailable } from '../../core/errors.ts'
import { lineOf } from '../../loaders/line.ts'
import { isIn, type Loader, type StoredPoint } from '../../loaders/loader.ts'
import { placedAnew } from '../../loaders/places.ts'
import { fieldsOf } from './fields.ts'

type Fields = Map<string, string>

/** What a sink holds: the fields of every point, by series and time. */
export type Held = Map<string, Fields>

export function placeOf({ series, at, nanos }: Pick<StoredPoint, 'series' | 'at' | 'nanos'>): string {
  return `${series} ${at} ${nanos}`
}

/**
 * A sink as InfluxDB is one: writing joins the fields of old and new. With `canRemove` a removed point is deleted;
 * without, it is overwritten as the line says. After `fail(n)` it takes n more points and is then gone.
 */
export function modelSink(name: string, canRemove: boolean) {
  const held: Held = new Map()
  const places = new Map<string, StoredPoint>()
  let left = Number.POSITIVE_INFINITY
  const take = (point: StoredPoint) => {
    const place = placeOf(point)
    places.set(place, point)
    if (point.fields === null && canRemove) {
      held.delete(place)
      return
    }
    const line = canRemove
      ? point.fields!
      : lineOf(point)
          .slice(point.series.length + 1)
          .replace(/ \d+$/, '')
    held.set(place, new Map([...(held.get(place) ?? []), ...fieldsOf(line)]))
  }
  const loader: Loader = {
    name,
    batchPoints: 5000,
    async write(given, _io, clearings = []) {
      const cleared = canRemove ? clearings : []
      for (const clearing of cleared) {
        for (const [place, point] of places) if (isIn(point, clearing)) held.delete(place)
      }
      const points = canRemove ? given : placedAnew(given)
      for (const point of [...cleared.flatMap(({ standing }) => standing), ...points]) {
        if (left === 0) throw new Unavailable(`${name} is gone`)
        left -= 1
        take(point)
      }
      return { rejected: [] }
    },
    check: () => Promise.resolve([]),
  }
  return {
    loader,
    held,
    fail(after: number) {
      left = after
    },
  }
}
