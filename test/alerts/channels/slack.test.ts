import { afterEach, describe, expect, test } from 'vitest'
import { slack } from '../../../alerts/channels/slack.ts'
import { RateLimited, Refused, Unavailable } from '../../../core/errors.ts'
import { listen, type Loopback, type Received, type Reply } from '../../core/loopback.ts'
import { failure } from '../../noting-io.ts'
import { alert, ioOf, message, resolved } from './samples.ts'
import { slackChannel as channel } from './slack-server.ts'

let server: Loopback | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function bot(reply: (request: Received) => Reply) {
  server = await listen(reply)
  const settings = slack.schema.parse({ token: 'xoxb-s3cr3t', channel, baseUrl: server.url })
  return { notifier: slack.make('ops', settings), received: server.received }
}

const posted: Reply = { body: { ok: true, channel, ts: '1772445600.000100' } }
const receipt = JSON.stringify({ channel, ts: '1772445600.000100', severity: 'warning' })
const no = (error: string): Reply => ({ body: { ok: false, error } })
const bodyOf = ({ body }: Received) => JSON.parse(body) as Record<string, unknown>

describe('a group is a thread', () => {
  test('whose head shows the present state, and what follows is below it', async () => {
    const { notifier, received } = await bot(() => posted)
    const first = await notifier.send(message(), ioOf())
    expect(JSON.parse(first ?? '')).toEqual({ channel, ts: '1772445600.000100', severity: 'critical' })
    expect(await notifier.send(resolved(), ioOf(), first)).toBe(first)
    expect(received.map(({ path }) => path)).toEqual([
      '/chat.postMessage',
      '/chat.update',
      '/chat.postMessage',
    ])
    const [, update, reply] = received.map(bodyOf)
    expect(update).toMatchObject({ ts: '1772445600.000100', text: expect.stringContaining('[RESOLVED]') })
    expect(reply).toMatchObject({ thread_ts: '1772445600.000100', reply_broadcast: false })
    expect(reply?.blocks).toEqual(update?.blocks)
  })

  test('whose reply is shown in the channel where it got worse', async () => {
    const { notifier, received } = await bot(() => posted)
    const next = await notifier.send(message(), ioOf(), receipt)
    await notifier.send(message(), ioOf(), next)
    const replies = received.map(bodyOf).filter((body) => 'thread_ts' in body)
    expect(replies.map(({ reply_broadcast: isShown }) => isShown)).toEqual([true, false])
  })

  test.each(['message_not_found', 'thread_not_found'])('that begins anew after %s', async (error) => {
    const { notifier, received } = await bot(({ path, body }) =>
      path === '/chat.update' || body.includes('thread_ts') ? no(error) : posted,
    )
    await notifier.send(message(), ioOf(), receipt)
    expect(bodyOf(received.at(-1)!)).not.toHaveProperty('thread_ts')
  })

  test.each(['cant_update_message', 'edit_window_closed'])('that goes on after %s', async (error) => {
    const { notifier, received } = await bot(({ path }) => (path === '/chat.update' ? no(error) : posted))
    await notifier.send(message(), ioOf(), receipt)
    expect(bodyOf(received.at(-1)!)).toHaveProperty('thread_ts')
  })

  test('that does not follow the channel into another one', async () => {
    const { notifier, received } = await bot(() => posted)
    await notifier.send(message(), ioOf(), receipt.replace(channel, 'C9999999999'))
    expect(received).toHaveLength(1)
  })

  test('is told once where the head cannot be changed for now', async () => {
    const { notifier, received } = await bot(() => no('service_unavailable'))
    expect(await failure(notifier.send(message(), ioOf(), receipt))).toBeInstanceOf(Unavailable)
    expect(received).toHaveLength(1)
  })
})

test.each<[string, new (...given: never[]) => Error, string]>([
  ['channel_not_found', Refused, 'set channel to the ID'],
  ['not_in_channel', Refused, '/invite'],
  ['is_archived', Refused, 'unarchive it'],
  ['missing_scope', Refused, 'chat:write'],
  ['invalid_auth', Refused, 'xoxb-'],
  ['invalid_blocks', Refused, 'invalid_blocks'],
  ['fatal_error', Unavailable, 'fatal_error'],
  ['ratelimited', RateLimited, 'ratelimited'],
])('%s', async (name, kind, text) => {
  const { notifier } = await bot(() => no(name))
  const error = await failure(notifier.send(message(), ioOf()))
  expect(error).toBeInstanceOf(kind)
  expect(error.message).toContain(text)
})

test('a success that names no message leaves no receipt, and is not sent again', async () => {
  const { notifier } = await bot(() => ({ body: { ok: true } }))
  expect(await notifier.send(message(), ioOf())).toBeUndefined()
})

test.each<[string, Reply]>([
  ['a page', { headers: { 'content-type': 'text/html' }, body: '<html>Welcome' }],
  ['another answer', { body: { ok: true } }],
])('an incoming webhook that answers with %s is none', async (_, reply) => {
  server = await listen(() => reply)
  const notifier = slack.make('ops', slack.schema.parse({ url: `${server.url}/services/x` }))
  const error = await failure(notifier.send(message(), ioOf()))
  expect(error).toBeInstanceOf(Refused)
  expect(error.message).toContain('check url')
})

test.each([
  ['no_text', true],
  ['no_service', false],
])('an incoming webhook is tried without a message: %s', async (name, ok) => {
  server = await listen(() => ({ status: name === 'no_text' ? 400 : 404, body: name }))
  const notifier = slack.make('ops', slack.schema.parse({ url: `${server.url}/services/x` }))
  expect(await notifier.check(ioOf())).toMatchObject([{ ok }])
  expect(server.received.map(({ body }) => body)).toEqual(['{}'])
})

test('a link that is too long for a section is left out, and its text stays', async () => {
  const { notifier, received } = await bot(() => posted)
  const facts = [{ text: 'deployment 1', url: `https://git.example.com/${'x'.repeat(900)}` }]
  await notifier.send(message({ alerts: [alert({ facts })] }), ioOf())
  expect(received[0]?.body).toContain('• deployment 1')
  expect(received[0]?.body).not.toContain('xxxx')
})

test.each([
  [{}, 'either url'],
  [{ url: 'https://hooks.slack.com/services/x', token: 'xoxb-1', channel }, 'either url'],
  [{ token: 'xoxb-1' }, 'goes with token'],
  [{ token: 'xoxb-1', channel: '#general' }, 'the ID of a channel'],
  [{ url: 'hooks.slack.com/services/x' }, 'https://hooks.slack.com/services/'],
])('settings %j are refused', (settings, text) => {
  expect(slack.schema.safeParse(settings).error?.message).toContain(text)
})
