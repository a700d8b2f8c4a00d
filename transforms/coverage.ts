import { dayMs } from '../core/calendar.ts'
import type { Span } from './windows.ts'

/** The part of time that was observed, per service and environment. Epoch ms. */
export interface Coverage {
  /** The configured `since`, else the first deployment; null where there is neither. */
  from: number | null
  /** Until when deployments were observed: the last complete refresh of their sources, else the `asOf`. */
  until: number
  /** Until when changes and commits, and incidents, were observed. */
  changesUntil: number
  incidentsUntil: number
}

/** What a failed source holds back: no value is given of these, where a zero would be a lie. */
export type Held = 'leadTime' | 'incidents'

/**
 * How much of a window is covered, in days: its calendar days where it is covered from end to end, days of
 * 24 h otherwise. Null where no part of it is.
 */
export function coverageDays({ from, until }: Coverage, span: Span, calendarDays: number): number | null {
  if (from === null) return null
  const start = Math.max(from, span.from)
  const end = Math.min(until, span.to)
  if (end <= start) return null
  return start === span.from && end === span.to ? calendarDays : (end - start) / dayMs
}

const nothing: Held[] = []

/** What is held in a window: its source was not observed until the end of what is covered. */
export function heldIn({ until, changesUntil, incidentsUntil }: Coverage, span: Span): Held[] {
  const end = Math.min(until, span.to)
  if (changesUntil >= end && incidentsUntil >= end) return nothing
  const held: Held[] = []
  if (changesUntil < end) held.push('leadTime')
  if (incidentsUntil < end) held.push('incidents')
  return held
}
