import { afterEach, expect, test } from 'vitest'
import { webhook } from '../../../alerts/channels/webhook.ts'
import { Refused } from '../../../core/errors.ts'
import { listen, type Loopback, type Reply } from '../../core/loopback.ts'
import { failure } from '../../noting-io.ts'
import { ioOf, message } from './samples.ts'
import { isSigned } from './webhook-server.ts'

let server: Loopback | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function hook(reply: Reply, more: object = {}) {
  server = await listen(() => reply)
  const notifier = webhook.make('ops', webhook.schema.parse({ url: `${server.url}/in`, ...more }))
  return { notifier, received: server.received }
}

test('is signed with any text, over the very bytes that are sent', async () => {
  const { notifier, received } = await hook({ status: 201 }, { secret: 'geheim ü' })
  await notifier.send(message({ title: 'Verzögert 🐢 \uD83D' }), ioOf())
  expect(received).toHaveLength(1)
  expect(isSigned(received[0]!, 'geheim ü')).toBe(true)
  expect(isSigned({ ...received[0]!, body: `${received[0]!.body} ` }, 'geheim ü')).toBe(false)
})

test('has the id of the message and the time of sending, in seconds', async () => {
  const { notifier, received } = await hook({ status: 200 })
  await notifier.send(message(), ioOf())
  await notifier.send(message({ key: 'ü\r\n' }), ioOf())
  expect(received[0]?.headers).toMatchObject({ 'webhook-id': 'k7f3a9', 'webhook-timestamp': '1772445600' })
  expect(received[0]?.headers).not.toHaveProperty('webhook-signature')
  expect(received[1]?.headers['webhook-id']).toBe('___')
})

test.each<[string, Reply, string]>([
  ['304', { status: 304 }, '2xx'],
  ['a redirect to elsewhere', { status: 302, headers: { location: 'https://example.com/' } }, 'redirects to'],
  ['410', { status: 410 }, 'correct url'],
  ['413', { status: 413 }, 'larger bodies'],
])('%s is no success', async (_, reply, text) => {
  const { notifier } = await hook(reply)
  const error = await failure(notifier.send(message(), ioOf()))
  expect(error).toBeInstanceOf(Refused)
  expect(error.message).toContain(text)
})

test.each([
  [{ url: 'example.com' }, 'must be an address'],
  [{ secret: 'whsec_not base64' }, 'Base64 after whsec_'],
  [{ headers: { 'Webhook-Signature': 'v1,x' } }, 'must not hold'],
  [{ headers: { 'content-length': '1' } }, 'must not hold'],
  [{ headers: { 'x y': '1' } }, 'no name of a header'],
  [{ headers: { x: 'a\r\nb: c' } }, 'one line of ASCII'],
])('settings %j are refused', (settings, text) => {
  const { error } = webhook.schema.safeParse({ url: 'https://example.com/', ...settings })
  expect(error?.message ?? '').toContain(text)
})
