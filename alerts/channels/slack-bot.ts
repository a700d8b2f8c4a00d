import { z } from 'zod'
import type { HttpResponse } from '../../core/http.ts'
import type { Io } from '../../core/io.ts'
import type { Notifier, Receipt } from '../channel.ts'
import { severities, type AlertMessage } from '../message.ts'
import { checked } from './check.ts'
import { afterAPart, post } from './post.ts'
import { slackContent, type SlackContent } from './slack-blocks.ts'
import { slackFailure, slackRemedy } from './slack-errors.ts'

interface BotSettings {
  token: string
  channel: string
  baseUrl: string
}

/** chat.postMessage takes one message a second for each channel, chat.update fifty a minute. */
const pauseMs = 1200

/** The head of a thread. `ts` is a text: as a number it would lose digits. */
const receiptSchema = z.object({ channel: z.string(), ts: z.string(), severity: z.enum(severities) })

const answerSchema = z.object({ ok: z.boolean(), error: z.string().default('unknown_error') })
const postedSchema = z.object({ channel: z.string(), ts: z.string() })
const selfSchema = z.object({ team: z.string().default('?'), user: z.string().default('?') })

/** The head is gone, or it is too old to be changed. */
const lost: ReadonlySet<string> = new Set(['message_not_found', 'thread_not_found'])
const fixed: ReadonlySet<string> = new Set([
  'cant_update_message',
  'edit_window_closed',
  'update_failed',
  'is_inactive',
])

/**
 * A thread for each group: its head always shows the present state, and what follows is told below it. The head is
 * changed before the reply is posted: doing that again, where the reply failed, does no harm.
 */
export function slackBot(name: string, settings: BotSettings): Notifier {
  async function send(message: AlertMessage, io: Io, earlier?: Receipt): Promise<Receipt | undefined> {
    const content = slackContent(message)
    const head = headOf(earlier, settings.channel)
    if (head === undefined) return postHead(content, message, io)
    const { channel, ts } = head
    const { text, blocks } = content
    const updated = await call('chat.update', { channel, ts, text, blocks }, io, [...lost, ...fixed])
    if (lost.has(updated.error)) return postHead(content, message, io)
    // A reply rings for nobody but those who follow the thread, so what got worse is shown in the channel too.
    const isWorse =
      message.status === 'firing' && severities.indexOf(message.severity) > severities.indexOf(head.severity)
    const reply = { channel, thread_ts: ts, reply_broadcast: isWorse, ...content }
    const replied = await call('chat.postMessage', reply, io, [...lost]).catch((error: unknown) => {
      throw afterAPart(error)
    })
    if (lost.has(replied.error)) return postHead(content, message, io)
    return JSON.stringify({ channel, ts, severity: message.severity })
  }

  async function postHead(
    content: SlackContent,
    { severity }: AlertMessage,
    io: Io,
  ): Promise<Receipt | undefined> {
    const { answer } = await call('chat.postMessage', { channel: settings.channel, ...content }, io)
    // It is posted: failing now would only post it again.
    const { data } = postedSchema.safeParse(answer.body)
    return data === undefined ? undefined : JSON.stringify({ ...data, severity })
  }

  /** Throws for every error of Slack but the expected ones. */
  async function call(
    method: string,
    body: object,
    io: Io,
    expected: readonly string[] = [],
  ): Promise<{ error: string; answer: HttpResponse }> {
    const url = `${settings.baseUrl.replace(/\/$/, '')}/${method}`
    const headers = {
      accept: 'application/json',
      authorization: `Bearer ${settings.token}`,
      // Without the charset Slack adds a warning to every answer.
      'content-type': 'application/json; charset=utf-8',
    }
    const answer = await post({ url, headers, body }, io, {
      remedyOf: slackRemedy,
      secrets: [settings.token],
    })
    const { data } = answerSchema.safeParse(answer.body)
    const error = data?.ok === true ? '' : (data?.error ?? 'no answer of Slack; check baseUrl')
    if (error !== '' && !expected.includes(error)) throw slackFailure(method, error, answer)
    return { error, answer }
  }

  async function tryToken(io: Io): Promise<string> {
    const { answer } = await call('auth.test', {}, io)
    const { team, user } = selfSchema.parse(answer.body)
    return `${user} in ${team}; whether it may post to ${settings.channel} shows when it does`
  }

  return {
    name,
    pauseMs: () => pauseMs,
    send,
    check: async (io) => [await checked('token', () => tryToken(io))],
  }
}

/** Undefined where there is none, or where it is of another channel or of an incoming webhook. */
function headOf(earlier: Receipt | undefined, channel: string): z.output<typeof receiptSchema> | undefined {
  if (earlier === undefined) return undefined
  const { data } = receiptJson.safeParse(earlier)
  return data?.channel === channel ? data : undefined
}

const receiptJson = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      context.issues.push({ code: 'custom', message: 'is no JSON', input: text })
      return z.NEVER
    }
  })
  .pipe(receiptSchema)
