import type { StoredPoint } from './loader.ts'

/** Points that may be deleted, and then points that may be written, without changing what comes of it. */
export interface Stage {
  removals: StoredPoint[]
  writes: StoredPoint[]
}

/**
 * Takes the removals to the front, for deleting and writing are different requests; a point that is written and
 * then removed begins another stage, so that a removal and a write of one point never change places.
 */
export function stagesOf(points: readonly StoredPoint[]): Stage[] {
  const stages: Stage[] = []
  let stage: Stage = { removals: [], writes: [] }
  let written = new Set<string>()
  for (const point of points) {
    const key = `${point.series} ${point.at} ${point.nanos}`
    if (point.fields !== null) {
      stage.writes.push(point)
      written.add(key)
      continue
    }
    if (written.has(key)) {
      stages.push(stage)
      stage = { removals: [], writes: [] }
      written = new Set()
    }
    stage.removals.push(point)
  }
  return [...stages, stage]
}
