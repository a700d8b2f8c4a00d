import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lastMidnight, madeDeployment, madeFacts } from './made-facts.ts'
import { folders, run } from './program.ts'
import { storedIn, storeIn } from './stored.ts'

const temporary = folders()
afterAll(() => temporary.remove())

const nothing = 'services: []\n'

/** Where one deployment of the service shop is stored. */
let shop: string
beforeAll(async () => {
  shop = temporary.with({ 'dorado.yaml': nothing, 'facts.ndjson': [madeDeployment('1')] })
  expect(await run(['import', 'facts.ndjson'], { cwd: shop })).toMatchObject({ code: 0, stderr: '' })
})

describe.concurrent('import', () => {
  test.each<[string, unknown, RegExp]>([
    ['a number for a text', { ...madeDeployment('2'), id: 2 }, /^facts\.ndjson:2: id: got 2; write a text/m],
    [
      'a time without zone',
      madeDeployment('2', { finishedAt: '2026-03-02T10:00:00' }),
      /^facts\.ndjson:2: finishedAt: "2026-03-02T10:00:00" has no zone; write 2026-03-02T10:00:00Z/m,
    ],
    [
      'an unknown outcome',
      madeDeployment('2', { outcome: 'ok' }),
      /^facts\.ndjson:2: outcome: got "ok"; write success/m,
    ],
    [
      'an unknown kind',
      { kind: 'deploy' },
      /^facts\.ndjson:2: kind: got "deploy"; write deployment, change/m,
    ],
    ['no object', null, /^facts\.ndjson:2: null is no fact/m],
  ])('%s: nothing of the file is stored', async (_, bad, message) => {
    const folder = temporary.with({ 'dorado.yaml': nothing })
    for (const file of ['dorado.db', 'dorado.lp']) copyFileSync(join(shop, file), join(folder, file))
    const before = await storedIn(folder)
    const lines = [madeDeployment('2'), bad, madeDeployment('3')].map((line) => JSON.stringify(line))
    writeFileSync(join(folder, 'facts.ndjson'), `${lines.join('\n')}\n`)
    const { code, stdout, stderr } = await run(['import', 'facts.ndjson'], { cwd: folder })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/1 bad lines, nothing imported/)
    expect(await storedIn(folder)).toEqual(before)

    const skipping = await run(['import', 'facts.ndjson', '--skip-bad'], { cwd: folder })
    expect(skipping.code).toBe(0)
    expect(skipping.stdout).toContain('2 facts, 2 new or changed')
  })

  test('a last line that is cut off: nothing of the file is stored', async () => {
    const folder = temporary.with({ 'dorado.yaml': nothing })
    const whole = madeFacts({ total: 6000, endsAt: lastMidnight(), repositories: 20 })
    writeFileSync(join(folder, 'facts.ndjson'), whole.slice(0, -40))
    const { code, stderr } = await run(['import', 'facts.ndjson'], { cwd: folder })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^facts\.ndjson:6000: is no JSON/m)
    expect(existsSync(storeIn(folder))).toBe(false)
  })

  test.each([
    ['an empty file', ''],
    ['empty lines', '\n\r\n \n'],
  ])('%s is no mistake', async (_, text) => {
    const folder = temporary.with({ 'dorado.yaml': nothing, 'facts.ndjson': text })
    const { code, stdout } = await run(['import', 'facts.ndjson'], { cwd: folder })
    expect(code).toBe(0)
    expect(stdout).toContain('0 facts, 0 new or changed')
  })

  test('a byte order mark and the line ends of Windows are no mistake', async () => {
    const text = [madeDeployment('1'), madeDeployment('2')]
      .map((fact) => `${JSON.stringify(fact)}\r\n`)
      .join('')
    const folder = temporary.with({ 'dorado.yaml': nothing, 'facts.ndjson': `\uFEFF${text}` })
    expect((await run(['import', 'facts.ndjson'], { cwd: folder })).stdout).toContain('2 facts, 2 new')
  })

  test('the same file again changes nothing, and what is exported can be imported', async () => {
    const [folder, other] = [temporary.make(), temporary.make()]
    const facts = madeFacts({ total: 500, endsAt: lastMidnight(), repositories: 3 })
    for (const each of [folder, other]) writeFileSync(join(each, 'dorado.yaml'), nothing)
    writeFileSync(join(folder, 'facts.ndjson'), facts)
    await run(['import', 'facts.ndjson'], { cwd: folder })
    const again = await run(['import', 'facts.ndjson'], { cwd: folder })
    expect(again.stdout).toMatch(/500 facts, 0 new or changed; 0 services derived/)
    const exported = await run(['export', 'facts'], { cwd: folder })
    writeFileSync(join(other, 'facts.ndjson'), exported.stdout)
    await run(['import', 'facts.ndjson'], { cwd: other })
    expect((await run(['export', 'facts'], { cwd: other })).stdout).toBe(exported.stdout)
    expect(exported.stdout.trimEnd().split('\n')).toHaveLength(500)
  })
})
