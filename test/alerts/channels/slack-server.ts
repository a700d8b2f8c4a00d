import { slack } from '../../../alerts/channels/slack.ts'
import type { Received } from '../../core/loopback.ts'
import { httpCase } from './channel-case.ts'

const path = '/services/T0SECRET00/B0SECRET00/s3cr3ts3cr3ts3cr3t'
const token = 'xoxb-0123456789-s3cr3t'
export const slackChannel = 'C0123456789'

interface TextObject {
  type: string
  text: string
  verbatim?: boolean
}

interface Block {
  type: string
  text?: TextObject
  elements?: TextObject[]
}

/** Slack's limits of the blocks that are used, and that nothing in a text is turned into a mention. */
function complaintOfContent({ text, blocks = [] }: { text?: string; blocks?: Block[] }): string | undefined {
  if (typeof text !== 'string' || text === '') return 'no_text'
  if (text.length > 4000) return 'msg_too_long'
  if (blocks.length === 0 || blocks.length > 50) return `invalid_blocks: ${blocks.length} blocks`
  if (JSON.stringify(blocks).length > 13_000) return 'msg_blocks_too_long'
  for (const { type, text: section, elements } of blocks) {
    if (type !== 'section' && type !== 'context') return `invalid_blocks: ${type}`
    if (type === 'context' && (elements === undefined || elements.length > 10))
      return 'invalid_blocks: elements'
    for (const one of elements ?? [section]) {
      if (one?.type !== 'mrkdwn' || one.text.length < 1 || one.text.length > 3000)
        return `invalid_blocks: ${one?.text.length}`
      if (one.verbatim !== true) return 'words may become mentions'
      if (!one.text.isWellFormed()) return 'invalid_blocks: half a surrogate pair'
      if (/<(?!https?:\/\/[^<>|\s]+\|)/.test(one.text)) return `markup that is no link: ${one.text}`
      if (/&(?!amp;|lt;|gt;)/.test(one.text)) return `a broken entity: ${one.text}`
    }
  }
  return undefined
}

function contentOf({ body }: Received) {
  return JSON.parse(body) as Parameters<typeof complaintOfContent>[0] & {
    channel?: string
    ts?: string
    thread_ts?: string
  }
}

const forbidden = ['<!channel>', '<@U0123456789>', '|sign in>', '<script', '<http://evil', '<https://evil']

export const slackWebhookCase = httpCase({
  name: 'slack (incoming webhook)',
  secrets: [path, 's3cr3ts3cr3ts3cr3t', 'T0SECRET00', 'B0SECRET00'],
  make: (url) => slack.make('ops', slack.schema.parse({ url: url + path })),
  complaintOf: (request) => (request.path === path ? complaintOfContent(contentOf(request)) : 'no_service'),
  success: () => ({ body: 'ok' }),
  faults: {
    limited: { status: 429, headers: { 'retry-after': '7' }, body: 'rate_limited' },
    failing: { status: 500, body: 'rollup_error' },
    refusing: { status: 404, body: 'no_service' },
  },
  forbidden,
  limitMs: 7000,
  remedy: /no_service; make a new incoming webhook/,
})

export const slackBotCase = httpCase({
  name: 'slack (bot)',
  secrets: [token],
  make: (url) =>
    slack.make('ops', slack.schema.parse({ token, channel: slackChannel, baseUrl: `${url}/api` })),
  complaintOf: (request) => {
    if (request.headers.authorization !== `Bearer ${token}`) return 'invalid_auth'
    const content = contentOf(request)
    if (content.channel !== slackChannel) return 'channel_not_found'
    for (const ts of [content.ts, content.thread_ts])
      if (ts !== undefined && typeof ts !== 'string') return 'bad_ts'
    return complaintOfContent(content)
  },
  success: () => ({
    body: { ok: true, channel: slackChannel, ts: '1772445600.000100', message: {} },
  }),
  faults: {
    limited: { status: 429, headers: { 'retry-after': '7' }, body: { ok: false, error: 'ratelimited' } },
    failing: { body: { ok: false, error: 'internal_error' } },
    refusing: { body: { ok: false, error: 'invalid_auth' } },
  },
  forbidden,
  limitMs: 7000,
  remedy: /invalid_auth; set token to the Bot User OAuth Token/,
})
