import { messageOf, Unavailable, type Refused } from '../../core/errors.ts'
import { createMask } from '../../core/secret.ts'
import { refusal } from './post.ts'

/** What nodemailer adds to its errors. */
interface SmtpError {
  code?: string
  /** Of the server's reply. */
  responseCode?: number
  command?: string
}

const noTrust = /certificate|self.signed|altnames|unable to verify/i
const unreached = /EDNS|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/
const notTls = /wrong version number|packet length|ssl3_/i

/** By remedy: a reply that begins with 4, and no connection at all, may pass; a reply that begins with 5 will not. */
export function emailFailure(
  error: unknown,
  place: string,
  secrets: readonly string[],
): Refused | Unavailable {
  const { code = '', responseCode = 0, command = '' } = error as SmtpError
  const said = createMask(secrets)(messageOf(error))
  const text = said.length > 300 ? `${said.slice(0, 299)}…` : said
  const problem = `${place}: ${text}`
  if (code === 'ETLS' || noTrust.test(text) || notTls.test(text)) {
    return refusal(problem, undefined, tlsRemedy(text))
  }
  if (responseCode >= 500 || (responseCode === 0 && hopeless.has(code))) {
    return refusal(problem, responseCode || undefined, remedyOf(code, command))
  }
  return new Unavailable(problem, {
    mayHaveArrived: responseCode === 0 && !unreached.test(`${code} ${text}`),
  })
}

const hopeless: ReadonlySet<string> = new Set(['EENVELOPE', 'ENOAUTH', 'ECONFIG', 'EAUTH'])

function tlsRemedy(text: string): string {
  if (noTrust.test(text))
    return 'set NODE_EXTRA_CA_CERTS to the file of the authority that signed for the server'
  return 'the server may speak another kind of TLS: set tls to starttls (port 587), implicit (465) or none (25)'
}

function remedyOf(code: string, command: string): string | undefined {
  if (code === 'EAUTH' || code === 'ENOAUTH') return 'set user and password to what the server knows'
  if (command.startsWith('RCPT')) return 'check to: the server takes no mail for it'
  if (command.startsWith('MAIL')) return 'check from: the server lets nobody, or not this user, send as it'
  return undefined
}
