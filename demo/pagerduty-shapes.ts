import { incidentStateAt } from './incident-state.ts'
import { isoSecond } from './github-ids.ts'
import type { AlertRecord, IncidentRecord, PagerService } from './model.ts'
import { capitalId } from './random.ts'

/** From the most to the least severe. */
export const priorities = ['P1', 'P2', 'P3', 'P4', 'P5'].map((name) => ({
  id: capitalId('P', `priority ${name}`, 7),
  name,
}))

export interface LogEntry {
  id: string
  at: number
  type: string
  incident: IncidentRecord
}

export function serviceShape(service: PagerService, base: string): object {
  return {
    ...reference(service.id, 'service', service.name, base),
    name: service.name,
    description: service.description,
    created_at: isoSecond(service.createdAt),
    status: 'active',
    teams: [reference(capitalId('P', `team ${service.team}`, 7), 'team_reference', service.team, base)],
  }
}

export function priorityShape({ id, name }: { id: string; name: string }, base: string): object {
  return { ...reference(id, 'priority', name, base), name, description: '' }
}

/** An incident as it is at an instant at which it exists. */
export function incidentShape(incident: IncidentRecord, now: number, base: string): object {
  const state = incidentStateAt(incident, now)!
  const { service, id, title, number } = incident
  const priority = incident.priority === undefined ? undefined : priorities[incident.priority]
  return {
    ...reference(id, 'incident', `[#${number}] ${title}`, base),
    incident_number: number,
    title,
    description: title,
    status: state.status,
    incident_key: incident.alerts[0]?.id ?? null,
    created_at: isoSecond(incident.createdAt),
    updated_at: isoSecond(state.changedAt),
    resolved_at: state.resolvedAt === undefined ? null : isoSecond(state.resolvedAt),
    last_status_change_at: isoSecond(state.changedAt),
    urgency: incident.urgency,
    priority: priority ? priorityShape(priority, base) : null,
    service: reference(service.id, 'service_reference', service.name, base),
    // Emptied when it is resolved, as the vendor does.
    assignments: [],
    acknowledgements: [],
    teams: [reference(capitalId('P', `team ${service.team}`, 7), 'team_reference', service.team, base)],
    incident_type: { name: 'incident_default' },
    alert_counts: alertCounts(state.alerts.length, state.status),
    resolve_reason: state.isMerged
      ? {
          type: 'merge_resolve_reason',
          incident: reference(incident.mergedInto!.incident.id, 'incident_reference', '', base),
        }
      : null,
    first_trigger_log_entry: reference(incident.events[0]!.id, 'trigger_log_entry_reference', title, base),
    escalation_policy: reference(
      capitalId('P', 'escalation', 7),
      'escalation_policy_reference',
      'Default',
      base,
    ),
  }
}

function alertCounts(all: number, status: string): object {
  const resolved = status === 'resolved' ? all : 0
  return { all, triggered: all - resolved, resolved }
}

export function alertShape(alert: AlertRecord, incident: IncidentRecord, now: number, base: string): object {
  const isResolved = incidentStateAt(incident, now)?.status === 'resolved'
  return {
    ...reference(alert.id, 'alert', alert.summary, base),
    created_at: isoSecond(alert.createdAt),
    status: isResolved ? 'resolved' : 'triggered',
    severity: alert.severity,
    alert_key: alert.id,
    suppressed: false,
    service: reference(incident.service.id, 'service_reference', incident.service.name, base),
    incident: reference(incident.id, 'incident_reference', incident.title, base),
    body: { type: 'alert_body', contexts: [], details: alert.details },
  }
}

/** What has been written about an incident, oldest first. */
export function logOf(incident: IncidentRecord): LogEntry[] {
  const names = { triggered: 'trigger', acknowledged: 'acknowledge', resolved: 'resolve' } as const
  const entries = incident.events.map(({ id, at, status }) => ({
    id,
    at,
    type: `${names[status]}_log_entry`,
    incident,
  }))
  if (!incident.mergedInto) return entries
  const { at } = incident.mergedInto
  const id = capitalId('R', `${incident.id} merged`, 26)
  return [...entries.filter((entry) => entry.at <= at), { id, at, type: 'resolve_log_entry', incident }]
}

export function logShape(entry: LogEntry, now: number, base: string, withIncident: boolean): object {
  const { incident } = entry
  return {
    ...reference(entry.id, entry.type, entry.type.replace('_log_entry', ''), base),
    created_at: isoSecond(entry.at),
    agent: reference(incident.service.id, 'service_reference', incident.service.name, base),
    channel: { type: 'auto' },
    service: reference(incident.service.id, 'service_reference', incident.service.name, base),
    incident: withIncident
      ? incidentShape(incident, now, base)
      : reference(incident.id, 'incident_reference', `[#${incident.number}] ${incident.title}`, base),
    teams: [],
  }
}

function reference(id: string, type: string, summary: string, base: string): object {
  const collection = /^(incident|service|team|priority|alert)/.exec(type)?.[1] ?? 'log_entrie'
  const plural = collection === 'priority' ? 'priorities' : `${collection}s`
  return { id, type, summary, self: `${base}/${plural}/${id}`, html_url: `${base}/${plural}/${id}` }
}
