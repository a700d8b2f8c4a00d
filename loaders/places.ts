import type { StoredPoint } from './loader.ts'

/** Points whose time is that of what happened: the nanoseconds below it are free to tell versions apart. */
const happened: ReadonlySet<string> = new Set(['dora_deployment', 'dora_change', 'dora_incident'])

/**
 * The points as they are written where nothing can be deleted. There a field that an event lost would stay for ever: so
 * each time it loses one, it is written a nanosecond later, and what stands at the places before is marked as
 * deleted. All other points stay where they are: a window that loses a number says so by its n.
 */
export function placedAnew(points: readonly StoredPoint[]): StoredPoint[] {
  return points.flatMap((point) => {
    const { losses = 0, fields } = point
    if (losses === 0 || !happened.has(point.series.split(',', 1)[0]!)) return [point]
    if (fields !== null) return [atPlace(point, losses)]
    return Array.from({ length: losses + 1 }, (_, place) => atPlace(point, place))
  })
}

function atPlace(point: StoredPoint, place: number): StoredPoint {
  return { ...point, nanos: (point.nanos + place) % 1_000_000 }
}
