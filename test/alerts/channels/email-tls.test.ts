import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { email } from '../../../alerts/channels/email.ts'
import { Refused } from '../../../core/errors.ts'
import { makeCertificate } from './certificate.ts'
import { failure } from '../../noting-io.ts'
import { ioOf, message } from './samples.ts'
import { listenSmtp, type SmtpServer } from './smtp-server.ts'

const identity = makeCertificate()
const trusted = getCACertificates('default')

let server: SmtpServer | undefined
afterEach(async () => {
  setDefaultCACertificates(trusted)
  await server?.close()
  server = undefined
})

describe.skipIf(identity === undefined)('STARTTLS', () => {
  async function mailer(commands: string[] = []) {
    const note = (command: string) => void commands.push(command)
    server = await listenSmtp(note, undefined, identity)
    const settings = { host: '127.0.0.1', port: server.port, user: 'dorado', password: 'p4ssword' }
    const addresses = { from: 'alerts@example.com', to: ['dev@example.com'] }
    return email.make('ops', email.schema.parse({ ...settings, ...addresses }))
  }

  test('comes before the password and the mail', async () => {
    setDefaultCACertificates([...trusted, identity!.cert])
    const commands: string[] = []
    const notifier = await mailer(commands)
    await notifier.send(message(), ioOf())
    expect(server?.mails).toHaveLength(1)
    const verbs = commands.map((command) => command.split(' ')[0])
    expect(verbs.slice(0, 6)).toEqual(['CONNECT', 'EHLO', 'STARTTLS', 'EHLO', 'AUTH', 'MAIL'])
  })

  test('with a server that nobody vouches for sends neither', async () => {
    const commands: string[] = []
    const error = await failure((await mailer(commands)).send(message(), ioOf()))
    expect(error).toBeInstanceOf(Refused)
    expect(error.message).toContain('NODE_EXTRA_CA_CERTS')
    expect(commands.join()).not.toContain('AUTH')
  })
})
