import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { failingWeek } from './made-facts.ts'
import { folders, programs, run, type Running } from './program.ts'
import { integrityOf } from './stored.ts'

const temporary = folders()
const { start, stop } = programs()
afterEach(stop)
afterAll(() => temporary.remove())

const dayMs = 86_400_000
const token = 'tell-nobody-of-this'
const env = { DORADO_TOKEN: token }

function folderWith(listen: string): string {
  const since = new Date(Date.now() - 60 * dayMs).toISOString().slice(0, 10)
  return temporary.with({
    'dorado.yaml': `since: ${since}
services: [{ name: shop, team: web }]
sources: [{ kind: file, path: facts.ndjson }]
server: { listen: "${listen}", token: "\${DORADO_TOKEN}" }
alerts: { rules: [{ name: fails, metric: changeFailRate, above: 20% }] }
`,
    'facts.ndjson': failingWeek(),
  })
}

function started(cwd: string): Running {
  return start(['start'], { cwd, env })
}

async function ask(url: string, method = 'GET', body?: object) {
  const answer = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> }
}

describe('the API of a running process', () => {
  test('tells what fires, takes silences beside the command line, and ends with the process', async () => {
    const cwd = folderWith('127.0.0.1:0')
    const program = started(cwd)
    await program.says('until Ctrl-C')
    const url = /^API: (http:\/\/127\.0\.0\.1:\d+)$/m.exec(program.stdout())![1]!
    expect(await ask(`${url}/health`)).toMatchObject({ status: 200, body: { ok: true } })
    expect((await fetch(`${url}/api/v1/alerts`)).status).toBe(401)

    const set = await ask(`${url}/api/v1/silences`, 'POST', { id: 'move', match: { team: 'web' }, for: '1h' })
    expect(set.status).toBe(201)
    const { body } = await ask(`${url}/api/v1/alerts`)
    expect(body['alerts']).toMatchObject([
      { rule: 'fails', state: 'firing', labels: { service: 'shop' }, quiet: [{ silence: 'move' }] },
    ])
    expect((await run(['alerts'], { cwd, env })).stdout).toContain('silence move: team=web until ')
    expect(await run(['alerts', 'unsilence', 'move'], { cwd, env })).toMatchObject({ code: 0 })
    expect((await ask(`${url}/api/v1/silences`)).body).toEqual({ silences: [] })

    const port = new URL(url).port
    const other = await run(['start'], { cwd: folderWith(`127.0.0.1:${port}`), env })
    expect({ code: other.code, stderr: other.stderr }).toEqual({
      code: 2,
      stderr: `dorado: server.listen 127.0.0.1:${port}: the port is in use; stop what uses it, or name another\n`,
    })

    const from = performance.now()
    program.child.kill('SIGTERM')
    expect(await program.ended).toMatchObject({ code: 0, stderr: '' })
    expect(performance.now() - from).toBeLessThan(10_000)
    await expect(fetch(`${url}/health`)).rejects.toThrow()
    expect(integrityOf(cwd)).toBe('ok')
  })

  test('is refused beyond this machine without a token, and its token is not shown', async () => {
    const cwd = temporary.with({ 'dorado.yaml': 'server: { listen: "0.0.0.0:8080" }\n' })
    const { code, stderr } = await run(['start'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^dorado: dorado\.yaml:1:1: server\.token: is missing: .*; set one, or listen on/)
    const shown = await run(['config'], { cwd: folderWith('[::1]:8080'), env })
    expect(shown.stdout).toContain('listen: "[::1]:8080"')
    expect(shown.stdout).not.toContain(token)
  })
})
