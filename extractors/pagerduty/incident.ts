import { z } from 'zod'
import { Rejected } from '../../core/errors.ts'
import type { Incident } from '../../core/fact.ts'
import { parseInstant, shown } from '../../core/instant.ts'
import { causeIn } from './caused-by.ts'
import type { Settings } from './settings.ts'

const text = z.string().nullish()
const reference = z.object({ id: z.string(), summary: text }).nullish()

const incidentSchema = z.object({
  id: z.string().min(1),
  title: text,
  summary: text,
  status: z.enum(['triggered', 'acknowledged', 'resolved']),
  created_at: z.string(),
  updated_at: text,
  resolved_at: text,
  last_status_change_at: text,
  urgency: text,
  priority: z.object({ summary: text, name: text }).nullish(),
  service: reference,
  resolve_reason: z.object({ type: text, incident: reference }).nullish(),
  alert_counts: z.object({ all: z.number() }).nullish(),
  html_url: text,
  body: z.object({ details: z.unknown() }).nullish(),
})

export type Row = z.output<typeof incidentSchema>

/** What more is asked of an incident, as PagerDuty answers it. */
export interface Details {
  /** Its earliest alert first. */
  alerts: readonly unknown[]
  logEntries: readonly unknown[]
}

/** Checks a row of the API. Throws Rejected with the field that is wrong. */
export function readRow(value: unknown): Row {
  const { data, error } = incidentSchema.safeParse(value)
  if (data !== undefined) return data
  const issue = error.issues[0]
  const path = issue?.path.join('.') ?? ''
  throw new Rejected(path === '' ? 'is no incident' : `${path}: ${issue?.message ?? 'is wrong'}`)
}

/** A checked row, or undefined where it is none: for what can do without. */
export function findRow(value: unknown): Row | undefined {
  return incidentSchema.safeParse(value).data
}

/** A row's name for a person, however broken the row is. */
export function nameOfRow(value: unknown): string {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined
  return typeof id === 'string' ? `incident ${id}` : `incident ${shown(value)}`
}

/** Changes when anything does that a fact is made of; what lies behind it need not be read again. */
export function fingerprintOf(row: Row): string {
  const alerts = row.alert_counts?.all ?? ''
  return [row.status, row.updated_at ?? '', row.last_status_change_at ?? '', alerts].join(' ')
}

/** Why it is no incident: merged into another, or outside of what is configured. Undefined where it is one. */
export function whyNot(row: Row, settings: Settings): { merged: boolean; reason: string } | undefined {
  if (row.resolve_reason?.type?.startsWith('merge_resolve_reason')) {
    return { merged: true, reason: `merged into ${row.resolve_reason.incident?.id ?? 'another incident'}` }
  }
  const { services, urgencies, priorities } = settings
  const priority = priorityOf(row)
  const urgency = row.urgency ?? ''
  if (services.length > 0 && !services.includes(row.service?.id ?? '')) {
    return { merged: false, reason: `its service ${row.service?.id ?? '(none)'} is not configured` }
  }
  if (urgencies.length > 0 && !urgencies.some((one) => one === urgency)) {
    return { merged: false, reason: `its urgency ${urgency || '(none)'} is not configured` }
  }
  if (priorities.length > 0 && !priorities.includes(priority ?? '')) {
    return { merged: false, reason: `its priority ${priority ?? '(none)'} is not configured` }
  }
  return undefined
}

/**
 * The fact of an incident. It starts with its earliest alert, for an alert that was merged in may be older
 * than the incident, and never after the incident itself was opened. Throws Rejected.
 */
export function incidentOf(source: string, row: Row, details: Details): Incident {
  const openedAt = parseInstant(row.created_at, 'created_at')
  const alert = details.alerts.find(isObject)
  const alertedAt = alert?.['created_at']
  const acknowledgedAt = firstOf(details.logEntries, 'acknowledge_log_entry')
  const resolvedAt = row.status === 'resolved' ? resolvedAtOf(row, details.logEntries) : undefined
  const severity = priorityOf(row) ?? row.urgency ?? undefined
  const title = row.title ?? row.summary ?? undefined
  const cause = causeIn([
    row.body?.details,
    isObject(alert?.['body']) ? alert['body']['details'] : undefined,
    title,
  ])
  return {
    kind: 'incident',
    source,
    id: row.id,
    ...(row.service ? { service: row.service.id } : {}),
    ...(title === undefined ? {} : { title }),
    ...(severity === undefined ? {} : { severity }),
    startedAt:
      alertedAt === undefined
        ? openedAt
        : Math.min(parseInstant(alertedAt, 'alerts[0].created_at'), openedAt),
    openedAt,
    ...(acknowledgedAt === undefined ? {} : { acknowledgedAt }),
    ...(resolvedAt === undefined ? {} : { resolvedAt }),
    ...(cause === undefined ? {} : { causedBy: cause }),
    ...(row.html_url ? { url: row.html_url } : {}),
  }
}

function priorityOf(row: Row): string | undefined {
  return row.priority?.summary ?? row.priority?.name ?? undefined
}

/** Older accounts' rows have no `resolved_at`. */
function resolvedAtOf(row: Row, logEntries: readonly unknown[]): number {
  if (row.resolved_at) return parseInstant(row.resolved_at, 'resolved_at')
  const logged = instantsOf(logEntries, 'resolve_log_entry')
  if (logged.length > 0) return Math.max(...logged)
  return parseInstant(row.last_status_change_at, 'last_status_change_at')
}

function firstOf(logEntries: readonly unknown[], type: string): number | undefined {
  const instants = instantsOf(logEntries, type)
  return instants.length === 0 ? undefined : Math.min(...instants)
}

function instantsOf(logEntries: readonly unknown[], type: string): number[] {
  const instants: number[] = []
  for (const entry of logEntries) {
    if (isObject(entry) && entry['type'] === type)
      instants.push(parseInstant(entry['created_at'], `${type}.created_at`))
  }
  return instants
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
