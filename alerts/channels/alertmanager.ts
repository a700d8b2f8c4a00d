import { z } from 'zod'
import { connector } from '../../core/connector.ts'
import { Refused } from '../../core/errors.ts'
import type { Io } from '../../core/io.ts'
import { secret } from '../../core/secret.ts'
import { durationField } from '../../core/setting-fields.ts'
import type { Notifier, Receipt } from '../channel.ts'
import type { AlertMessage } from '../message.ts'
import { alertmanagerAlerts, toldAs } from './alertmanager-alerts.ts'
import { checked } from './check.ts'
import { post } from './post.ts'

const schema = z
  .strictObject({
    /** With the path that it is served under, without /api. */
    baseUrl: z.url({
      protocol: /^https?$/,
      error: 'must be the address of Alertmanager, such as http://localhost:9093',
    }),
    /** Basic authentication. */
    username: z.string().min(1).optional(),
    password: secret().optional(),
    /** Of a proxy that asks for a bearer token. */
    token: secret().optional(),
    /**
     * Alertmanager ends an alert by itself when it hears nothing of it, after five minutes where no end is given. Dorado
     * tells it of every end; this is for the case that it cannot any more.
     */
    expiry: durationField('30d').prefault('30d'),
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    error: 'goes with password',
    path: ['username'],
  })
  .refine(({ username, token }) => username === undefined || token === undefined, {
    error: 'takes either token, or username and password',
    path: ['token'],
  })
  .refine(({ baseUrl }) => !/\/api\/v\d/.test(baseUrl), {
    error: 'is the address of a part of Alertmanager; write its address alone, such as http://localhost:9093',
    path: ['baseUrl'],
  })

type Settings = z.output<typeof schema>

/** Alertmanager, which groups, silences and routes by itself: API v2, one request a message. */
export const alertmanager = connector('alertmanager', schema, (name, settings): Notifier => {
  const base = `${settings.baseUrl.replace(/\/$/, '')}/api/v2`
  const headers = headersOf(settings)

  async function send(message: AlertMessage, io: Io, earlier?: Receipt): Promise<Receipt> {
    const before = toldAs(earlier)
    const { alerts, receipt } = alertmanagerAlerts(message, before, message.isTest ? testMs : settings.expiry)
    if (alerts.length > 0) await post({ url: `${base}/alerts`, headers, body: alerts }, io, { remedyOf })
    return receipt
  }

  async function tryStatus(io: Io): Promise<string> {
    const request = { method: 'GET', url: `${base}/status`, headers } as const
    const { body } = await post(request, io, { remedyOf })
    const { data } = statusSchema.safeParse(body)
    if (data === undefined) throw new Refused('it does not answer as Alertmanager does; check baseUrl')
    return `Alertmanager ${data.versionInfo.version}`
  }

  return { name, send, check: async (io) => [await checked('server', () => tryStatus(io))] }
})

const testMs = 300_000
const statusSchema = z.object({ versionInfo: z.object({ version: z.string() }) })

function headersOf({ username, password = '', token }: Settings): Record<string, string> {
  if (token !== undefined) return { authorization: `Bearer ${token}` }
  if (username === undefined) return {}
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
}

function remedyOf(status: number | undefined): string | undefined {
  if (status === 401 || status === 403) return 'set username and password, or token'
  if (status === 404 || status === 405 || status === 410) {
    return 'check baseUrl: Alertmanager 0.16 or newer is needed'
  }
  return undefined
}
