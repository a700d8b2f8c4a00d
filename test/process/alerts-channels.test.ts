import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { listen, type Loopback, type Reply } from '../core/loopback.ts'
import { folders, run } from './program.ts'

const temporary = folders()
afterAll(() => temporary.remove())
let slack: Loopback
let hook: Loopback
let reply: Reply
beforeEach(async () => {
  reply = { status: 403, body: 'invalid_token' }
  slack = await listen(() => reply)
  hook = await listen(() => ({}))
})
afterEach(async () => {
  await slack.close()
  await hook.close()
})

const dayMs = 86_400_000

function folder(): string {
  const end = Date.now()
  return temporary.with({
    'dorado.yaml': `since: ${new Date(end - 60 * dayMs).toISOString().slice(0, 10)}
services: [{ name: shop, team: web }]
channels:
  - { kind: slack, url: "${slack.url}/services/T/B/x" }
  - { kind: webhook, name: hook, url: "${hook.url}" }
alerts:
  rules: [{ name: fails, metric: changeFailRate, above: 20% }]
  routes: [{ channels: [slack], goesOn: true }, { match: { team: other }, channels: [hook] }]
`,
    'facts.ndjson': Array.from({ length: 70 }, (_, index) => ({
      kind: 'deployment',
      source: 'ci',
      id: String(index),
      service: 'shop',
      environment: 'production',
      finishedAt: new Date(end - 7.5 * dayMs + (index * dayMs) / 10).toISOString(),
      outcome: index % 3 === 0 ? 'failure' : 'success',
    })),
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
