import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { madeFacts } from './made-facts.ts'
import { folders, programs, run, type Ended, type Running } from './program.ts'
import { integrityOf, storeIn } from './stored.ts'

const dayMs = 86_400_000
const temporary = folders()
const { start, stop } = programs()

afterEach(stop)
afterAll(() => temporary.remove())

function started(folder: string): Running {
  return start(['start'], { cwd: folder })
}

/** Stops a program by a signal; tells how it ended and how long that took. */
async function stopped(program: Running, signal: NodeJS.Signals): Promise<Ended & { ms: number }> {
  const from = performance.now()
  program.child.kill(signal)
  const ended = await program.ended
  return { ...ended, ms: performance.now() - from }
}

const lastLine = 'until Ctrl-C'

describe('start with a file of facts', () => {
  const endsAt = Math.floor(Date.now() / dayMs) * dayMs

  /** Two services over five days. */
  function configured(schedule = '0 * * * *'): string {
    const folder = temporary.make()
    writeFileSync(join(folder, 'facts.ndjson'), madeFacts({ total: 270, endsAt, repositories: 2 }))
    writeFileSync(
      join(folder, 'dorado.yaml'),
      `schedule: '${schedule}'\nsources:\n  - kind: file\n    path: facts.ndjson\n`,
    )
    return folder
  }

  test('prints the first table, and SIGTERM ends it soon and well', async () => {
    const folder = configured()
    const program = started(folder)
    await program.says(lastLine)
    expect(program.stdout()).toMatch(/source file: 270 facts/)
    expect(program.stdout()).toMatch(/│ acme\/made-0 /)
    const { code, signal, ms, stderr } = await stopped(program, 'SIGTERM')
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
    expect(ms).toBeLessThan(10_000)
    expect(integrityOf(folder)).toBe('ok')
  })

  test('is the only one that writes; others read meanwhile', async () => {
    const folder = configured()
    const program = started(folder)
    await program.says(lastLine)
    const [refresh, imported, report, explain, exported] = await Promise.all([
      run(['refresh'], { cwd: folder }),
      run(['import', 'facts.ndjson'], { cwd: folder }),
      run(['report', '--format', 'json'], { cwd: folder }),
      run(['explain', 'acme/made-0', 'deploymentFrequency'], { cwd: folder }),
      run(['export', 'facts'], { cwd: folder }),
    ])
    for (const refused of [refresh, imported]) {
      expect(refused.code).toBe(2)
      expect(refused.stderr).toMatch(
        new RegExp(
          `^dorado: store dorado\\.db is in use by dorado start \\(process ${program.child.pid}\\).*\\n$`,
        ),
      )
    }
    expect(report.code).toBe(0)
    const { services } = JSON.parse(report.stdout) as { services: { service: string }[] }
    expect(services.map(({ service }) => service)).toEqual(['acme/made-0', 'acme/made-1'])
    expect(explain).toMatchObject({ code: 0, stderr: '' })
    expect(explain.stdout).toContain('acme/made-0#7')
    expect(exported.stdout.trimEnd().split('\n')).toHaveLength(270)
    expect((await stopped(program, 'SIGTERM')).code).toBe(0)
    expect((await run(['refresh'], { cwd: folder })).code).toBe(0)
  })

  test('catches up once with a slot that was missed, and with none that was not', async () => {
    // Every 28 days at most, so that no slot comes due while the test runs.
    const dayOfMonth = new Date(Date.now() - dayMs).getUTCDate()
    const folder = configured(`0 0 ${dayOfMonth} * *`)
    const first = started(folder)
    await first.says(lastLine)
    await stopped(first, 'SIGTERM')

    const line = JSON.stringify({
      kind: 'deployment',
      source: 'made',
      id: 'late',
      service: 'late',
      environment: 'production',
      finishedAt: new Date(endsAt - dayMs).toISOString(),
      outcome: 'success',
    })
    appendFileSync(join(folder, 'facts.ndjson'), `${line}\n`)
    const idle = started(folder)
    await idle.says(lastLine)
    expect(idle.stdout()).not.toContain('source file')
    expect(idle.stdout()).not.toContain('│ late ')
    await stopped(idle, 'SIGTERM')

    const store = new DatabaseSync(storeIn(folder))
    store.exec(`UPDATE slots SET slot = slot - ${dayMs}`)
    store.close()
    const late = started(folder)
    await late.says(lastLine)
    expect(late.stdout()).toContain('source file: 1 facts')
    expect(late.stdout()).toContain('│ late ')
    expect(late.stdout().match(/source file/g)).toHaveLength(1)
    await stopped(late, 'SIGTERM')
  })
})

test('start without a configuration shows the demo company, and SIGINT stops it', async () => {
  const folder = temporary.make()
  const notes = join(folder, 'demo-data', 'notes.txt')
  mkdirSync(dirname(notes))
  writeFileSync(notes, 'of somebody else')
  const from = performance.now()
  const program = started(folder)
  await program.says('│ organisation')
  // A few seconds on an idle machine; 20 s is what is promised, and this one may be busy with other tests.
  expect(performance.now() - from).toBeLessThan(45_000)
  expect(existsSync(notes)).toBe(true)
  await program.says('explain web leadTime --config demo-data/dorado.yaml')
  expect(program.stdout()).toMatch(/│ checkout +│ storefront +│ \d+ /)

  const second = await run(['start'], { cwd: folder })
  expect(second.code).toBe(2)
  expect(second.stderr).toContain(`in use by dorado start (process ${program.child.pid})`)
  const demoConfig = join('demo-data', 'dorado.yaml')
  const report = await run(['report', '--config', demoConfig], { cwd: folder })
  expect(report).toMatchObject({ code: 0, stderr: '' })

  const { code, signal, ms } = await stopped(program, 'SIGINT')
  expect({ code, signal }).toEqual({ code: 0, signal: null })
  expect(ms).toBeLessThan(10_000)
})
