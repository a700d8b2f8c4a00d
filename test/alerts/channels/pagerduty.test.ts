import { afterEach, expect, test } from 'vitest'
import { pagerduty } from '../../../alerts/channels/pagerduty.ts'
import { pagerdutyEvents } from '../../../alerts/channels/pagerduty-events.ts'
import { RateLimited } from '../../../core/errors.ts'
import { listen, type Loopback, type Received, type Reply } from '../../core/loopback.ts'
import { routingKey } from './pagerduty-server.ts'
import { failure } from '../../noting-io.ts'
import { alert, flood, goldenMessages, ioOf, message, resolved } from './samples.ts'

let server: Loopback | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function service(reply: (request: Received, index: number) => Reply) {
  server = await listen(reply)
  const settings = pagerduty.schema.parse({ routingKey, baseUrl: server.url })
  return { notifier: pagerduty.make('ops', settings), received: server.received }
}

const keyOf = (event: unknown) => (event as { dedup_key: string }).dedup_key
const actionOf = (event: unknown) => (event as { event_action: string }).event_action

test('what is resolved has the dedup key that it fired with, in whatever message', () => {
  const [fired] = pagerdutyEvents(message())
  const [over] = pagerdutyEvents(resolved({ groupKey: 'another group' }))
  expect([fired, over].map(actionOf)).toEqual(['trigger', 'resolve'])
  expect(keyOf(over)).toBe(keyOf(fired))
})

test('what is told elsewhere ends here, but not what another group of the same service goes on with', () => {
  const events = (moved: 'here' | 'elsewhere') =>
    pagerdutyEvents(resolved({ alerts: [alert({ status: 'resolved', moved })] })).map(actionOf)
  expect(events('elsewhere')).toEqual(['resolve'])
  expect(events('here')).toEqual([])
})

test('a long fingerprint makes a short dedup key, and another one another', () => {
  const events = ['a', 'b'].flatMap((end) =>
    pagerdutyEvents(message({ alerts: [alert({ fingerprint: 'x'.repeat(300) + end })] })),
  )
  expect(new Set(events.map(keyOf)).size).toBe(2)
  for (const event of events) expect(keyOf(event).length).toBeLessThan(256)
})

test('a test leaves nothing open, and does not touch the incident of the same alert', () => {
  const events = pagerdutyEvents(goldenMessages.test!)
  expect(events.map(actionOf)).toEqual(['trigger', 'resolve'])
  expect(keyOf(events[0])).toBe(keyOf(events[1]))
  expect(keyOf(events[0])).not.toBe(keyOf(pagerdutyEvents(message())[0]))
})

test('a message of many alerts goes on where the limit stopped it', async () => {
  let left = 120
  const { notifier, received } = await service(() => {
    left -= 1
    return { status: left >= 0 ? 202 : 429 }
  })
  const told = flood()
  const error = await failure(notifier.send(told, ioOf()))
  expect(error).toBeInstanceOf(RateLimited)
  // The first 120 have.
  expect(error).toMatchObject({ mayHaveArrived: true })
  left = 120
  await notifier.send(told, ioOf())
  const keys = received.map(({ body }) => keyOf(JSON.parse(body)))
  expect(new Set(keys).size).toBe(200)
  expect(keys).toHaveLength(201)
})

test('a message of many alerts is followed by a pause for each', async () => {
  const { notifier } = await service(() => ({ status: 202 }))
  // 120 events a minute.
  expect(notifier.pauseMs?.(flood())).toBe((200 / 120) * 60_000)
})

test('the key is tried with an event that does nothing', async () => {
  const { notifier, received } = await service(() => ({ status: 202 }))
  expect(await notifier.check(ioOf())).toMatchObject([{ ok: true }])
  expect(received.map(({ body }) => actionOf(JSON.parse(body)))).toEqual(['resolve'])
})
