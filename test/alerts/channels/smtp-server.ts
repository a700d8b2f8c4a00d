import { createServer, type AddressInfo, type Socket } from 'node:net'

/** What came in one mail, decoded. */
export interface Mail {
  from: string
  to: string[]
  /** Names in lower case, values unfolded and decoded. */
  headers: Record<string, string>
  text: string
  html: string
}

export interface SmtpServer {
  port: number
  mails: Mail[]
  close(): Promise<void>
}

/** Takes mail on a free port. `reply` may answer a command, such as `RCPT TO:<a@b>`, otherwise than with success. */
export async function listenSmtp(
  reply: (command: string) => string | undefined = () => undefined,
  onMail: (mail: Mail) => void = () => {},
): Promise<SmtpServer> {
  const mails: Mail[] = []
  const sockets = new Set<Socket>()

  const server = createServer((socket) => {
    let buffered = ''
    let isData = false
    let envelope = { from: '', to: [] as string[] }
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    const say = (line: string) => void socket.write(`${line}\r\n`)
    say(reply('CONNECT') ?? '220 mail.example.com ESMTP')
    socket.on('data', (chunk) => {
      buffered += chunk.toString('latin1')
      for (;;) {
        const end = buffered.indexOf(isData ? '\r\n.\r\n' : '\r\n')
        if (end < 0) return
        const part = buffered.slice(0, end)
        buffered = buffered.slice(end + (isData ? 5 : 2))
        if (isData) taken(part)
        else obey(part)
      }
    })

    function taken(raw: string): void {
      isData = false
      const refusal = reply('MESSAGE')
      if (refusal === undefined) {
        const mail = { ...envelope, ...parsed(raw.replaceAll('\r\n..', '\r\n.')) }
        mails.push(mail)
        onMail(mail)
      }
      envelope = { from: '', to: [] }
      say(refusal ?? '250 queued')
    }

    function obey(command: string): void {
      const answer = reply(command)
      if (answer !== undefined) return say(answer)
      const [verb = ''] = command.toUpperCase().split(' ')
      if (verb === 'EHLO') return say('250-mail.example.com\r\n250-AUTH PLAIN\r\n250 8BITMIME')
      if (verb === 'AUTH') return say('235 welcome')
      if (verb === 'MAIL') envelope.from = /<(.*?)>/.exec(command)?.[1] ?? ''
      if (verb === 'RCPT') envelope.to.push(/<(.*?)>/.exec(command)?.[1] ?? '')
      if (verb === 'DATA') isData = true
      if (verb === 'QUIT') return void socket.end('221 bye\r\n')
      if (/^(MAIL|RCPT|RSET|NOOP)$/.test(verb)) return say('250 ok')
      say(isData ? '354 go on' : '502 what?')
    }
  })

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    mails,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function parsed(raw: string): Omit<Mail, 'from' | 'to'> {
  const { headers, body } = split(raw)
  const boundary = /boundary="?([^";]+)/.exec(headers['content-type'] ?? '')?.[1] ?? ''
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => split(part.replace(/^\r\n/, '')))
  const of = (type: string) => {
    const part = parts.find((one) => one.headers['content-type']?.startsWith(type))
    return part === undefined ? '' : decoded(part).replaceAll('\r\n', '\n').trimEnd()
  }
  return { headers, text: of('text/plain'), html: of('text/html') }
}

function split(raw: string): { headers: Record<string, string>; body: string } {
  const end = raw.indexOf('\r\n\r\n')
  const lines = raw
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), words(line.slice(colon + 1).trim())]
  })
  return { headers: Object.fromEntries(headers) as Record<string, string>, body: raw.slice(end + 4) }
}

function decoded({ headers, body }: { headers: Record<string, string>; body: string }): string {
  const encoding = headers['content-transfer-encoding']
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  if (encoding !== 'quoted-printable') return Buffer.from(body, 'latin1').toString('utf8')
  return quoted(body.replaceAll(/=\r\n/g, ''))
}

function quoted(text: string): string {
  const bytes = text.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** Encoded words: `=?UTF-8?Q?…?=`. */
function words(text: string): string {
  return text
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([bq])\?(.*?)\?=/gi, (_, kind: string, word: string) =>
      kind.toLowerCase() === 'b'
        ? Buffer.from(word, 'base64').toString('utf8')
        : quoted(word.replaceAll('_', ' ')),
    )
}
