import type { AlertRecord, IncidentRecord, IncidentStatus } from './model.ts'
import type { ServicePlan } from './plan.ts'
import { capitalId, hourMs, minuteMs, secondMs } from './random.ts'
import type { Rollout, Site } from './site.ts'
import type { TruthIncident } from './truth.ts'

export interface NewIncident {
  /** When users are first affected. */
  at: number
  title: string
  isUrgent: boolean
  details?: Record<string, string>
  /** Opened by a person: no alert. */
  isByHand?: boolean
}

const attributionWindowMs = hourMs

/** Opens an incident at the present of the simulation; nobody has taken it yet. */
export function openIncident(site: Site, service: ServicePlan, request: NewIncident): IncidentRecord {
  const { random } = site
  const number = site.nextId()
  const id = capitalId('Q', `${site.seed} incident ${number}`, 14)
  const createdAt = request.at + (request.isByHand ? 0 : random.between(0, 90) * secondMs)
  const alert: AlertRecord = {
    id: capitalId('Q', `${site.seed} alert ${number}`, 14),
    createdAt: request.at,
    summary: request.title,
    severity: request.isUrgent ? random.pick(['critical', 'error']) : 'warning',
    details: { service: service.name, ...request.details },
  }
  const incident: IncidentRecord = {
    id,
    number,
    title: request.title,
    service: site.pagerServices.get(service.name)!,
    createdAt,
    urgency: request.isUrgent ? 'high' : 'low',
    ...(random.chance(0.7) && { priority: request.isUrgent ? random.between(0, 2) : random.between(2, 4) }),
    alerts: request.isByHand ? [] : [alert],
    events: [],
  }
  change(site, incident, createdAt, 'triggered')
  site.incidents.push(incident)
  return incident
}

export function acknowledge(site: Site, incident: IncidentRecord, at: number): void {
  change(site, incident, at, 'acknowledged')
}

export function resolve(site: Site, incident: IncidentRecord, at: number): void {
  change(site, incident, at, 'resolved')
}

export function reopen(site: Site, incident: IncidentRecord, at: number): void {
  change(site, incident, at, 'triggered')
}

/** Merges one incident into another: it ends there, and its alerts move. */
export function merge(from: IncidentRecord, into: IncidentRecord, at: number): void {
  from.mergedInto = { incident: into, at }
  into.absorbed = from
}

function change(site: Site, incident: IncidentRecord, at: number, status: IncidentStatus): void {
  const id = capitalId('R', `${site.seed} log ${incident.number} ${incident.events.length}`, 26)
  // Nobody resolves what nobody has taken yet.
  const earliest = (incident.events.at(-1)?.at ?? at - secondMs) + secondMs
  incident.events.push({ id, at: Math.max(at, earliest), status })
}

/** An incident that names what caused it, and that deployment; or a cause that nobody deployed. */
export function attributeToCause(
  site: Site,
  service: ServicePlan,
  record: IncidentRecord,
  cause: Rollout | undefined,
): void {
  const incident = addTruth(site, service, record)
  if (!cause) {
    incident.causeNotFound = true
    return
  }
  incident.rule = 'caused_by'
  incident.deployments.push(cause.truth)
  cause.truth.incidents.push(incident)
}

/** An incident that names no cause: of each environment the deployment that began last, if it is not long ago. */
export function attributeToNearest(
  site: Site,
  service: ServicePlan,
  record: IncidentRecord,
  at: number,
): void {
  const incident = addTruth(site, service, record)
  for (const target of site.targets) {
    const last = target.service === service ? target.lastBegun : undefined
    if (!last || at > last.finishedAt + attributionWindowMs) continue
    incident.rule = 'nearest'
    incident.deployments.push(last.truth)
    last.truth.incidents.push(incident)
  }
}

function addTruth(site: Site, service: ServicePlan, record: IncidentRecord): TruthIncident {
  const incident: TruthIncident = {
    id: record.id,
    service: service.name,
    record,
    rule: 'unattributed',
    causeNotFound: false,
    deployments: [],
  }
  site.truthIncidents.push(incident)
  return incident
}

/** Somebody takes it within minutes. */
export function acknowledgeSoon(site: Site, incident: IncidentRecord): void {
  acknowledge(site, incident, incident.createdAt + site.random.between(1, 9) * minuteMs)
}
