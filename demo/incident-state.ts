import type { AlertRecord, IncidentRecord, IncidentStatus } from './model.ts'

/** What an incident is at one instant. */
export interface IncidentState {
  status: IncidentStatus
  /** The earliest alert, also one that came with a merged incident; else when it was opened. */
  startedAt: number
  acknowledgedAt?: number
  /** Absent while it is open, or open again. */
  resolvedAt?: number
  changedAt: number
  isMerged: boolean
  alerts: AlertRecord[]
}

/** Undefined where it does not exist yet. */
export function incidentStateAt(incident: IncidentRecord, now: number): IncidentState | undefined {
  if (incident.createdAt > now) return undefined
  const seen = incident.events.filter((event) => event.at <= now)
  const merged = incident.mergedInto && incident.mergedInto.at <= now ? incident.mergedInto : undefined
  const last = seen.at(-1)!
  const acknowledged = seen.find((event) => event.status === 'acknowledged')
  const alerts = merged ? [] : alertsAt(incident, now)
  return {
    status: merged ? 'resolved' : last.status,
    startedAt: Math.min(incident.createdAt, ...alerts.map((alert) => alert.createdAt)),
    ...(acknowledged && { acknowledgedAt: acknowledged.at }),
    ...(merged ? { resolvedAt: merged.at } : last.status === 'resolved' && { resolvedAt: last.at }),
    changedAt: merged ? merged.at : last.at,
    isMerged: merged !== undefined,
    alerts,
  }
}

/** Its own alerts and those of what was merged into it, the earliest first. */
function alertsAt(incident: IncidentRecord, now: number): AlertRecord[] {
  const own = incident.alerts.filter((alert) => alert.createdAt <= now)
  const { absorbed } = incident
  if (!absorbed || absorbed.mergedInto!.at > now) return own
  return [...own, ...absorbed.alerts].sort((a, b) => a.createdAt - b.createdAt)
}
