import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { listen, type Loopback, type Reply } from '../core/loopback.ts'
import { failingWeek } from './made-facts.ts'
import { folders, run, start } from './program.ts'
import { integrityOf } from './stored.ts'

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

function folderWith(alerts: string): string {
  const since = new Date(Date.now() - 60 * dayMs).toISOString().slice(0, 10)
  return temporary.with({
    'dorado.yaml': `since: ${since}
services: [{ name: shop, team: web }]
channels: [{ kind: slack, url: "${server.url}/services/T/B/x" }]
${alerts}`,
    'facts.ndjson': failingWeek(),
  })
}

test('a breach is told to the channel once, listed, shown without being sent, and silenced', async () => {
  const cwd = folderWith('alerts: { builtIn: true }\n')
  expect((await run(['import', 'facts.ndjson'], { cwd })).code).toBe(0)
  const tried = await run(['alerts', 'test'], { cwd })
  expect(tried.code).toBe(0)
  expect(tried.stdout).toMatch(/10 rules on the points of .*: \d would fire, \d messages?/)
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
  const asJson = await run(['alerts', '--format', 'json'], { cwd })
  expect(JSON.parse(asJson.stdout)).toMatchObject({
    alerts: [{ rule: 'fails', state: 'firing', labels: { service: 'shop', team: 'web' }, quiet: [] }],
    silences: [],
    muteTimes: [],
    channels: [{ channel: 'slack', waiting: 0, givenUp: 0, oldest: null, error: null }],
  })
})

test('silences are set and ended beside a running process', async () => {
  const inHalfAYear = new Date(Date.now() + 183 * 86_400_000).toISOString().slice(0, 10)
  const cwd = folderWith('alerts: { rules: [{ name: fails, metric: changeFailRate, above: 20% }] }\n')
  const program = start(['start'], { cwd })
  try {
    await program.says('until Ctrl-C')
    const silenced = await Promise.all([
      run(['alerts', 'silence', '--match', 'team=web', '--for', '2h', '--comment', 'moving house'], { cwd }),
      run(
        [
          'alerts',
          'silence',
          '--match',
          'service=/sh.p/',
          '--until',
          inHalfAYear,
          '--author',
          'the night shift',
        ],
        { cwd },
      ),
    ])
    for (const { code, stderr } of silenced) expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const id = /^silence (\w{8}): team=web until /.exec(silenced[0].stdout)?.[1]
    expect(silenced[1].stdout).toMatch(/^silence \w{8}: service=\/sh\.p\/ until /)
    expect(silenced[1].stdout.endsWith(` until ${inHalfAYear}T00:00:00.000Z\n`)).toBe(true)
    expect((await run(['alerts'], { cwd })).stdout).toMatch(/: team=web until .*: moving house \(set .*\)\n/)
    expect((await run(['alerts', 'unsilence', id!], { cwd })).stdout).toBe(`silence ${id} removed\n`)
    expect(await run(['alerts', 'unsilence', id!], { cwd })).toMatchObject({ code: 2 })
    expect((await run(['alerts'], { cwd })).stdout).not.toContain('moving house')
  } finally {
    program.child.kill('SIGTERM')
  }
  expect(await program.ended).toMatchObject({ code: 0, stderr: '' })
  expect(integrityOf(cwd)).toBe('ok')
})

test('what is silenced when it is evaluated is not sent', async () => {
  const cwd = folderWith('alerts: { rules: [{ name: fails, metric: changeFailRate, above: 20% }] }\n')
  await run(['import', 'facts.ndjson'], { cwd })
  await run(['alerts', 'silence', '--match', 'service=/sh.p/', '--for', '2h'], { cwd })
  expect((await run(['refresh'], { cwd })).stdout).toContain('alerts: 1 firing')
  expect(server.received).toEqual([])
})

test('a heartbeat that fails is shown by check, and fails nothing else', async () => {
  const cwd = folderWith(`alerts: { heartbeat: { url: "${server.url}/ping/abcdefgh" } }\n`)
  reply = { status: 503 }
  const refreshed = await run(['refresh'], { cwd })
  expect(refreshed).toMatchObject({ code: 0, stderr: expect.stringContaining('heartbeat: GET 127.0.0.1:') })
  const failing = await run(['check'], { cwd })
  expect(failing.code).toBe(1)
  expect(failing.stdout).toMatch(/^WRONG heartbeat: last: failed since .*: 503; never told$/m)
  reply = {}
  await run(['refresh'], { cwd })
  expect((await run(['check'], { cwd })).stdout).toMatch(/^ok {4}heartbeat: last: last told of \d{4}-.* at /m)
  expect(refreshed.stderr + failing.stdout).not.toContain('abcdefgh')
})

test.each([
  [['--match', 'team=web'], 'takes either --for, such as 2h, or --until an instant'],
  [['--match', 'team=web', '--until', '2020-01-01'], 'silence: it would end before it begins'],
  [['--match', 'team=web', '--until', '2999-01-01'], 'silence: it would end more than a year from now'],
  [['--match', 'team=web', '--for', '100000000d'], 'silence: it would end more than a year from now'],
  [['--match', 'team=/.*/', '--for', '1h'], 'silence: match: team=/.*/ is every alert without these labels'],
  [['--match', 'team=/(/', '--for', '1h'], '/(/ is no regular expression'],
  [['--match', 'web', '--for', '1h'], '--match web: write a label and its value'],
  [['--match', 'team=web', '--for', '2'], '--for: "2" is no duration'],
  [['--match', 'team=web', '--for', '2h'], 'store dorado.db does not exist yet'],
])('a silence %j is refused: %s', async (flags, problem) => {
  const cwd = folderWith('')
  const { code, stderr } = await run(['alerts', 'silence', ...flags], { cwd })
  expect(code).toBe(2)
  expect(stderr).toContain(problem)
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
  ['routes: [{ match: { team: "/(/" }, channels: [slack] }]', '/(/ is no regular expression'],
  ['muteTimes: [{ name: night, times: [22-6] }]', 'alerts.muteTimes[0].times[0]: "22-6" is no time of day'],
  ['muteTimes: [{ name: night, days: [sunnday] }]', 'did you mean sunday?'],
  ['muteTimes: [{ name: night, days: [sunday] }]', 'alerts.muteTimes[0].name: no route names night'],
  ['inhibit: [{ when: {}, quiet: { severity: info } }]', 'is empty; name a label and its value'],
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
