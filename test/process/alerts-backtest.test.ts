import { afterAll, beforeAll, expect, test } from 'vitest'
import { folders, run } from './program.ts'

const temporary = folders()
const dayMs = 86_400_000
const end = Math.floor(Date.now() / dayMs) * dayMs
const day = (ago: number) => new Date(end - ago * dayMs).toISOString().slice(0, 10)
let cwd: string

/** Ten deployments a day; from the 40th to the 30th day ago every second fails, else none. */
function deployments() {
  return Array.from({ length: 600 }, (_, index) => {
    const at = end - 60 * dayMs + (index * dayMs) / 10 + 1000
    const isBad = at >= end - 40 * dayMs && at < end - 30 * dayMs
    return {
      kind: 'deployment',
      source: 'ci',
      id: String(index),
      service: 'shop',
      environment: 'production',
      finishedAt: new Date(at).toISOString(),
      outcome: isBad && index % 2 === 0 ? 'failure' : 'success',
    }
  })
}

beforeAll(async () => {
  cwd = temporary.with({
    'dorado.yaml': `since: ${day(60)}
windows: [7d, 30d]
services: [{ name: shop, team: web }]
alerts: { rules: [{ name: fails, metric: changeFailRate, window: 7d, above: 20%, for: 1h, test: naive, clear: 20% }] }
`,
    'other.yaml': 'rules: [{ name: other, metric: changeFailRate, window: 7d, above: 45%, test: naive }]\n',
    'bad.yaml': 'rules: [{ name: bad, metric: changeFailRate, window: 14d, above: 45% }]\n',
    'facts.ndjson': deployments(),
  })
  expect((await run(['import', 'facts.ndjson'], { cwd })).code).toBe(0)
})
afterAll(() => temporary.remove())

const backtest = (...args: string[]) => run(['alerts', 'backtest', ...args], { cwd })

test('tells when a rule would have fired, and what that is made of', async () => {
  const { code, stdout } = await backtest('fails', '--since', day(50), '--until', day(0))
  expect(code).toBe(0)
  // At the end of the third bad day 15 of 70 failed, for a day by the fourth; 15 of 70 are left on the 26th day ago.
  expect(stdout).toMatch(new RegExp(`│ ${day(36)} │ ${day(25)} │ 11d {4}│ warning  │ 50 % {2}│ shop │`))
  expect(stdout).toContain('It would have fired once, of 1 subject; 22.0 % of the time something fires.')
  expect(stdout).toContain('A past day is looked at once, at its end (UTC)')
  expect(stdout).toContain('for: 1h therefore asks for a breach at the ends of 2 days in a row.')
  expect(stdout).toMatch(/1 │ {14}█{11}\n0 └─{51}/)
  expect(stdout).toMatch(/│ above 20 % │ 1 {5}│ 22\.0 % {6}│ ← as it is │/)
  expect(stdout).toMatch(/│ above 40 % │ 1/)
})

test('the same as JSON, and of a rule that is not configured', async () => {
  const args = ['--since', day(50), '--until', day(0), '--format', 'json']
  const known = JSON.parse((await backtest('fails', ...args)).stdout) as object
  expect(known).toMatchObject({
    rule: 'fails',
    instants: 51,
    everySeconds: 86_400,
    fired: 1,
    firings: [{ labels: { service: 'shop', team: 'web' }, from: `${day(36)}T00:00:00.000Z`, worst: 0.5 }],
  })
  // More than 45 % only from the 34th day ago on, when six of seven days were bad and the seventh not.
  const other = JSON.parse((await backtest('--file', 'other.yaml', ...args)).stdout) as { firings: object[] }
  expect(other.firings).toMatchObject([{ from: `${day(33)}T00:00:00.000Z` }])
})

test.each([
  [['fail', '--since', '2026-01-01'], 'no rule fail; did you mean fails?'],
  [['--since', '2026-01-01'], 'which rule? There are fails'],
  [['fails', '--since', 'yesterday'], '--since: "yesterday" is no instant'],
  [['fails', '--since', '2026-01-01', '--until', '2025-01-01'], 'nothing lies between'],
  [
    ['fails', '--since', '2026-01-01', '--service', 'shp'],
    '--service shp: there is no such service; did you mean shop?',
  ],
  [['fails', '--since', '2026-01-01', '--format', 'csv'], '--format csv: write table or json'],
  [
    ['--file', 'bad.yaml', '--since', '2026-01-01'],
    'bad.yaml:1:46: rules[0].window: bad: window 14d is none of windows (7d, 30d)',
  ],
  [['--file', 'none.yaml', '--since', '2026-01-01'], 'none.yaml: there is no such file of rules'],
])('%j is refused', async (args, problem) => {
  const { code, stderr } = await backtest(...args)
  expect(stderr).toContain(problem)
  expect(code).toBe(2)
})

test('a configuration elsewhere is named behind the command', async () => {
  const args = ['alerts', 'backtest', 'fails', '--since', day(50), '--config', `${cwd}/dorado.yaml`]
  const { code, stdout } = await run(args, { cwd: temporary.make() })
  expect(code).toBe(0)
  expect(stdout).toContain('It would have fired once')
})
