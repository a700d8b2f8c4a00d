import { createHmac } from 'node:crypto'
import { webhook } from '../../../alerts/channels/webhook.ts'
import type { Received } from '../../core/loopback.ts'
import { httpCase } from './channel-case.ts'

const key = 's3cr3t-key-of-the-receiver'
export const secret = `whsec_${Buffer.from(key).toString('base64')}`

/** As a receiver verifies it, from the bytes that came. */
export function isSigned({ headers, body }: Received, by: string): boolean {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
  return headers['webhook-signature'] === `v1,${createHmac('sha256', by).update(signed).digest('base64')}`
}

export const webhookCase = httpCase({
  name: 'webhook',
  secrets: [secret, key, 'p4ss-in-a-header', '/hooks/s3cr3t-path', 's3cr3t-query'],
  make: (url) =>
    webhook.make(
      'ops',
      webhook.schema.parse({
        url: `${url}/hooks/s3cr3t-path?token=s3cr3t-query`,
        secret,
        headers: { Authorization: 'Bearer p4ss-in-a-header' },
      }),
    ),
  complaintOf: (request) => {
    if (!isSigned(request, key)) return 'the signature is wrong'
    if (request.headers.authorization !== 'Bearer p4ss-in-a-header') return 'no authorization'
    return /\\ud[89a-f]/i.test(request.body) ? 'half a surrogate pair' : undefined
  },
  success: () => ({ status: 204 }),
  faults: {
    limited: { status: 429, headers: { 'retry-after': '11' } },
    failing: { status: 500, body: 'no p4ss-in-a-header' },
    refusing: { status: 401, body: `wrong ${secret}` },
  },
  // A receiver gets the texts as they are: JSON needs no more.
  forbidden: [],
  limitMs: 11_000,
  remedy: /401.*check secret and headers/,
})
