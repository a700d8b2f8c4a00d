import { createTransport } from 'nodemailer'
import { z } from 'zod'
import { connector } from '../../core/connector.ts'
import type { Io } from '../../core/io.ts'
import { secret } from '../../core/secret.ts'
import type { Notifier, Receipt } from '../channel.ts'
import type { AlertMessage } from '../message.ts'
import { checked } from './check.ts'
import { emailFailure } from './email-errors.ts'
import { emailOf } from './email-message.ts'

const address = /^(?:[^<>"\p{Cc}]+ <)?[^\s<>@,;"()]+@[A-Za-z0-9.-]+>?$/u

function addressField() {
  return z
    .string()
    .regex(address, { error: 'is no address; write it as alerts@example.com or Alerts <alerts@example.com>' })
}

const ports = { starttls: 587, implicit: 465, none: 25 } as const
const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/

const schema = z
  .strictObject({
    host: z.string().min(1),
    /** 587 with starttls, 465 with implicit, 25 with none. */
    port: z.int().min(1).max(65_535).optional(),
    /** `starttls` goes on with TLS or not at all. */
    tls: z.enum(['starttls', 'implicit', 'none']).default('starttls'),
    user: z.string().min(1).optional(),
    password: secret().optional(),
    from: addressField(),
    to: z.array(addressField()).min(1).max(50),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    error: 'goes with password',
    path: ['user'],
  })
  .refine(({ tls, password, host }) => tls !== 'none' || password === undefined || loopback.test(host), {
    error: 'would send the password for everyone to read; set it to starttls or implicit',
    path: ['tls'],
  })

type Settings = z.output<typeof schema>

/** SMTP, a thread for each group. The server has taken a mail when it says so; what becomes of it then, nobody knows. */
export const email = connector('email', schema, (name, settings): Notifier => {
  const place = `${settings.host}:${settings.port ?? ports[settings.tls]}`
  const secrets = secretsOf(settings)

  async function attempt<Result>(io: Io, use: (transport: Transport) => Promise<Result>): Promise<Result> {
    io.signal.throwIfAborted()
    const transport = transportOf(settings)
    const settled = new AbortController()
    try {
      return await Promise.race([use(transport), aborted(io.signal, settled.signal)])
    } catch (error) {
      io.signal.throwIfAborted()
      throw emailFailure(error, place, secrets)
    } finally {
      settled.abort()
      transport.close()
    }
  }

  async function send(message: AlertMessage, io: Io, earlier?: Receipt): Promise<Receipt> {
    const from = mailboxOf(settings.from)
    const mail = emailOf(message, from.address.split('@')[1] ?? 'localhost', earlier)
    const { rejected } = await attempt(io, (transport) =>
      transport.sendMail({
        ...mail,
        from,
        to: settings.to.map(mailboxOf),
        ...(mail.inReplyTo === undefined ? {} : { references: [mail.inReplyTo] }),
        date: new Date(message.at),
        // No vacation message comes back: RFC 3834, and what Exchange asks for.
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        xMailer: false,
        disableFileAccess: true,
        disableUrlAccess: true,
      }),
    )
    // Sending it again would reach the others twice.
    if (rejected.length > 0) {
      io.log.warn(`${place} took the mail, but not for ${rejected.join(', ')}; check to`)
    }
    return mail.inReplyTo ?? mail.messageId
  }

  async function tryServer(io: Io): Promise<string> {
    await attempt(io, (transport) => transport.verify())
    return settings.user === undefined ? 'can be reached' : `can be reached, and knows ${settings.user}`
  }

  return { name, send, check: async (io) => [await checked('server', () => tryServer(io))] }
})

type Transport = ReturnType<typeof transportOf>

/** A connection for each mail: alerts are rare, and an open one is closed by the server in the meantime. */
function transportOf({ host, port, tls, user, password: pass }: Settings) {
  return createTransport({
    host,
    port: port ?? ports[tls],
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(user === undefined || pass === undefined ? {} : { auth: { user, pass } }),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
  })
}

/** The password, and the forms in which a server may repeat it. */
function secretsOf({ user = '', password }: Settings): string[] {
  if (password === undefined) return []
  const sent = [password, `\u0000${user}\u0000${password}`]
  return [password, ...sent.map((text) => Buffer.from(text).toString('base64'))]
}

/** Given as parts, a name is encoded and never read as another address. */
function mailboxOf(text: string): { name: string; address: string } {
  const [, name = '', inBrackets] = /^(.*?) <([^>]*)>$/.exec(text) ?? []
  return { name, address: inBrackets ?? text }
}

/** Rejects when `signal` is aborted, and lets go of it once `settled` is. */
function aborted(signal: AbortSignal, settled: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason as Error)
    signal.addEventListener('abort', stop, { once: true, signal: settled })
  })
}
