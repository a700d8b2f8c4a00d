import type { Calendar } from '../core/calendar.ts'
import { encodeFields, encodeSeries } from '../core/line-protocol.ts'
import type { Finding } from './finding.ts'
import { all, hourOf, noTeam, type EncodedPoint } from './window-points.ts'

/** Numbers of findings by the owner of their points, and its series. */
export type QualityCounts = ReadonlyMap<string, ReadonlyMap<string, number>>

/** The last point of each series, by owner: when, and how many. */
export type QualityWritten = Record<string, Record<string, [at: number, count: number]>>

/** Above the services; the points of each service belong to `quality:NAME`, and go with it. */
export const poolOwner = 'quality'
export const qualityOwner = (service: string) => `quality:${service}`

/**
 * The findings of each kind, of each service, each team, and all. `teamOf` is undefined for what is no service: such
 * findings, and those of sources and sinks, count above the teams only.
 */
export function countFindings(
  findings: readonly Finding[],
  teamOf: (service: string) => string | null | undefined,
): QualityCounts {
  const counts = new Map<string, Map<string, number>>()
  const add = (owner: string, tags: Record<'kind' | 'service' | 'team', string>) => {
    const own = counts.get(owner) ?? new Map<string, number>()
    counts.set(owner, own)
    const series = encodeSeries('dora_quality', tags)
    own.set(series, (own.get(series) ?? 0) + 1)
  }
  for (const { kind, service } of findings) {
    const team = teamOf(service)
    if (team !== undefined) add(qualityOwner(service), { kind, service, team: team ?? noTeam })
    if (team !== undefined && team !== null) add(poolOwner, { kind, service: all, team })
    add(poolOwner, { kind, service: all, team: all })
  }
  return counts
}

export interface QualityUpdate {
  /** By owner. */
  save: [owner: string, points: EncodedPoint[]][]
  remove: { series: string; at: number; nanos: number }[]
  /** The last of a day that is over: it is of the running day no more. */
  settle: { series: string; from: number; to: number; toLasting: true }[]
  written: QualityWritten
}

/**
 * The `dora_quality` points of a refresh: at its last full hour, in place of the same day's former hour. A series
 * that went to zero is written once more, for nothing found is really zero; after that it rests.
 */
export function updateQuality(
  written: QualityWritten,
  counts: QualityCounts,
  asOf: number,
  calendar: Calendar,
): QualityUpdate {
  const update: QualityUpdate = { save: [], remove: [], settle: [], written: {} }
  for (const owner of [...new Set([...Object.keys(written), ...counts.keys()])].sort()) {
    const former = new Map(Object.entries(written[owner] ?? {}))
    const now = counts.get(owner) ?? new Map<string, number>()
    const points: EncodedPoint[] = []
    const kept: [string, [number, number]][] = []
    for (const series of [...new Set([...former.keys(), ...now.keys()])].sort()) {
      const before = former.get(series)
      const count = now.get(series) ?? 0
      // Never before what is written: a clock that was set back does not rewrite the past.
      const at = Math.max(hourOf(asOf), before?.[0] ?? 0)
      const isSameDay = before !== undefined && calendar.dayOf(before[0]) === calendar.dayOf(at)
      if (before && !isSameDay)
        update.settle.push({ series, from: before[0], to: before[0], toLasting: true })
      if (count === 0 && before?.[1] === 0) {
        if (isSameDay) kept.push([series, before])
        continue
      }
      if (isSameDay && before[0] !== at) update.remove.push({ series, at: before[0], nanos: 0 })
      points.push({ series, at, nanos: 0, fields: encodeFields({ count: { int: count } }), passing: true })
      kept.push([series, [at, count]])
    }
    if (points.length > 0) update.save.push([owner, points])
    if (kept.length > 0) update.written[owner] = Object.fromEntries(kept)
  }
  return update
}
