import { createBudget, type Budget } from './budget.ts'
import type { Company } from './company.ts'
import { incidentStateAt } from './incident-state.ts'
import {
  serveOnLoopback,
  type Fault,
  type Loopback,
  type ServedAnswer,
  type ServedRequest,
} from './loopback.ts'
import type { IncidentRecord } from './model.ts'
import {
  alertShape,
  incidentShape,
  logOf,
  logShape,
  priorities,
  priorityShape,
  serviceShape,
  type LogEntry,
} from './pagerduty-shapes.ts'
import { dayMs, minuteMs } from './random.ts'
import { countUntil } from './sorted.ts'

export interface PagerdutyServerOptions {
  token: string
  clock: () => number
  fault?: Fault
  requestsPerMinute?: number
}

export interface PagerdutyServer extends Loopback {
  counts(): { requests: number; counted: number }
}

const refused = { message: 'Authentication failed', code: 2006 }
const tooMany: ServedAnswer = { status: 429, body: { error: { message: 'Rate Limit Exceeded', code: 2020 } } }
const unknown: ServedAnswer = { status: 404, body: { error: { message: 'Not Found', code: 2100 } } }
/** `since` and `until` may lie this far apart; beyond, nothing is found. */
const maxSpanMs = 183 * dayMs

/** Serves a company's PagerDuty. */
export async function startPagerdutyServer(
  company: Company,
  { token, clock, fault, requestsPerMinute = 960 }: PagerdutyServerOptions,
): Promise<PagerdutyServer> {
  const budget = createBudget(requestsPerMinute, minuteMs, clock)
  const counts = { requests: 0, counted: 0 }
  const byId = new Map(company.incidents.map((incident) => [incident.id, incident]))
  const services = new Map(company.pagerServices.map((service) => [service.id, service]))
  const log = company.incidents.flatMap(logOf).sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
  let base = ''

  function handle(request: ServedRequest): ServedAnswer {
    counts.requests += 1
    if (!isAuthorized(request.headers.authorization, token)) return { status: 401, body: { error: refused } }
    if (!budget.take(1)) return { ...tooMany, headers: limitHeaders(budget, clock()) }
    counts.counted += 1
    return { ...route(request), headers: limitHeaders(budget, clock()) }
  }

  function route({ method, path, query }: ServedRequest): ServedAnswer {
    const now = clock()
    const [collection, id, part] = path.slice(1).split('/')
    if (method !== 'GET') return unknown
    switch (collection) {
      case 'incidents':
        return id === undefined ? incidentList(query, now) : incidentAnswer(id, part, query, now)
      case 'log_entries': {
        if (id !== undefined) return unknown
        const withIncidents = query.getAll('include[]').includes('incidents')
        return page('log_entries', logBetween(query, now), query, (each) =>
          logShape(each, now, base, withIncidents),
        )
      }
      case 'services': {
        if (id === undefined)
          return page('services', company.pagerServices, query, (each) => serviceShape(each, base))
        const service = services.get(id)
        return service ? { status: 200, body: { service: serviceShape(service, base) } } : unknown
      }
      case 'priorities':
        return page('priorities', priorities, query, (each) => priorityShape(each, base))
      default:
        return unknown
    }
  }

  function incidentList(query: URLSearchParams, now: number): ServedAnswer {
    const range = rangeOf(query, now)
    if ('status' in range) return range
    const statuses = query.getAll('statuses[]')
    const wanted = query.getAll('service_ids[]')
    const urgencies = query.getAll('urgencies[]')
    const list = between(company.incidents, range, now, (each) => each.createdAt).filter(
      (each) =>
        (wanted.length === 0 || wanted.includes(each.service.id)) &&
        (urgencies.length === 0 || urgencies.includes(each.urgency)) &&
        (statuses.length === 0 || statuses.includes(incidentStateAt(each, now)!.status)),
    )
    const isDescending = (query.get('sort_by') ?? '').endsWith(':desc')
    const ordered = isDescending ? list.toReversed() : list
    return page('incidents', ordered, query, (each) => incidentShape(each, now, base))
  }

  function incidentAnswer(
    id: string,
    part: string | undefined,
    query: URLSearchParams,
    now: number,
  ): ServedAnswer {
    const incident = byId.get(id)
    const state = incident && incidentStateAt(incident, now)
    if (!incident || !state) return unknown
    if (part === undefined) return { status: 200, body: { incident: incidentShape(incident, now, base) } }
    if (part === 'alerts') {
      const isAscending = query.get('sort_by') === 'created_at:asc'
      const alerts = isAscending ? state.alerts : state.alerts.toReversed()
      return page('alerts', alerts, query, (alert) => alertShape(alert, incident, now, base))
    }
    if (part !== 'log_entries') return unknown
    return page('log_entries', logOfOne(incident, now), query, (each) => logShape(each, now, base, false))
  }

  /** The newest first, as PagerDuty lists them. */
  function logBetween(query: URLSearchParams, now: number): LogEntry[] {
    const range = rangeOf(query, now)
    return 'status' in range ? [] : between(log, range, now, (entry) => entry.at).toReversed()
  }

  const server = await serveOnLoopback(clock, handle, fault)
  base = server.url
  return { ...server, counts: () => ({ ...counts }) }
}

function isAuthorized(header: string | undefined, token: string): boolean {
  return header === `Token token=${token}` || header === `Bearer ${token}`
}

function logOfOne(incident: IncidentRecord, now: number): LogEntry[] {
  return logOf(incident)
    .filter((entry) => entry.at <= now)
    .toReversed()
}

interface Range {
  from: number
  to: number
}

/** The last month where nothing is said; everything with date_range=all. */
function rangeOf(query: URLSearchParams, now: number): Range | ServedAnswer {
  if (query.get('date_range') === 'all')
    return { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }
  const to = query.has('until') ? Date.parse(query.get('until')!) : now + 1
  const from = query.has('since') ? Date.parse(query.get('since')!) : to - 30 * dayMs
  if (Number.isNaN(from) || Number.isNaN(to)) {
    return {
      status: 400,
      body: { error: { message: 'Invalid Input Provided', code: 2001, errors: ['Invalid date'] } },
    }
  }
  return to - from > maxSpanMs ? { from: 0, to: 0 } : { from, to }
}

function between<T>(
  list: readonly T[],
  { from, to }: Range,
  now: number,
  instantOf: (item: T) => number,
): T[] {
  return list.slice(countUntil(list, from - 1, instantOf), countUntil(list, Math.min(now, to - 1), instantOf))
}

/** One page in PagerDuty's classic form. */
function page<T>(
  name: string,
  list: readonly T[],
  query: URLSearchParams,
  shape: (item: T) => object,
): ServedAnswer {
  const asked = Number(query.get('limit') ?? 25)
  const limit = Math.min(Math.max(Number.isInteger(asked) ? asked : 25, 1), 100)
  const offset = Math.max(Number(query.get('offset') ?? 0) || 0, 0)
  if (offset + limit > 10_000) {
    const errors = ['Offset plus limit must not exceed 10000.']
    return { status: 400, body: { error: { message: 'Invalid Input Provided', code: 2001, errors } } }
  }
  const total = query.get('total') === 'true' ? list.length : null
  const rows = list.slice(offset, offset + limit).map(shape)
  return { status: 200, body: { [name]: rows, limit, offset, more: offset + limit < list.length, total } }
}

function limitHeaders(budget: Budget, now: number): Record<string, string> {
  const { limit, used, resetAt } = budget.state()
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(limit - used),
    'ratelimit-reset': String(Math.max(Math.ceil((resetAt - now) / 1000), 0)),
  }
}
