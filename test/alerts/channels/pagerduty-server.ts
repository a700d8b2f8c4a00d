import { pagerduty } from '../../../alerts/channels/pagerduty.ts'
import type { Received } from '../../core/loopback.ts'
import { httpCase } from './channel-case.ts'

export const routingKey = 's3cr3t0123456789s3cr3t0123456789'

interface Event {
  routing_key?: string
  event_action?: string
  dedup_key?: string
  payload?: Record<string, unknown>
  links?: { href: string; text: string }[]
}

/** What the Events API v2 asks of an event. */
export function complaintOfEvent({ path, body }: Received): string | undefined {
  if (path !== '/v2/enqueue') return 'not found'
  if (Buffer.byteLength(body) > 512 * 1024) return 'larger than 512 KB'
  const {
    routing_key: key,
    event_action: action,
    dedup_key: dedupKey,
    payload,
    links,
  } = JSON.parse(body) as Event
  if (key !== routingKey) return 'Invalid routing key'
  if (typeof dedupKey !== 'string' || dedupKey.length > 255) return 'dedup_key'
  if (action === 'resolve') return undefined
  if (action !== 'trigger') return 'event_action'
  const { summary, source, severity, timestamp } = payload ?? {}
  if (typeof summary !== 'string' || summary === '' || summary.length > 1024) return 'payload.summary'
  if (typeof source !== 'string' || source === '') return 'payload.source'
  if (!['critical', 'error', 'warning', 'info'].includes(String(severity))) return 'payload.severity'
  if (Number.isNaN(Date.parse(String(timestamp)))) return 'payload.timestamp'
  const wrong = links?.find(({ href }) => !/^https?:\/\//.test(href))
  return wrong && `links: ${wrong.href}`
}

export const pagerdutyCase = httpCase({
  name: 'pagerduty',
  secrets: [routingKey],
  make: (url) => pagerduty.make('ops', pagerduty.schema.parse({ routingKey, baseUrl: url })),
  complaintOf: complaintOfEvent,
  success: ({ body }) => ({
    status: 202,
    body: {
      status: 'success',
      message: 'Event processed',
      dedup_key: (JSON.parse(body) as Event).dedup_key,
    },
  }),
  faults: {
    limited: { status: 429, headers: { 'retry-after': '20' }, body: { status: 'throttle exceeded' } },
    failing: { status: 500, body: { status: 'error', message: `no ${routingKey}` } },
    refusing: {
      status: 400,
      body: { status: 'invalid event', message: `Invalid routing key ${routingKey}`, errors: [] },
    },
  },
  // The texts are shown as they are; addresses are links only where they are of the web.
  forbidden: ['"href":"javascript', '\\r', '\u202E'],
  limitMs: 20_000,
  remedy: /set routingKey to the integration key/,
})
