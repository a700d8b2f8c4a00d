import type { Loopback, Received, Reply } from '../core/loopback.ts'
import { listen } from '../core/loopback.ts'

/** An account whose incidents a test changes between runs; answers as the real API does. */
export interface Account {
  incidents: Map<string, FakeIncident>
  log: FakeEntry[]
  server: Loopback
  /** Paths asked for since the last call, with the page's offset. */
  asked(): string[]
}

export interface FakeIncident {
  id: string
  status: 'triggered' | 'acknowledged' | 'resolved'
  created_at: string
  updated_at: string
  service: { id: string }
  [field: string]: unknown
}

interface FakeEntry {
  id: string
  type: string
  created_at: string
  incident: { id: string }
}

export async function createAccount(): Promise<Account> {
  const incidents = new Map<string, FakeIncident>()
  const log: FakeEntry[] = []
  const server = await listen((request) => answer(request, incidents, log))
  let told = 0
  return {
    incidents,
    log,
    server,
    asked() {
      const paths = server.received.slice(told).map(({ path, query }) => {
        const offset = query.get('offset')
        return offset === null || offset === '0' ? path : `${path} from ${offset}`
      })
      told = server.received.length
      return paths
    },
  }
}

/** Adds or changes an incident and logs it at that instant. */
export function happen(
  account: Account,
  at: string,
  type: string,
  incident: Partial<FakeIncident> & { id: string },
): void {
  const before = account.incidents.get(incident.id) ?? {
    status: 'triggered',
    created_at: at,
    resolved_at: null,
    service: { id: 'PCHKOUT' },
    urgency: 'high',
    title: `incident ${incident.id}`,
    alert_counts: { all: 0 },
  }
  account.incidents.set(incident.id, { ...before, updated_at: at, ...incident })
  const id = `R${account.log.length}`
  account.log.push({ id, type: `${type}_log_entry`, created_at: at, incident: { id: incident.id } })
}

function answer(request: Received, incidents: Map<string, FakeIncident>, log: FakeEntry[]): Reply {
  const { path, query } = request
  const rows = [...incidents.values()].sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at))
  if (path === '/incidents') {
    const statuses = query.getAll('statuses[]')
    const services = query.getAll('service_ids[]')
    const urgencies = query.getAll('urgencies[]')
    const found = rows.filter(
      (row) =>
        isWithin(row.created_at, query) &&
        (statuses.length === 0 || statuses.includes(row.status)) &&
        (services.length === 0 || services.includes(row.service.id)) &&
        (urgencies.length === 0 || urgencies.includes(String(row['urgency']))),
    )
    return paged('incidents', found, query)
  }
  if (path === '/log_entries') {
    const found = log.filter((entry) => isWithin(entry.created_at, query)).toReversed()
    const full = query.getAll('include[]').includes('incidents')
    return paged(
      'log_entries',
      found.map((entry) =>
        full ? { ...entry, incident: incidents.get(entry.incident.id) ?? entry.incident } : entry,
      ),
      query,
    )
  }
  const [, , id = '', part] = path.split('/')
  const incident = incidents.get(id)
  if (incident === undefined) return { status: 404, body: { error: { message: 'Not Found', code: 2100 } } }
  if (part === 'alerts') return paged('alerts', [], query)
  if (part !== 'log_entries') return { body: { incident } }
  return paged('log_entries', log.filter((entry) => entry.incident.id === id).toReversed(), query)
}

function isWithin(at: string, query: URLSearchParams): boolean {
  if (query.get('date_range') === 'all') return true
  const since = query.get('since')
  const until = query.get('until')
  return (
    (since === null || Date.parse(at) >= Date.parse(since)) &&
    (until === null || Date.parse(at) < Date.parse(until))
  )
}

function paged(key: string, rows: readonly object[], query: URLSearchParams): Reply {
  const limit = Number(query.get('limit') ?? 25)
  const offset = Number(query.get('offset') ?? 0)
  if (offset + limit > 10_000)
    return { status: 400, body: { error: { message: 'Offset must be less than 10000' } } }
  const more = offset + limit < rows.length
  return { body: { [key]: rows.slice(offset, offset + limit), limit, offset, total: null, more } }
}
