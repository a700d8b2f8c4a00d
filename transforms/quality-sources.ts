import { isoOf } from '../core/calendar.ts'
import type { Finding } from './finding.ts'

/** What is known of a source's last refreshes. Epoch ms. */
export interface SourceStatus {
  name: string
  completeUntil: number | null
  error: string | null
  /** The services that need it. */
  services: readonly string[]
}

/** What is known of a sink's last deliveries. Epoch ms. */
export interface SinkStatus {
  name: string
  /** Points that it was not given yet. */
  waiting: number
  /** When it was last given everything; null where it never was. */
  deliveredAt: number | null
  /** Why the last delivery stopped. */
  error: string | null
  rejected: readonly { series: string; at: number; reason: string }[]
}

/** A row that gave no fact, as a source told it. Epoch ms. */
export interface SkippedRow {
  source: string
  row: string
  reason: string
  at: number
  /** A line of a file. */
  isLine: boolean
  /** The services that it is probably about. */
  services: readonly string[]
}

/** Sources that failed, that were not read for two intervals of the schedule (before `behindBefore`), or never. */
export function sourceFindings(
  sources: readonly SourceStatus[],
  behindBefore: number | undefined,
): Finding[] {
  return sources.flatMap(({ name, completeUntil, error, services }): Finding[] => {
    const about = { service: '*', subject: name, services } as const
    const last = completeUntil === null ? 'never read completely' : `last complete ${isoOf(completeUntil)}`
    if (error !== null) return [{ kind: 'source_failed', ...about, detail: `${last}; ${error}` }]
    if (completeUntil === null) {
      return [{ kind: 'source_unread', ...about, detail: `${last}: what it would tell is not known` }]
    }
    if (behindBefore === undefined || completeUntil >= behindBefore) return []
    return [
      { kind: 'source_behind', ...about, detail: `${last}, more than two intervals of the schedule ago` },
    ]
  })
}

/** Sinks whose last delivery failed, or was long ago, with points waiting; and the points that one refused. */
export function sinkFindings(
  sinks: readonly SinkStatus[],
  behindBefore: number | undefined,
  serviceOf: (series: string) => string,
): Finding[] {
  return sinks.flatMap(({ name, waiting, deliveredAt, error, rejected }): Finding[] => {
    const refused = rejected.map(({ series, at, reason }): Finding => {
      const detail = `at ${isoOf(at)}, refused by ${name}: ${reason}`
      return { kind: 'point_rejected', service: serviceOf(series), subject: series, detail }
    })
    const isLate = behindBefore !== undefined && deliveredAt !== null && deliveredAt < behindBefore
    if (waiting === 0 || (error === null && !isLate)) return refused
    const last = deliveredAt === null ? 'nothing delivered yet' : `last delivered ${isoOf(deliveredAt)}`
    const points = waiting === 1 ? '1 point waits' : `${waiting} points wait`
    const detail = `${points}, ${last}${error === null ? '' : `; ${error}`}`
    return [{ kind: 'sink_behind', service: '*', subject: name, detail }, ...refused]
  })
}

export function skippedFindings(rows: readonly SkippedRow[]): Finding[] {
  return rows.map(({ source, row, reason, at, isLine, services }) => ({
    kind: isLine ? 'line_skipped' : 'row_skipped',
    service: services.length > 1 ? '*' : (services[0] ?? ''),
    subject: row,
    detail: `${source}, ${isoOf(at)}: ${reason}`,
    ...(services.length > 1 ? { services } : {}),
  }))
}
