import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lastMidnight, madeDeployment, madeFacts } from './made-facts.ts'
import { cli, folders, run, start } from './program.ts'
import { storeIn } from './stored.ts'

const temporary = folders()
afterAll(() => temporary.remove())

const nothing = 'services: []\n'

describe.concurrent('the store', () => {
  let imported: string
  beforeAll(async () => {
    const facts = [madeDeployment('1'), madeDeployment('2', { service: 'other' })]
    const services = '  - name: shop\n    team: sales\n'
    imported = temporary.with({ 'dorado.yaml': `services:\n${services}`, 'facts.ndjson': facts })
    await run(['import', 'facts.ndjson'], { cwd: imported })
  })

  test('of a newer version is left alone', async () => {
    const folder = temporary.with({ 'dorado.yaml': nothing, 'facts.ndjson': [madeDeployment('1')] })
    await run(['import', 'facts.ndjson'], { cwd: folder })
    const database = new DatabaseSync(storeIn(folder))
    database.exec('PRAGMA user_version = 99')
    database.close()
    const before = readFileSync(storeIn(folder))
    for (const command of ['refresh', 'report']) {
      const { code, stderr } = await run([command], { cwd: folder })
      expect(code, command).toBe(2)
      expect(stderr).toMatch(/^dorado: store dorado\.db is of version 99, and this Dorado knows .*\n$/)
    }
    expect(readFileSync(storeIn(folder)).equals(before)).toBe(true)
  })

  test.each([
    ['a folder', (path: string) => mkdirSync(path)],
    [
      'no database',
      (path: string) => writeFileSync(path, 'no database, but longer than its header is. '.repeat(100)),
    ],
  ])('that is %s is named', async (_, make) => {
    const folder = temporary.with({ 'dorado.yaml': nothing })
    make(storeIn(folder))
    for (const command of ['refresh', 'report']) {
      const { code, stderr } = await run([command], { cwd: folder })
      expect(code).toBe(2)
      expect(stderr).toMatch(/^dorado: store dorado\.db: .+\n$/)
    }
  })

  test('can be reported as a table, JSON and CSV', async () => {
    const report = (format: string) => run(['report', '--format', format], { cwd: imported })
    const [table, json, csv] = await Promise.all([report('table'), report('json'), report('csv')])
    expect(table.stdout).toMatch(/^30d to .*\n┌/)
    expect(table.stdout).toMatch(/│ shop +│ sales +│ 1 /)
    expect(table.stdout).not.toContain('\u001B')
    const parsed = JSON.parse(json.stdout) as { services: { service: string; windows: object }[] }
    expect(parsed.services.map(({ service }) => service)).toEqual(['other', 'shop'])
    expect(Object.keys(parsed.services[0]!.windows)).toEqual(['7d', '30d', '90d'])
    const rows = csv.stdout.trimEnd().split('\n')
    expect(rows).toHaveLength(7)
    expect(rows[0]).toMatch(/^service,team,environment,window,from,to,deployments,/)
    expect(rows.filter((row) => row.startsWith('shop,sales,production,'))).toHaveLength(3)
    for (const { code, stderr } of [table, json, csv])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test.each(['2262-01-01T00:00:00Z', '1970-01-02T00:00:00Z', '2026-01-01T00:00:00+14:00'])(
    'can be asked as of %s',
    async (asOf) => {
      const args = ['report', '--as-of', asOf, '--window', '7d,3650d']
      expect(await run(args, { cwd: imported })).toMatchObject({ code: 0, stderr: '' })
    },
  )

  test('can be read by a program that stops reading', async () => {
    for (const args of [['report'], ['export', 'points'], ['--help']]) {
      const child = spawn('sh', ['-c', '"$0" "$@" 2>&1 | head -1', process.execPath, cli, ...args], {
        cwd: imported,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let text = ''
      child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
      await once(child, 'close')
      expect(text).toMatch(/^(30d to|dora_|Usage:)/)
      expect(text.trimEnd().split('\n')).toHaveLength(1)
    }
  })

  test('is free for a refresh while an export is read slowly', async () => {
    const folder = temporary.make()
    writeFileSync(join(folder, 'dorado.yaml'), nothing)
    const facts = madeFacts({ total: 8000, endsAt: lastMidnight(), repositories: 5 })
    writeFileSync(join(folder, 'facts.ndjson'), facts)
    await run(['import', 'facts.ndjson'], { cwd: folder })
    const slow = start(['export', 'facts'], { cwd: folder })
    await slow.says('{')
    slow.child.stdout!.pause()
    expect(await run(['refresh'], { cwd: folder })).toMatchObject({ code: 0, stderr: '' })
    slow.child.stdout!.resume()
    const { code, stdout } = await slow.ended
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n')).toHaveLength(8000)
  })
})
