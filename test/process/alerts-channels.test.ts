import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { listen, type Loopback, type Reply } from '../core/loopback.ts'
import { folders, run, start } from './program.ts'

const temporary = folders()
afterAll(() => temporary.remove())
let slack: Loopback
let hook: Loopback
let reply: Reply
let onMessage: () => void
beforeEach(async () => {
  reply = { status: 403, body: 'invalid_token' }
  onMessage = () => {}
  slack = await listen(() => {
    onMessage()
    return reply
  })
  hook = await listen(() => ({}))
})
afterEach(async () => {
  await slack.close()
  await hook.close()
})

const dayMs = 86_400_000

/** With a third of the deployments of each service failed. */
function folder(services = ['shop'], groupBy = 'team'): string {
  const end = Date.now()
  return temporary.with({
    'dorado.yaml': `since: ${new Date(end - 60 * dayMs).toISOString().slice(0, 10)}
services: [${services.map((name) => `{ name: ${name}, team: web }`).join(', ')}]
channels:
  - { kind: slack, url: "${slack.url}/services/T/B/x" }
  - { kind: webhook, name: hook, url: "${hook.url}" }
alerts:
  rules: [{ name: fails, metric: changeFailRate, above: 20% }]
  routes: [{ channels: [slack], groupBy: [${groupBy}], goesOn: true }, { match: { service: nobody }, channels: [hook] }]
`,
    'facts.ndjson': services.flatMap((service) =>
      Array.from({ length: 70 }, (_, index) => ({
        kind: 'deployment',
        source: 'ci',
        id: `${service}-${index}`,
        service,
        environment: 'production',
        finishedAt: new Date(end - 7.5 * dayMs + (index * dayMs) / 10).toISOString(),
        outcome: index % 3 === 0 ? 'failure' : 'success',
      })),
    ),
  })
}

test('a channel that refuses is told of on the other one, and shown by alerts and check', async () => {
  const cwd = folder()
  await run(['import', 'facts.ndjson'], { cwd })
  const refreshed = await run(['refresh'], { cwd })
  expect(refreshed.stdout).toMatch(/channel slack: FAILED: .*invalid_token.* \(0 messages sent, 1 given up\)/)
  expect(refreshed.stdout).toContain('channel hook: 1 messages sent')
  expect(hook.received.map(({ body }) => JSON.parse(body) as object)).toMatchObject([
    {
      status: 'firing',
      severity: 'critical',
      labels: { rule: 'channel down', channel: 'slack' },
      title: expect.stringContaining('Channel slack did not take a message, given up for good:') as string,
    },
  ])
  const listed = await run(['alerts'], { cwd })
  expect(listed.stdout).toMatch(
    /channel slack: DOWN: 0 wait, 1 given up; takes nothing since .*, told to hook; last: .*invalid_token/,
  )
  const checked = await run(['check'], { cwd })
  expect(checked.code).toBe(1)
  expect(checked.stdout).toMatch(/WRONG channel slack: messages: 0 wait, 1 given up; takes nothing since/)
  // The next refresh of the hour has nothing to add.
  await run(['refresh'], { cwd })
  expect(hook.received).toHaveLength(1)
})

test('a stop ends a burst, and the next refresh goes on', async () => {
  const services = Array.from({ length: 12 }, (_, index) => `service-${index}`)
  const cwd = folder(services, 'service')
  reply = { body: 'ok' }
  await run(['import', 'facts.ndjson'], { cwd })
  const refreshing = start(['refresh'], { cwd })
  onMessage = () => {
    if (slack.received.length === 3) refreshing.child.kill('SIGTERM')
  }
  expect((await refreshing.ended).code).not.toBe(0)
  // One a second: it could not have sent them all by then.
  expect(slack.received.length).toBeLessThan(services.length)
  onMessage = () => {}
  const listed = await run(['alerts'], { cwd })
  expect(listed.stdout).toMatch(/channel slack: \d+ wait, 0 given up\n/)
  const again = await run(['refresh'], { cwd })
  expect(again.stdout).toMatch(/channel slack: \d+ messages sent/)
  // Only the one that was on its way, if any, is left for when its lease is over.
  const told = new Set(slack.received.map(({ body }) => /changeFailRate of (service-\d+)/.exec(body)?.[1]))
  expect(told.size).toBeGreaterThanOrEqual(11)
})
