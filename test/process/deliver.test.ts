import { afterAll, afterEach, expect, test } from 'vitest'
import { listen, type Loopback, type Received, type Reply } from '../core/loopback.ts'
import { folders, run } from './program.ts'

const temporary = folders()
afterAll(() => temporary.remove())
let server: Loopback | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

const facts = Array.from({ length: 5 }, (_, day) => ({
  kind: 'deployment',
  source: 'ci',
  id: String(day),
  service: 'shop',
  environment: 'production',
  finishedAt: `2026-03-0${day + 1}T10:00:00Z`,
  outcome: 'success',
}))

async function folderFor(reply: (request: Received) => Reply): Promise<string> {
  server = await listen(reply)
  return temporary.with({
    'dorado.yaml': `since: 2026-03-01
services: [{ name: shop, team: web }]
sinks:
  - { kind: influxdb, url: "${server.url}", token: t, org: acme, bucket: dora }
`,
    'facts.ndjson': facts,
  })
}

const written: Reply = { status: 204 }
const conflict =
  'partial write: field type conflict: input field "failed" on measurement "dora_deployment" is type boolean, already exists as type float'

test('what a sink refuses is shown with its words, and sent again when the cause is mended', async () => {
  const taken: string[] = []
  let isMended = false
  const cwd = await folderFor(({ path, body }) => {
    if (path !== '/api/v2/write') return written
    const lines = body.split('\n')
    const bad = isMended ? [] : lines.filter((line) => line.startsWith('dora_deployment'))
    taken.push(...lines.filter((line) => !bad.includes(line)))
    if (bad.length === 0) return written
    const message = `failure writing points to database: ${conflict} dropped=${bad.length}`
    return { status: 422, body: { code: 'unprocessable entity', message } }
  })
  expect((await run(['import', 'facts.ndjson'], { cwd })).code).toBe(0)

  const checked = await run(['check'], { cwd })
  expect(checked.code).toBe(1)
  const [line] = checked.stdout.split('\n').filter((text) => text.startsWith('WRONG'))
  expect(line).toMatch(/^WRONG sink influxdb: refused: dora_deployment,.* and 4 more: failure writing points/)
  expect(line).toContain(conflict)
  expect(line).toContain('dorado deliver --rejected')

  const again = await run(['deliver', '--rejected'], { cwd })
  expect(again).toMatchObject({ code: 1 })
  expect(again.stdout).toContain('sink influxdb: 5 refused points sent again, 0 taken, 5 still refused')

  isMended = true
  const mended = await run(['deliver', '--rejected'], { cwd })
  expect(mended).toMatchObject({ code: 0, stderr: '' })
  expect(mended.stdout).toContain('5 taken, 0 still refused')
  expect(taken.filter((text) => text.startsWith('dora_deployment'))).toHaveLength(5)
  expect((await run(['check'], { cwd })).stdout).not.toContain('WRONG')
})

test('what waits for a sink is told, and delivered when it is asked for', async () => {
  let isDown = true
  const taken = new Set<string>()
  const cwd = await folderFor(({ path, body }) => {
    if (path !== '/api/v2/write') return written
    if (isDown) return { status: 503, body: 'no backend' }
    for (const line of body.split('\n')) taken.add(line)
    return written
  })
  const failed = await run(['import', 'facts.ndjson'], { cwd })
  expect(failed.code).toBe(1)
  expect(failed.stderr).toContain('answered 503: no backend')
  const waiting = await run(['check'], { cwd })
  expect(waiting.stdout).toMatch(/sink influxdb: backlog: \d{2,} points wait/)

  isDown = false
  expect((await run(['deliver', '--sink', 'nothing'], { cwd })).stderr).toContain(
    'no sink nothing; there are influxdb',
  )
  const delivered = await run(['deliver'], { cwd })
  expect(delivered).toMatchObject({ code: 0, stderr: '' })
  expect(delivered.stdout).toMatch(/^sink influxdb: \d{2,} points\n$/)
  expect([...taken].filter((line) => line.startsWith('dora_deployment'))).toHaveLength(5)
})

test('only sinks that need it are set up', async () => {
  const cwd = await folderFor(() => written)
  const { code, stderr } = await run(['setup', 'file'], { cwd })
  expect([code, stderr]).toEqual([
    2,
    'dorado: dorado.yaml: no sink of kind file that can be set up; there is influxdb\n',
  ])
})
