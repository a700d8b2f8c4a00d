import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { folders, run } from './program.ts'

const temporary = folders()
afterAll(() => temporary.remove())

const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'junit', `${name}.xml`), 'utf8')
const shop = 'services:\n  - { name: shop, repository: acme/shop }\n'
const at = new Date(Date.now() - 3_600_000).toISOString()
const told = ['--repository', 'acme/shop', '--run', '7701', '--at', at]

let folder: string
beforeAll(() => {
  folder = temporary.with({
    'dorado.yaml': shop,
    'surefire.xml': fixture('surefire'),
    'jest.xml': fixture('jest'),
    'cut.xml': fixture('jest').slice(0, 500),
    'coverage.xml': '<coverage/>',
  })
})

describe('import --junit', () => {
  test.each<[string, string[], RegExp]>([
    [
      'a file that is cut off',
      ['--junit', 'cut.xml', ...told],
      /^dorado: cut\.xml:\d+: is no XML that can be read: unclosed root tag\n$/,
    ],
    [
      'a folder with such a file',
      ['--junit', '.', ...told],
      /^(?:.*passed over.*\n)*dorado: cut\.xml:\d+: .*unclosed root tag\n$/,
    ],
    [
      'another kind of XML',
      ['--junit', 'coverage.xml', ...told],
      /^dorado: coverage\.xml: is no JUnit XML: its root is no testsuites or testsuite\n$/,
    ],
    [
      'no repository',
      ['--junit', 'jest.xml'],
      /^dorado: --junit: say whose tests these are with --repository/,
    ],
    [
      'no time',
      ['--junit', 'surefire.xml', '--repository', 'acme/shop'],
      /^dorado: surefire\.xml: no test suite has a timestamp: say when they ran with --at/,
    ],
    [
      'options of it without it',
      ['facts.ndjson', '--run', '1'],
      /^dorado: import: --run goes with --junit\n$/,
    ],
  ])('%s is refused in one line, and nothing is stored', async (_, args, message) => {
    expect(await run(['import', ...args], { cwd: folder })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(message),
    })
    expect(existsSync(join(folder, 'dorado.db'))).toBe(false)
  })
})

test('what was imported is known, changes nothing when imported again, and goes on elsewhere', async () => {
  const cwd = temporary.with({
    'dorado.yaml': shop,
    'jest.xml': fixture('jest'),
    'surefire.xml': fixture('surefire'),
    'other.yaml': `${shop}store: other.db\n`,
  })
  const first = await run(['import', '--junit', '.', ...told], { cwd })
  expect(first).toMatchObject({ code: 0, stderr: '' })
  expect(first.stdout).toMatch(/^\.: 7 tests in 2 files, 4 failed, new or changed; \d+ points changed\n$/)
  const again = await run(['import', '--junit', '.', ...told], { cwd })
  expect(again.stdout).toMatch(/known already/)
  const { stdout: facts } = await run(['export', 'facts'], { cwd })
  expect(facts.trim().split('\n')).toHaveLength(1)
  expect(JSON.parse(facts)).toMatchObject({
    kind: 'testReport',
    repository: 'acme/shop',
    run: '7701',
    startedAt: at,
  })

  const elsewhere = temporary.with({
    'dorado.yaml': shop,
    'facts.ndjson': facts
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
  })
  expect(await run(['import', 'facts.ndjson'], { cwd: elsewhere })).toMatchObject({ code: 0 })
  expect((await run(['export', 'facts'], { cwd: elsewhere })).stdout).toBe(facts)

  const { stdout: report } = await run(['report', '--flaky'], { cwd })
  expect(report).toContain('None is known')
  const explained = await run(['explain', 'shop', 'flaky-tests', '--format', 'json'], { cwd })
  expect(JSON.parse(explained.stdout)).toMatchObject({
    repositories: [{ repository: 'acme/shop', window: { reports: 1, tests: 7 }, flaky: [] }],
  })
})
