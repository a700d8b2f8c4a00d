import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { folders, run } from './program.ts'

const temporary = folders()
afterAll(() => temporary.remove())
const root = join(import.meta.dirname, '..', '..')

const rules = 'rules:\n  - { name: fails, metric: changeFailRate, above: 15%, test: naive }\n'
const series = 'series:\n  - { metric: changeFailRate, service: shop, values: 1/20 5/20 }\n'
const asExpected = 'tests:\n  - { at: 0h, alerts: [] }\n  - { at: 1h, alerts: [{ rule: fails }] }\n'

test('the example in docs is as it says', async () => {
  expect(await run(['alerts', 'verify', 'docs/alerts-verify.yaml'], { cwd: root })).toMatchObject({
    code: 0,
    stdout: 'docs/alerts-verify.yaml: 9 tests, all as expected\n',
    stderr: '',
  })
})

test('rules stand in the file, in one of their own, or in the configuration', async () => {
  const cwd = temporary.with({
    'own.yaml': rules + series + asExpected,
    'beside.yaml': `rules: web-rules.yaml\n${series}${asExpected}`,
    'web-rules.yaml': rules,
    'none.yaml': series + asExpected,
    'dorado.yaml': 'alerts: { files: [web-rules.yaml] }\n',
  })
  const { code, stdout } = await run(['alerts', 'verify', 'own.yaml', 'beside.yaml', 'none.yaml'], { cwd })
  expect(stdout).toBe(
    ['own', 'beside', 'none'].map((name) => `${name}.yaml: 2 tests, all as expected\n`).join(''),
  )
  expect(code).toBe(0)
})

test('a test that fails is told with what was expected and what there is', async () => {
  const cwd = temporary.with({
    'a.yaml': `${rules}${series}tests:
  - { at: 0h, alerts: [{ rule: fails, severity: critical, labels: { service: shop } }] }
  - { at: 1h, alerts: [] }
`,
  })
  const { code, stdout } = await run(['alerts', 'verify', 'a.yaml'], { cwd })
  expect(code).toBe(1)
  expect(stdout).toBe(`a.yaml: 2 tests, 2 FAILED
  tests[0], at 0s:
    expected: firing critical fails {service=shop}
    got:      no other alert
  tests[1], at 1h:
    expected: no other alert
    got:      firing warning fails {service=shop, team=none, environment=production} "changeFailRate of shop is 25 % (threshold 15 %, n 20)"
`)
})

test.each([
  [rules + series, 'a.yaml:1:1: tests: is missing'],
  [
    `${rules}${series}tests:\n  - { at: 0h, alerts: [{ rule: fail }] }\n`,
    'a.yaml:6:26: tests[0].alerts[0].rule: there is no rule fail; there are fails',
  ],
  [`rules: other.yaml\n${series}${asExpected}`, 'other.yaml: there is no such file of rules'],
  [`rules: bad.yaml\n${series}${asExpected}`, 'bad.yaml:2:5: rules[0].metric: is missing'],
  [
    `rules:\n  - { name: a, metric: leadTime, above: 15% }\n${series}${asExpected}`,
    'a.yaml:2:34: rules[0].above: 15% is no duration; write 2d or 36h',
  ],
  [
    `${rules}series:\n  - { metric: leadTime, service: shop, values: 2x }\n${asExpected}`,
    'a.yaml:4:40: series[0].values: 2x is no duration',
  ],
  [`${rules}${series}tests: [\n`, 'this is no YAML'],
])('what is wrong is told with its place: %#', async (text, problem) => {
  const cwd = temporary.with({ 'a.yaml': text, 'bad.yaml': 'rules:\n  - { name: a, above: 15% }\n' })
  const { code, stderr } = await run(['alerts', 'verify', 'a.yaml'], { cwd })
  expect(stderr).toContain(problem)
  expect(code).toBe(2)
})
