import { z } from 'zod'
import { secret } from '../core/secret.ts'
import { durationField } from '../core/setting-fields.ts'

/** What stands under `heartbeat`. */
export const heartbeatSchema = z
  .strictObject({
    /** Whoever knows it can keep the other monitor quiet. */
    url: secret(),
    every: durationField('1h').prefault('1h'),
    method: z.enum(['GET', 'POST']).default('GET'),
  })
  .refine(({ url }) => URL.canParse(url) && /^https?:/.test(url), {
    error: 'must be an address, such as https://hc-ping.com/…',
    path: ['url'],
  })
  .transform(({ url, every, method }): Heartbeat => ({ url, everyMs: every, method }))

/** What another monitor is told while rules are evaluated: if it hears nothing for longer, it alerts. */
export interface Heartbeat {
  url: string
  everyMs: number
  method: 'GET' | 'POST'
}
