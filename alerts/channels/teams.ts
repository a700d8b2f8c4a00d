import { z } from 'zod'
import { connector } from '../../core/connector.ts'
import { RateLimited, Refused, Unavailable } from '../../core/errors.ts'
import type { HttpResponse } from '../../core/http.ts'
import type { Io } from '../../core/io.ts'
import { secret } from '../../core/secret.ts'
import type { Notifier } from '../channel.ts'
import type { AlertMessage } from '../message.ts'
import { unchecked } from './check.ts'
import { post } from './post.ts'
import { teamsPayload } from './teams-card.ts'

const workflow =
  'in Teams add the workflow "Post to a channel when a webhook request is received" and set url to the address it shows'

const schema = z
  .strictObject({
    /** Of a workflow; it holds a signature, so it is a secret as a whole. */
    url: secret(),
  })
  .refine(({ url }) => URL.canParse(url) && /^https?:/.test(url), {
    error: `must be the address of a workflow; ${workflow}`,
    path: ['url'],
  })
  .refine(({ url }) => !isRetired(url), {
    error: `is of an Office 365 connector, which Microsoft has switched off; ${workflow}`,
    path: ['url'],
  })

function isRetired(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { hostname, pathname } = new URL(text)
  return /(^|\.)webhook\.office\.com$/.test(hostname) || isOldOutlook(hostname, pathname)
}

function isOldOutlook(hostname: string, pathname: string): boolean {
  return /^outlook\.office(?:365)?\.com$/.test(hostname) && pathname.startsWith('/webhook')
}

/** Microsoft Teams, through a workflow. It tells nothing of a message once it is queued: no thread, no update. */
export const teams = connector('teams', schema, (name, { url }): Notifier => {
  return {
    name,
    pauseMs: () => pauseMs,
    send: (message, io) => send(url, message, io),
    check: () => unchecked('workflow'),
  }
})

async function send(url: string, message: AlertMessage, io: Io): Promise<undefined> {
  const answer = await post({ url, body: teamsPayload(message), isUrlSecret: true }, io, { remedyOf })
  const failure = failureIn(answer, new URL(url).host)
  if (failure !== undefined) throw failure
  return undefined
}

/** More than four requests a second are refused, and so are sixty in half a minute. */
const pauseMs = 1000

/** Where Teams names no time: it counts over 30 s and over an hour. */
const limitMs = 60_000

/** What Teams refused is told by some workflows within a success. */
function failureIn({ status, headers, body }: HttpResponse, host: string): Error | undefined {
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? '')
  if (/^\s*</.test(text)) {
    return new Refused(`${host} answered with a web page; ${workflow}`, status)
  }
  if (/\b429\b|too many requests|throttl/i.test(text)) {
    const seconds = Number(headers['retry-after'])
    return new RateLimited(
      `${host} answered ${status}, and that Teams asks to wait`,
      seconds > 0 ? seconds * 1000 : limitMs,
    )
  }
  const code = /HTTP error (\d{3})/.exec(text)?.[1]
  if (code === undefined && !/error|fail/i.test(text)) return undefined
  return new Unavailable(
    `${host} answered ${status}, and that Teams did not take the message${code === undefined ? '' : ` (${code})`}`,
  )
}

function remedyOf(status: number | undefined, text: string): string | undefined {
  if (/NotEnabled|disabled/i.test(text)) return 'turn the workflow on'
  if (status === 401 || status === 403)
    return 'let "Anyone" trigger the workflow, and set url to the address it then shows'
  if (status === 404 || status === 410) return `the workflow is gone: ${workflow}`
  if (status === 400) return `check the workflow: ${workflow}`
  return undefined
}
