import { afterEach, describe, expect, test } from 'vitest'
import { teamsPayload } from '../../../alerts/channels/teams-card.ts'
import { teams } from '../../../alerts/channels/teams.ts'
import { RateLimited, Refused, Unavailable } from '../../../core/errors.ts'
import { listen, type Loopback, type Reply } from '../../core/loopback.ts'
import { failure } from '../../noting-io.ts'
import { alert, flood, ioOf, message, named } from './samples.ts'
import { complaintOfElement } from './teams-server.ts'

let server: Loopback | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function answered(reply: Reply): Promise<unknown> {
  server = await listen(() => reply)
  const notifier = teams.make('ops', teams.schema.parse({ url: `${server.url}/workflows/x?sig=1` }))
  return notifier.send(message(), ioOf())
}

describe('what a workflow answers with a success', () => {
  test.each<[string, Reply]>([
    ['nothing', { status: 202 }],
    ['200', { status: 200, body: '' }],
    ['1', { status: 200, body: '1' }],
    ['JSON', { status: 200, body: { id: 'run' } }],
  ])('%s is one', async (_, reply) => expect(await answered(reply)).toBeUndefined())

  const said = 'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error'
  test.each<[string, Reply, new (...given: never[]) => Error, number?]>([
    ['a limit', { body: `${said} 429 with ContextId` }, RateLimited, 60_000],
    ['a limit with a time', { headers: { 'retry-after': '9' }, body: `${said} 429` }, RateLimited, 9000],
    ['a refusal', { body: `${said} 413` }, Unavailable],
    ['an error', { body: { error: { code: 'InternalServerError' } } }, Unavailable],
    ['a page', { headers: { 'content-type': 'text/html' }, body: '<html>Sign in' }, Refused],
  ])('%s is none', async (_, reply, kind, waitMs) => {
    const error = await failure(answered(reply))
    expect(error).toBeInstanceOf(kind)
    if (waitMs !== undefined) expect(error).toHaveProperty('retryAfterMs', waitMs)
  })
})

test.each([
  [404, 'WorkflowNotFound', 'the workflow is gone'],
  [400, 'WorkflowTriggerIsNotEnabled', 'turn the workflow on'],
])('%d %s says what to do', async (status, code, text) => {
  const error = await failure(answered({ status, body: { error: { code, message: code } } }))
  expect(error).toBeInstanceOf(Refused)
  expect(error.message).toContain(text)
})

test.each([
  'https://acme.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d',
  'https://outlook.office.com/webhook/a@b/IncomingWebhook/c/d',
  'https://outlook.office365.com/webhook/a',
])('a connector that is switched off is refused: %s', (url) => {
  const text = teams.schema.safeParse({ url }).error?.message
  expect(text).toContain('Post to a channel when a webhook request is received')
})

test.each([
  'https://default0.12.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/x?sig=1',
  'https://prod-12.westeurope.logic.azure.com:443/workflows/x/triggers/manual/paths/invoke?sig=1',
])('a workflow is taken: %s', (url) => expect(teams.schema.safeParse({ url }).success).toBe(true))

describe('a card', () => {
  const textOf = (payload: object) => JSON.stringify(payload)

  test('leaves facts out before alerts, and says how many', () => {
    const facts = Array.from({ length: 30 }, (_, index) => ({
      text: `deployment ${index} ${'x'.repeat(150)}`,
    }))
    const one = textOf(
      teamsPayload(
        message({
          alerts: Array.from({ length: 12 }, (_, index) => alert({ summary: `no ${index}`, facts })),
        }),
      ),
    )
    for (let index = 0; index < 12; index += 1) expect(one).toContain(`"no ${index}"`)
    expect(one).toMatch(/and \d\d more facts/)
    expect(textOf(teamsPayload(flood()))).toMatch(/and 1\d\d more alerts/)
  })

  test.each([
    ['a_b *c* [d](e)', String.raw`a_b \\*c\\* [d\\](e)`],
    ['_a_', String.raw`\\_a\\_ is slow`],
    ['a] [b', String.raw`[a\\] \\[b](https://git`],
    ['# a', String.raw`\\# a is`],
    ['1. a', String.raw`1\\. a is`],
    ['<at>a</at>', '&lt;at&gt;a&lt;/at&gt;'],
    ['a-b.c/d', 'a-b.c/d'],
  ])('shows %s as it is', (name, expected) => {
    expect(textOf(teamsPayload(named(name)))).toContain(expected)
  })

  test('that the schema does not allow is found out', () => {
    expect(complaintOfElement({ type: 'TextBlock', text: 'a', wrap: true })).toBeUndefined()
    expect(complaintOfElement({ type: 'TextBlock', text: 'a', wrap: true, colour: 'Good' })).toContain(
      'colour',
    )
    expect(complaintOfElement({ type: 'FactSet', facts: [{ title: 'a' }] })).toContain('FactSet.facts')
    expect(complaintOfElement({ type: 'Container' })).toContain('without items')
  })
})
