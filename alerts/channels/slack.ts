import { z } from 'zod'
import { connector } from '../../core/connector.ts'
import { messageOf, Refused } from '../../core/errors.ts'
import type { Io } from '../../core/io.ts'
import { secret } from '../../core/secret.ts'
import type { Notifier } from '../channel.ts'
import type { AlertMessage } from '../message.ts'
import { checked } from './check.ts'
import { post } from './post.ts'
import { slackBot } from './slack-bot.ts'
import { slackContent } from './slack-blocks.ts'
import { slackFailure, slackRemedy } from './slack-errors.ts'

/** https://docs.slack.dev/apis/web-api/rate-limits: one message a second for each webhook, and short bursts. */
const pauseMs = 1000

const schema = z
  .strictObject({
    /** Of an incoming webhook: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
    url: secret().optional(),
    /** Of a bot with the scope chat:write; its messages form threads and show the present state. */
    token: secret().optional(),
    /** An ID; a name changes. */
    channel: z
      .string()
      .regex(/^[CGD][A-Z0-9]{6,}$/, {
        error:
          'must be the ID of a channel, such as C0123456789; Slack shows it at the end of the channel details',
      })
      .optional(),
    /** Of the Web API. */
    baseUrl: z.url({ protocol: /^https?$/ }).default('https://slack.com/api'),
  })
  .refine(({ url, token }) => (url === undefined) !== (token === undefined), {
    error: 'takes either url, of an incoming webhook, or token and channel, of a bot',
    path: ['url'],
  })
  .refine(({ token, channel }) => (token === undefined) === (channel === undefined), {
    error: 'goes with token: an incoming webhook has a channel of its own',
    path: ['channel'],
  })
  .refine(({ url }) => url === undefined || (URL.canParse(url) && /^https?:/.test(url)), {
    error: 'must be the address of an incoming webhook, such as https://hooks.slack.com/services/…',
    path: ['url'],
  })

/** Slack, through an incoming webhook, or as a bot that keeps a thread for each group. */
export const slack = connector('slack', schema, (name, { url, token, channel, baseUrl }): Notifier => {
  if (token !== undefined && channel !== undefined) return slackBot(name, { token, channel, baseUrl })
  const address = url ?? ''
  return {
    name,
    pauseMs: () => pauseMs,
    send: (message, io) => sendToWebhook(address, message, io),
    check: async (io) => [await checked('incoming webhook', () => tryWebhook(address, io))],
  }
})

async function sendToWebhook(url: string, message: AlertMessage, io: Io): Promise<undefined> {
  const body = slackContent(message)
  const answer = await post({ url, body, isUrlSecret: true }, io, { remedyOf: slackRemedy })
  if (answer.body === 'ok') return undefined
  const said = typeof answer.body === 'string' ? answer.body : ''
  if (/^[a-z_]+$/.test(said)) throw slackFailure('incoming webhook', said, answer)
  throw new Refused(
    `${new URL(url).host} did not answer as Slack does; check url: it begins with https://hooks.slack.com/`,
    answer.status,
  )
}

/** A webhook that is there refuses a message without a text by name, and posts nothing. */
async function tryWebhook(url: string, io: Io): Promise<string> {
  try {
    await post({ url, body: {}, isUrlSecret: true }, io, { remedyOf: slackRemedy })
  } catch (error) {
    if (!(error instanceof Refused) || !/no_text|invalid_payload/.test(messageOf(error))) throw error
  }
  return 'takes messages'
}
