import { createServer, type AddressInfo, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { parsed, type Mail } from './smtp-mail.ts'

export interface SmtpServer {
  port: number
  mails: Mail[]
  close(): Promise<void>
}

/** Takes mail on a free port. `reply` may answer a command, such as `RCPT TO:<a@b>`, otherwise than with success. */
export async function listenSmtp(
  reply: (command: string) => string | undefined = () => undefined,
  onMail: (mail: Mail) => void = () => {},
  /** With it, STARTTLS is offered, and mail is taken after that only. */
  identity?: { key: string; cert: string },
): Promise<SmtpServer> {
  const mails: Mail[] = []
  const sockets = new Set<Socket>()

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    converse(socket, identity === undefined)
    socket.write(`${reply('CONNECT') ?? '220 mail.example.com ESMTP'}\r\n`)
  })

  function converse(socket: Socket, isSafe: boolean): void {
    let buffered = ''
    let isData = false
    let envelope = { from: '', to: [] as string[] }
    socket.on('error', () => socket.destroy())
    const say = (line: string) => void socket.write(`${line}\r\n`)
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
      if (verb === 'EHLO') {
        return say(`250-mail.example.com\r\n250-${isSafe ? 'AUTH PLAIN' : 'STARTTLS'}\r\n250 8BITMIME`)
      }
      if (verb === 'STARTTLS' && !isSafe) {
        say('220 go on')
        socket.removeAllListeners('data')
        return converse(new TLSSocket(socket, { isServer: true, ...identity }), true)
      }
      if (!isSafe) return say('530 STARTTLS first')
      if (verb === 'AUTH') return say('235 welcome')
      if (verb === 'MAIL') envelope.from = /<(.*?)>/.exec(command)?.[1] ?? ''
      if (verb === 'RCPT') envelope.to.push(/<(.*?)>/.exec(command)?.[1] ?? '')
      if (verb === 'DATA') isData = true
      if (verb === 'QUIT') return void socket.end('221 bye\r\n')
      if (/^(MAIL|RCPT|RSET|NOOP)$/.test(verb)) return say('250 ok')
      say(isData ? '354 go on' : '502 what?')
    }
  }

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
