import { alertmanager } from '../../../alerts/channels/alertmanager.ts'
import type { Received } from '../../core/loopback.ts'
import { httpCase } from './channel-case.ts'

const token = 's3cr3t-token-0123'

interface Posted {
  labels?: Record<string, string>
  annotations?: Record<string, string>
  startsAt?: string
  endsAt?: string
  generatorURL?: string
}

/** What the API v2 of Alertmanager 0.25 refuses. */
function complaintOfAlerts({ path, body, headers }: Received): string | undefined {
  if (path !== '/am/api/v2/alerts') return 'not found'
  if (headers.authorization !== `Bearer ${token}`) return 'no token'
  const alerts = JSON.parse(body) as Posted[]
  if (alerts.length === 0) return 'no alerts'
  for (const { labels = {}, annotations = {}, startsAt = '', endsAt = '', generatorURL } of alerts) {
    if (Object.keys(labels).length === 0) return 'at least one label pair required'
    for (const [name, value] of Object.entries({ ...annotations, ...labels })) {
      if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) return `invalid label name ${name}`
      if (!value.isWellFormed()) return `invalid label value of ${name}`
    }
    if (!(Date.parse(startsAt) < Date.parse(endsAt))) return 'start time must be before end time'
    if (generatorURL !== undefined && !URL.canParse(generatorURL)) return 'generatorURL'
  }
  return undefined
}

export const alertmanagerCase = httpCase({
  name: 'alertmanager',
  secrets: [token],
  make: (url) => alertmanager.make('ops', alertmanager.schema.parse({ baseUrl: `${url}/am/`, token })),
  complaintOf: complaintOfAlerts,
  success: () => ({ status: 200 }),
  faults: {
    limited: { status: 429, headers: { 'retry-after': '3' } },
    failing: { status: 500, body: { message: `no ${token}` } },
    refusing: { status: 401, body: `no ${token}` },
  },
  // Its own notifications escape what they show.
  forbidden: ['\u202E', '\\r'],
  limitMs: 3000,
  remedy: /set username and password, or token/,
})
