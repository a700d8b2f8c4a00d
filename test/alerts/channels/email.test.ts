import { afterEach, describe, expect, test } from 'vitest'
import { email } from '../../../alerts/channels/email.ts'
import { Refused, Unavailable } from '../../../core/errors.ts'
import { failure } from '../../noting-io.ts'
import { ioOf, message, named, resolved } from './samples.ts'
import { listenSmtp, type SmtpServer } from './smtp-server.ts'

let server: SmtpServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

const settings = { host: '127.0.0.1', tls: 'none', from: 'alerts@example.com', to: ['dev@example.com'] }

async function mailer(reply?: (command: string) => string | undefined, more: object = {}) {
  server = await listenSmtp(reply)
  const notifier = email.make('ops', email.schema.parse({ ...settings, port: server.port, ...more }))
  return { notifier, mails: server.mails }
}

test('a group is a thread, and a message that is sent again has the same id', async () => {
  const { notifier, mails } = await mailer()
  const first = await notifier.send(message(), ioOf())
  await notifier.send(message(), ioOf())
  const second = await notifier.send(resolved(), ioOf(), first)
  expect([first, second]).toEqual(['<dorado.k7f3a9@example.com>', first])
  expect(mails.map(({ headers }) => headers['message-id'])).toEqual([
    first,
    first,
    '<dorado.k7f3aa@example.com>',
  ])
  expect(mails[0]?.headers).not.toHaveProperty('in-reply-to')
  expect(mails[2]?.headers).toMatchObject({ 'in-reply-to': first, references: first })
})

test('a service cannot add a header or a recipient', async () => {
  const { notifier, mails } = await mailer()
  await notifier.send(named('a\r\nBcc: x@example.com\r\n\r\n<b>'), ioOf())
  expect(mails[0]?.to).toEqual(['dev@example.com'])
  expect(mails[0]?.headers.subject).toBe('[FIRING] a Bcc: x@example.com <b> is slow')
})

describe('what the server replies becomes an error by remedy', () => {
  const to = (begin: string, reply: string) => (command: string) =>
    command.startsWith(begin) ? reply : undefined

  test.each<[string, (command: string) => string | undefined, new (...given: never[]) => Error, string]>([
    ['421 at once', to('CONNECT', '421 too many connections'), Unavailable, '421'],
    ['554 at once', to('CONNECT', '554 go away'), Refused, '554'],
    ['450 for whom', to('RCPT', '450 greylisted'), Unavailable, '450'],
    ['550 for whom', to('RCPT', '550 unknown user'), Refused, 'check to'],
    ['553 from whom', to('MAIL', '553 not allowed'), Refused, 'check from'],
    ['452 in the end', to('MESSAGE', '452 disk is full'), Unavailable, '452'],
    ['554 in the end', to('MESSAGE', '554 looks like spam'), Refused, '554'],
  ])('%s', async (_, reply, kind, text) => {
    const { notifier, mails } = await mailer(reply)
    const error = await failure(notifier.send(message(), ioOf()))
    expect(error).toBeInstanceOf(kind)
    expect(error.message).toContain(text)
    expect(mails).toEqual([])
  })

  test('a server without STARTTLS gets nothing where it is asked for', async () => {
    const { notifier, mails } = await mailer(undefined, { tls: 'starttls' })
    const error = await failure(notifier.send(message(), ioOf()))
    expect(error).toBeInstanceOf(Refused)
    expect(error.message).toContain('set tls to')
    expect(mails).toEqual([])
  })

  test('TLS where the server speaks none', async () => {
    const { notifier } = await mailer(undefined, { tls: 'implicit' })
    const error = await failure(notifier.send(message(), ioOf()))
    expect(error).toBeInstanceOf(Refused)
    expect(error.message).toContain('set tls to')
  })
})

test('a mail that one of two gets is sent, and says who did not get it', async () => {
  const { notifier, mails } = await mailer(
    (command) => (command.includes('<gone@') ? '550 unknown' : undefined),
    { to: ['dev@example.com', 'gone@example.com'] },
  )
  const io = ioOf()
  await notifier.send(message(), io)
  expect(mails).toHaveLength(1)
  expect(io.logged.join()).toContain('not for gone@example.com')
})

test('a run that is stopped does not wait for the server', async () => {
  const controller = new AbortController()
  const { notifier } = await mailer((command) => {
    if (command.startsWith('MAIL')) controller.abort(new Error('stopped'))
    return undefined
  })
  const error = await failure(notifier.send(message(), ioOf(controller.signal)))
  expect(error.message).toBe('stopped')
})

test('the server and the user are tried without a mail', async () => {
  const { notifier, mails } = await mailer(undefined, { user: 'dorado', password: 'p4ssword' })
  const [check] = await notifier.check(ioOf())
  expect(check).toEqual({ name: 'server', ok: true, detail: 'can be reached, and knows dorado' })
  expect(mails).toEqual([])
})

test.each([
  [{ user: 'dorado' }, 'goes with password'],
  [{ user: 'dorado', password: 'p', host: 'mail.example.com' }, 'for everyone to read'],
  [{ from: 'alerts' }, 'is no address'],
  [{ to: [] }, '>=1'],
  [{ to: ['a@example.com, b@example.com'] }, 'is no address'],
  [{ to: ['a@example.com\r\nBcc: b@example.com'] }, 'is no address'],
])('settings %j are refused', (more, text) => {
  expect(email.schema.safeParse({ ...settings, ...more }).error?.message ?? '').toContain(text)
})
