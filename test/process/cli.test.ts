import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { madeDeployment } from './made-facts.ts'
import { folders, run } from './program.ts'
import { storeIn } from './stored.ts'

const temporary = folders()
afterAll(() => temporary.remove())

const nothing = 'services: []\n'

/** Where one deployment of the service shop is stored. */
let shop: string
beforeAll(async () => {
  shop = temporary.with({ 'dorado.yaml': nothing, 'facts.ndjson': [madeDeployment('1')] })
  expect(await run(['import', 'facts.ndjson'], { cwd: shop })).toMatchObject({ code: 0, stderr: '' })
})

describe.concurrent('usage', () => {
  const commands = [
    'start',
    'refresh',
    'backfill',
    'rebuild',
    'report',
    'explain',
    'import',
    'export',
    'check',
    'git',
    'config',
  ]

  test.each([[], ...commands.map((command) => [command])])('--help of dorado %s', async (...command) => {
    const { code, stdout, stderr } = await run([...command, '--help'], { cwd: temporary.make() })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Usage: dorado/)
    for (const each of command.length === 0 ? commands : []) expect(stdout).toContain(`\n  ${each} `)
  })

  test.each<[string[], RegExp]>([
    [['nonsense'], /^error: unknown command 'nonsense'/],
    [['repor'], /Did you mean report\?/],
    [['report', '--nonsense'], /^error: unknown option '--nonsense'/],
    [['report', 'extra'], /^error: too many arguments/],
    [['report', '--format', 'xml'], /^dorado: --format xml: write table, json or csv$/m],
    [['report', '--window', '7'], /^dorado: --window 7: write whole days/],
    [['report', '--window', '0d'], /^dorado: --window 0d: write whole days/],
    [['report', '--window', '99999999999d'], /^dorado: --window 99999999999d: write whole days/],
    [['report', '--as-of', 'yesterday'], /^dorado: --as-of: "yesterday" is no instant/],
    [['report', '--as-of', '2026-03-02T10:00:00'], /^dorado: --as-of: .* has no zone/],
    [['report', '--service', 'shap'], /^dorado: no service shap; there are shop$/m],
    [['report', '--team', 'none'], /^dorado: no team none; there are none$/m],
    [['explain', 'shop', 'speed'], /^dorado: no metric speed; there are deploymentFrequency, /],
    [['explain', 'shap', 'leadTime'], /^dorado: no service shap: did you mean shop\? There are shop$/m],
    [['explain', 'shop'], /^error: missing required argument 'metric'/],
    [['explain', 'shop', 'leadTime', '--window', '7d,30d'], /write one window/],
    [['export', 'everything'], /^dorado: export everything: write facts or points$/m],
    [['check', '--format', 'csv'], /^dorado: --format csv: write table or json$/m],
    [['backfill'], /^error: required option '--since <date>'/],
    [['backfill', '--since', '2026-02-30'], /^dorado: --since: .* does not exist$/m],
    [['backfill', '--since', '2200-01-01'], /^dorado: --since 2200-01-01: is in the future$/m],
    [['backfill', '--since', '2026-01-01', '--source', 'x'], /^dorado: no source x; there are none$/m],
    [['import', 'missing.ndjson'], /^dorado: cannot read missing\.ndjson: ENOENT/],
    [['import', '.'], /^dorado: cannot read \.: EISDIR/],
    [['report', '--config', 'missing.yaml'], /^dorado: missing\.yaml not found: write one/],
    [['report', '--config', '.'], /^dorado: \.: the configuration cannot be read: EISDIR/],
  ])('%j is refused', async (args, message) => {
    const { code, stdout, stderr } = await run(args, { cwd: shop })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/\n {4}at /)
  })

  test.each(['refresh', 'report', 'config', 'check'])('%s without a configuration', async (command) => {
    const { code, stderr } = await run([command], { cwd: temporary.make() })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^dorado: dorado\.yaml not found: write one.*\n$/)
  })

  test.each(['report', 'rebuild', 'export facts', 'explain shop leadTime'])(
    '%s without a store',
    async (command) => {
      const folder = temporary.with({ 'dorado.yaml': nothing })
      const { code, stderr } = await run(command.split(' '), { cwd: folder })
      expect(code).toBe(2)
      expect(stderr).toMatch(
        /^dorado: store dorado\.db does not exist yet: run dorado refresh or import first\n$/,
      )
      expect(existsSync(storeIn(folder))).toBe(false)
    },
  )
})
