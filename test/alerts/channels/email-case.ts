import { email } from '../../../alerts/channels/email.ts'
import type { ChannelCase, Fault } from './channel-case.ts'
import type { Mail } from './smtp-mail.ts'
import { listenSmtp } from './smtp-server.ts'

const password = 's3cr3t-pass'
const encoded = Buffer.from(`\u0000dorado\u0000${password}`).toString('base64')

const replies: Readonly<Record<Fault, (command: string) => string | undefined>> = {
  // SMTP has no reply that names a time.
  limited: () => undefined,
  failing: (command) => (command.startsWith('MAIL') ? '451 try later' : undefined),
  refusing: (command) => (command.startsWith('AUTH') ? `535 wrong ${password} of ${encoded}` : undefined),
}

/** What a mail must not be: with more headers or recipients than meant, or with markup in what came from outside. */
function complaintOf({ from, to, headers, html, text }: Mail): string | undefined {
  if (from !== 'alerts@example.com' || to.join() !== 'dev@example.com,ops@example.com') return 'the envelope'
  const wrong = Object.keys(headers).find((name) => !expected.has(name))
  if (wrong !== undefined) return `a header ${wrong}`
  if (Buffer.byteLength(html) > 102_400) return 'larger than Gmail shows'
  if (text === '' || html === '') return 'a part is empty'
  const tag = /<(?!\/?(?:html|body|h2|p|b|div|table|tr|td|ul|li|a)\b|!doctype html>)[^>]*/.exec(html)
  return tag?.[0] ?? /<a href="(?!https:\/\/(?:git|wiki|grafana)\.example\.com\/)[^"]*/.exec(html)?.[0]
}

const expected = new Set([
  'from',
  'to',
  'subject',
  'message-id',
  'in-reply-to',
  'references',
  'date',
  'mime-version',
  'content-type',
  'auto-submitted',
  'x-auto-response-suppress',
])

export const emailCase: ChannelCase = {
  name: 'email',
  secrets: [password, encoded],
  async start(fault) {
    const taken: unknown[] = []
    const complaints: string[] = []
    const server = await listenSmtp(fault && replies[fault], (mail) => {
      const complaint = complaintOf(mail)
      if (complaint !== undefined) complaints.push(complaint)
      // The boundary is another each time.
      const { 'content-type': _, ...headers } = mail.headers
      taken.push({ ...mail, headers, text: mail.text.split('\n'), html: mail.html.split('\n') })
    })
    const settings = {
      host: '127.0.0.1',
      port: server.port,
      tls: 'none',
      user: 'dorado',
      password,
      from: 'Dorado <alerts@example.com>',
      to: ['dev@example.com', 'On call <ops@example.com>'],
    }
    return {
      notifier: email.make('ops', email.schema.parse(settings)),
      taken,
      complaints,
      close: () => server.close(),
    }
  },
  // In HTML a tag is a complaint; the subject and the text are plain.
  forbidden: ['\\r', '\u202E'],
  remedy: /535.*set user and password/,
}
