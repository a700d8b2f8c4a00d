import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { listen, type Loopback, type Reply } from '../core/loopback.ts'
import { folders, run } from './program.ts'

const temporary = folders()
afterAll(() => temporary.remove())
let server: Loopback
let reply: Reply
beforeEach(async () => {
  reply = { body: 'ok' }
  server = await listen(() => reply)
})
afterEach(() => server.close())

const dayMs = 86_400_000

/** A week of ten deployments a day of which every third fails. */
function facts() {
  const end = Date.now()
  return Array.from({ length: 70 }, (_, index) => ({
    kind: 'deployment',
    source: 'ci',
    id: String(index),
    service: 'shop',
    environment: 'production',
    finishedAt: new Date(end - 7.5 * dayMs + (index * dayMs) / 10).toISOString(),
    outcome: index % 3 === 0 ? 'failure' : 'success',
  }))
}

function folderWith(alerts: string): string {
  const since = new Date(Date.now() - 60 * dayMs).toISOString().slice(0, 10)
  return temporary.with({
    'dorado.yaml': `since: ${since}
services: [{ name: shop, team: web }]
channels: [{ kind: slack, url: "${server.url}/services/T/B/x" }]
${alerts}`,
    'facts.ndjson': facts(),
  })
}

test('a breach is told to the channel once, listed, shown without being sent, and silenced', async () => {
  const cwd = folderWith('alerts: { builtIn: true }\n')
  expect((await run(['import', 'facts.ndjson'], { cwd })).code).toBe(0)
  const tried = await run(['alerts', 'test'], { cwd })
  expect(tried.code).toBe(0)
  expect(tried.stdout).toMatch(/10 rules on the points of .*: \d would fire, \d messages/)
  expect(tried.stdout).toContain('changeFailRate of shop is')
  expect(server.received).toEqual([])

  const silenced = await run(['alerts', 'silence', '--match', 'team=web', '--for', '1s'], { cwd })
  expect(silenced.stdout).toMatch(/^silence [0-9a-f]{8}: team=web until /)
  const tested = await run(['alerts', 'send-test', 'slack'], { cwd })
  expect(tested).toMatchObject({ code: 0, stdout: 'channel slack: the test message was taken\n' })
  expect(server.received).toHaveLength(1)
  expect((await run(['alerts', 'send-test', 'pager'], { cwd })).stderr).toContain(
    'no channel pager; there is slack',
  )
  reply = { status: 404, body: 'no_service' }
  expect(await run(['alerts', 'send-test', 'slack'], { cwd })).toMatchObject({ code: 1 })
})

test('a refresh evaluates the rules and sends, and the next of the same hour repeats nothing', async () => {
  const cwd = folderWith(
    'alerts: { rules: [{ name: fails, metric: changeFailRate, above: 20%, runbook: "Look at the last deployment" }] }\n',
  )
  await run(['import', 'facts.ndjson'], { cwd })
  const first = await run(['refresh'], { cwd })
  expect(first.stdout).toContain('alerts: 1 firing')
  expect(first.stdout).toContain('channel slack: 1 messages sent')
  expect(server.received).toHaveLength(1)
  expect(server.received[0]?.body).toContain('changeFailRate of shop is')
  expect(server.received[0]?.body).toContain('Look at the last deployment')
  const again = await run(['refresh'], { cwd })
  expect(again.code).toBe(0)
  const listed = await run(['alerts'], { cwd })
  expect(listed.stdout).toMatch(
    /1 rules, 1 channels, as of .*\n1 firing:\n {2}warning: changeFailRate of shop is/,
  )
  expect(listed.stdout).toContain('channel slack: 0 wait, 0 given up')
})

test('the edges of bands are those of the configured edition, and a budget is told of', async () => {
  const rules = `alerts:
  rules:
    - { name: band, metric: changeFailRate, above: { warning: elite, critical: medium } }
    - { name: budget, metric: changeFailRate, window: 7d, budget: 10%, above: 1.5x, alsoIn: 1d }
`
  const cwd = folderWith(`edition: "2021"\n${rules}`)
  await run(['import', 'facts.ndjson'], { cwd })
  const { code, stdout } = await run(['alerts', 'test'], { cwd })
  expect(code).toBe(0)
  // A third fails; of a hundred, 2021 has the edges at 15 and 30, and the bound lies between them.
  expect(stdout).toMatch(/warning.*\n?.*changeFailRate of shop is 3\d(\.\d)? % \(threshold 15 %/)
  expect(stdout).toMatch(/Burn: 3\.\d+x of a budget of 10 %/)
  expect(stdout).toMatch(/Budget left: nothing: \d+ of \d+ failed, \d may/)
})

test.each([
  ['rules: [{ name: a, metric: changeFailRat, above: 1% }]', 'did you mean changeFailRate?'],
  ['rules: [{ name: a, metric: changeFailRate, above: 2d }]', '2d is no rate; write 15%'],
  ['rules: [{ name: a, metric: leadTime, above: 15% }]', '15% is no duration; write 2d or 36h'],
  ['rules: [{ name: a, metric: leadTime, above: 1d, window: 14d }]', 'window 14d is none of windows'],
  [
    'rules: [{ name: a, metric: leadTime, above: 1d, message: "{{valu}}" }]',
    '{{valu}} is not known; write one of',
  ],
  ['routes: [{ channels: [pager] }]', 'no channel pager; there are slack'],
  ['routes: [{ match: { team: a }, channels: [] }]', 'alerts.routes[0].channels'],
  [
    'rules: [{ name: a, metric: leadTime, above: 1d }, { name: a, metric: leadTime, above: 2d }]',
    'a is the name of another rule, too',
  ],
  [
    'rules: [{ name: a, metric: leadTime, above: 150%, comparedWith: 45d }]',
    'alerts.rules[0].comparedWith: a: comparedWith 45d is none of windows (7d, 30d, 90d)',
  ],
  [
    'rules: [{ name: a, metric: leadTime, above: 3sd, comparedWith: 90d }]',
    'alerts.rules[0].comparedWith: 3 windows of 30d fit into 90d, and a standard deviation needs 8',
  ],
  [
    'rules: [{ name: a, metric: leadTime, above: 1d, window: 90d }]',
    /alerts\.rules\[0\]\.window: a: window 90d is longer than what is known since [\d-]+ \((?:59|60)d\); write an earlier since, or window: 30d/,
  ],
  [
    'rules: [{ name: a, metric: leadTime, below: elite }]',
    'alerts.rules[0].below: what is below elite is good; write above: elite',
  ],
])('%s is refused at load, with its place', async (text, problem) => {
  const cwd = folderWith(`alerts: { ${text} }\n`)
  const { code, stderr } = await run(['check'], { cwd })
  expect(code).toBe(2)
  expect(stderr).toMatch(problem)
  expect(stderr).toMatch(/dorado\.yaml:\d+:\d+: alerts/)
})
