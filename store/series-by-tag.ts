import type { DatabaseSync } from 'node:sqlite'
import { decodeSeries } from '../core/line-protocol.ts'

export interface Series {
  id: number
  text: string
}

/** The series of a measurement, and those that have a value of a tag. */
export interface SeriesByTag {
  all(measurement: string): readonly Series[]
  find(measurement: string, tag: string, value: string): readonly Series[]
  /** What was remembered may never have been written. */
  forget(): void
}

/**
 * Finds series by a tag without reading all of the measurement each time. Series are only ever added, with growing
 * numbers: of a measurement only those are read that are new since it was asked for.
 */
export function seriesByTag(database: DatabaseSync): SeriesByTag {
  const newest = database.prepare('SELECT coalesce(max(id), 0) AS id FROM series')
  const added = database.prepare('SELECT id, text FROM series WHERE text > ? AND text < ? AND id > ?')
  // Every series has tags: what follows the name is a comma, and a hyphen is the letter after it.
  const addedTo = (measurement: string, after: number) =>
    added.all(`${measurement},`, `${measurement}-`, after) as unknown as Series[]
  const known = new Map<string, { until: number; byValue: Map<string, Series[]> }>()
  return {
    all: (measurement) => addedTo(measurement, 0),
    find(measurement, tag, value) {
      const key = `${measurement} ${tag}`
      let index = known.get(key)
      if (!index) known.set(key, (index = { until: 0, byValue: new Map() }))
      const { id: last } = newest.get() as { id: number }
      if (last > index.until) {
        for (const { id, text } of addedTo(measurement, index.until)) {
          const own = decodeSeries(text).tags[tag]
          if (own === undefined) continue
          const same = index.byValue.get(own)
          if (same) same.push({ id, text })
          else index.byValue.set(own, [{ id, text }])
        }
        index.until = last
      }
      return index.byValue.get(value) ?? []
    },
    forget: () => known.clear(),
  }
}
