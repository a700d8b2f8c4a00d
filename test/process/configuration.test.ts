import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { configurationOf } from '../../demo/configuration.ts'
import { startDemo, type Demo } from '../../demo/start.ts'
import { madeDeployment } from './made-facts.ts'
import { folders, run } from './program.ts'
import { storeIn } from './stored.ts'

const temporary = folders()
afterAll(() => temporary.remove())

describe.concurrent('configuration', () => {
  test('every error is one line with file, line and key', async () => {
    const folder = temporary.with({
      'dorado.yaml': [
        'timezone: Europe/Berlni',
        'services:',
        '  - name: shop',
        '    repositry: acme/shop',
        '  - name: shop',
        '    attributionWindow: soon',
        'sources:',
        '  - kind: githob',
        '  - kind: github',
        '    token: ${NO_SUCH_TOKEN}',
        '    repositories: [acme/shop]',
        '',
      ].join('\n'),
    })
    const { code, stdout, stderr } = await run(['refresh'], { cwd: folder })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    const lines = stderr
      .replace(/^dorado: /, '')
      .trimEnd()
      .split('\n')
    expect(lines.map((line) => /^dorado\.yaml:(\d+):\d+: ([\w[\].]+): /.exec(line)?.slice(1))).toEqual([
      ['1', 'timezone'],
      ['4', 'services[0].repositry'],
      ['5', 'services[1].name'],
      ['6', 'services[1].attributionWindow'],
      ['8', 'sources[0].kind'],
      ['10', 'sources[1].token'],
    ])
    expect(lines[0]).toContain('did you mean Europe/Berlin?')
    expect(lines[2]).toContain('services[0] is called shop too')
    expect(lines[5]).toContain('NO_SUCH_TOKEN')
    expect(existsSync(storeIn(folder))).toBe(false)
  })

  test('secrets are masked', async () => {
    const secret = 'very-secret-token-4711'
    const folder = temporary.with({
      'dorado.yaml':
        'sources:\n  - kind: github\n    token: ${GITHUB_TOKEN}\n    repositories: [acme/shop]\n',
      'wrong.yaml': 'sources:\n  - kind: ${GITHUB_TOKEN}\n    token: ${GITHUB_TOKEN}\n    repositories: 5\n',
    })
    const env = { GITHUB_TOKEN: secret }
    const shown = await run(['config'], { cwd: folder, env })
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toContain('acme/shop')
    const wrong = await run(['config', '--config', 'wrong.yaml'], { cwd: folder, env })
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('wrong.yaml:2')
    for (const text of [shown.stdout, wrong.stderr, wrong.stdout]) expect(text).not.toContain(secret)
  })

  test('names with blanks, quotes, commas and slashes come through unharmed', async () => {
    const names = ['we, "ird"=näme / 💥', "it's", '../up', '__proto__', 'back\\slash', 'a,b']
    const services = names.map((name) => ({ name, team: `team ${name}` }))
    const folder = temporary.with({
      'dorado.yaml': stringify({ services }),
      'facts.ndjson': names.map((service) => madeDeployment(service, { service })),
    })
    const imported = await run(['import', 'facts.ndjson'], { cwd: folder })
    expect(imported).toMatchObject({ code: 0, stderr: '' })
    const { stdout } = await run(['report', '--format', 'json'], { cwd: folder })
    const report = JSON.parse(stdout) as { services: { service: string; team: string }[] }
    const found = new Map(report.services.map(({ service, team }) => [service, team]))
    expect([...found]).toHaveLength(names.length)
    for (const name of names) expect(found.get(name)).toBe(`team ${name}`)
    expect((await run(['explain', names[0]!, 'leadTime'], { cwd: folder })).code).toBe(0)
    const rebuilt = await run(['rebuild'], { cwd: folder })
    expect(rebuilt.stdout).toContain('0 points differ from before')
  })
})

describe.concurrent('sources that refuse', () => {
  let demo: Demo
  beforeAll(async () => {
    const now = Date.now()
    demo = await startDemo({ now, clock: () => now, services: 1, days: 8 })
  })
  afterAll(() => demo.stop())

  function configured(change: (text: string) => string): string {
    return temporary.with({ 'dorado.yaml': change(stringify(configurationOf(demo.company))) })
  }

  test('a token that is not known is named, and what it could not read is held', async () => {
    const folder = configured((text) => text)
    const env = { ...demo.environment, DEMO_GITHUB_TOKEN: 'stolen-token-4711' }
    const { code, stdout, stderr } = await run(['refresh'], { cwd: folder, env })
    expect(code).toBe(1)
    const failed = stdout.split('\n').filter((line) => line.includes('FAILED'))
    expect(failed).toHaveLength(1)
    expect(failed[0]).toMatch(/^source github: FAILED: .*token/)
    expect(stdout).toMatch(/^source pagerduty: \d+ facts/m)
    const check = await run(['check'], { cwd: folder, env })
    expect(check.code).toBe(1)
    expect(check.stdout).toMatch(/^WRONG source github: .*token/m)
    expect(check.stdout).toMatch(/^ok +source pagerduty: /m)
    for (const text of [stdout, stderr, check.stdout, check.stderr]) {
      expect(text).not.toContain('stolen-token-4711')
      expect(text).not.toContain(demo.pagerdutyToken)
    }
    const report = await run(['report'], { cwd: folder, env })
    expect(report.stdout).toContain('not covered')
  })

  test('a repository that cannot be seen is named', async () => {
    const folder = configured((text) => text.replaceAll('acme/web', 'acme/wep'))
    const { code, stdout } = await run(['refresh'], { cwd: folder, env: demo.environment })
    expect(code).toBe(1)
    const failed = stdout.split('\n').filter((line) => line.includes('FAILED'))
    expect(failed).toHaveLength(1)
    expect(failed[0]).toMatch(/^source github: FAILED: .*acme\/wep/)
  })
})
