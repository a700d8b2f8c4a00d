import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { connector } from '../../core/connector.ts'
import { secret } from '../../core/secret.ts'
import { durationField } from '../../core/setting-fields.ts'
import type { Notifier } from '../channel.ts'
import { unchecked } from './check.ts'
import { post } from './post.ts'
import { webhookBody } from './webhook-body.ts'

/** What the request itself needs. */
const reserved = /^(?:content-|host$|connection$|transfer-encoding$|webhook-(?:id|timestamp|signature)$)/i
const base64 = /^[A-Za-z0-9+/]+={0,2}$/

const schema = z
  .strictObject({
    url: secret(),
    /** Any text, or `whsec_` and Base64 as Standard Webhooks writes it. Without one nothing is signed. */
    secret: secret().optional(),
    /** Sent with every message, such as `authorization`. */
    headers: z
      .record(
        z.string().regex(/^[A-Za-z0-9-]+$/, { error: 'is no name of a header; letters, digits and - only' }),
        secret(),
      )
      .default({}),
    timeout: durationField('10s').prefault('10s'),
  })
  .refine(({ url }) => URL.canParse(url) && /^https?:/.test(url), {
    error: 'must be an address, such as https://example.com/alerts',
    path: ['url'],
  })
  .refine(({ secret: key }) => !key?.startsWith('whsec_') || base64.test(key.slice(6)), {
    error: 'must have Base64 after whsec_',
    path: ['secret'],
  })
  .refine(({ headers }) => !Object.keys(headers).some((name) => reserved.test(name)), {
    error: 'must not hold content-…, host, or webhook-…: those are set for every message',
    path: ['headers'],
  })
  .refine(({ headers }) => Object.values(headers).every((value) => /^[\x20-\x7E]+$/.test(value)), {
    error: 'must be one line of ASCII each',
    path: ['headers'],
  })

/**
 * Any system that takes JSON. Signed as https://www.standardwebhooks.com says, so that its libraries verify it:
 * `webhook-signature` is `v1,` and the Base64 of the HMAC-SHA256 over `id.timestamp.body`. `webhook-id` is the same
 * whenever the same message is sent.
 */
export const webhook = connector('webhook', schema, (name, settings): Notifier => {
  const { url, headers: extra, timeout } = settings
  const key = settings.secret === undefined ? undefined : keyOf(settings.secret)
  return {
    name,
    async send(message, io) {
      const body = webhookBody(message)
      const id = idOf(message.key)
      const timestamp = String(Math.floor(io.clock() / 1000))
      const headers: Record<string, string> = { ...extra, 'webhook-id': id, 'webhook-timestamp': timestamp }
      if (key !== undefined) {
        // The client sends the body as JSON.stringify gives it.
        const signed = `${id}.${timestamp}.${JSON.stringify(body)}`
        headers['webhook-signature'] = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
      }
      const request = { url, headers, body, timeoutMs: timeout, isUrlSecret: true }
      const secrets = settings.secret === undefined ? [] : [settings.secret]
      await post(request, io, { remedyOf, secrets })
      return undefined
    },
    check: () => unchecked('webhook'),
  }
})

function keyOf(text: string): Buffer {
  return text.startsWith('whsec_') ? Buffer.from(text.slice(6), 'base64') : Buffer.from(text, 'utf8')
}

/** A key is made by Dorado; this only keeps a header whole whatever it is. */
function idOf(key: string): string {
  return key.replaceAll(/[^\x21-\x7E]/g, '_').slice(0, 200)
}

function remedyOf(status: number | undefined): string | undefined {
  if (status === 401 || status === 403) return 'check secret and headers'
  if (status === 404 || status === 410) return 'nobody takes messages there any more: correct url'
  if (status === 413) return 'let the receiver take larger bodies'
  return 'the receiver has to answer with 2xx'
}
