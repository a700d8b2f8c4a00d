import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { QualityReport } from '../../cli/quality.ts'
import { madeDeployment } from './made-facts.ts'
import { folders, run } from './program.ts'

const temporary = folders()
afterAll(() => temporary.remove())

const token = 'pd-secret-4711'
const config = `
services:
  - { name: shop, team: store, repository: acme/shop, incidents: [PSHOP, PNONE] }
  - { name: till, team: store, repository: acme/till, environments: [production] }
  - { name: wiki, repository: acme/wikki }
sources:
  - { kind: file, name: events, path: events.ndjson }
  - { kind: pagerduty, token: "\${TOKEN}", baseUrl: "http://127.0.0.1:9" }
sinks:
  - { kind: file, path: out/points.lp }
`
const commit = (repository: string, sha: string) => ({
  kind: 'commit',
  source: 'made',
  id: `${repository}@${sha}`,
  repository,
  sha,
  parents: [],
  authoredAt: '2026-03-02T08:00:00Z',
  committedAt: '2026-03-02T08:00:00Z',
})
const events = [
  JSON.stringify(commit('acme/shop', 'a')),
  JSON.stringify(madeDeployment('1', { sha: 'a', repository: 'acme/shop' })),
  JSON.stringify(madeDeployment('2', { environment: 'prod_us', repository: 'acme/shop', sha: 'a' })),
  JSON.stringify(madeDeployment('3', { service: 'till', environment: 'staging' })),
  JSON.stringify({
    kind: 'incident',
    source: 'made',
    id: `Q\u202e${token}`,
    service: 'PX',
    startedAt: '2026-03-02T08:00:00Z',
  }),
  '{"kind":"deployment", nonsense',
]

/** Where a refresh has met trouble of many kinds. */
let folder: string
let refreshed: { code: number | null; stdout: string }
const options = () => ({ cwd: folder, env: { TOKEN: token } })
beforeAll(async () => {
  folder = temporary.with({ 'dorado.yaml': config, 'events.ndjson': `${events.join('\n')}\n` })
  refreshed = await run(['refresh'], options())
})

const quality = (...args: string[]) => run(['report', '--quality', ...args], options())
const json = async (...args: string[]) =>
  JSON.parse((await quality('--format', 'json', ...args)).stdout) as QualityReport
const kindsOf = ({ groups }: QualityReport) =>
  groups.flatMap(({ findings }) => findings.map(({ kind, subject }) => `${kind} ${subject}`))

describe('report --quality after a refresh with trouble', () => {
  test('lists each trouble once, the most useful group first', async () => {
    expect(refreshed.code).toBe(1)
    const report = await json()
    expect(report.groups.map(({ group, count, services }) => [group, count, services])).toEqual([
      ['sources_behind', 1, ['shop']],
      ['sinks_behind', 1, ['*']],
      ['environments', 1, ['shop']],
      ['no_production', 1, ['till']],
      ['nothing_known', 2, ['till', 'wiki']],
      ['incidents_without_service', 1, []],
      ['lines_skipped', 1, []],
    ])
    expect(report.count).toBe(8)
    const [failed, behind] = report.groups
    expect(failed?.example.detail).toMatch(/^never read completely; GET 127\.0\.0\.1:9\/.* failed 5 times/)
    expect(behind?.example.detail).toMatch(/nothing delivered yet; cannot write to out\/points\.lp/)
    expect(report.groups.at(-1)?.example).toMatchObject({ kind: 'line_skipped', subject: 'events.ndjson:6' })
  })

  test('the table tells the same, and fits its width', async () => {
    const { code, stdout, stderr } = await quality()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const titles = [
      'Sources that are',
      'Points that did',
      'Environments that',
      'Services without',
      'Bad lines of',
    ]
    const places = titles.map((title) => stdout.indexOf(title))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(Math.min(...places)).toBeGreaterThan(0)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(160)
    expect(stdout).toContain('dorado report --quality --format json lists every finding.')
  })

  test.each([['table'], ['json']])(
    'neither secrets nor control characters are echoed: %s',
    async (format) => {
      const { stdout } = await quality('--format', format)
      expect(stdout).toContain('***')
      expect(stdout).not.toContain(token)
      expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u)
    },
  )

  test('is narrowed to a service and a team', async () => {
    expect(kindsOf(await json('--service', 'shop'))).toEqual([
      'source_failed pagerduty',
      'environment_not_production shop',
    ])
    expect(kindsOf(await json('--team', 'store'))).toEqual([
      'source_failed pagerduty',
      'environment_not_production shop',
      'no_production_deployment till',
      'repository_unknown acme/till',
    ])
    expect((await json('--service', 'shop')).groups[0]?.services).toEqual(['shop'])
  })

  test.each<[string[], string]>([
    [['--format', 'csv'], '--format csv: --quality writes table or json'],
    [['--service', 'shap'], 'no service shap: did you mean shop? There are shop, till, wiki'],
    [['--team', 'sales'], 'no team sales; there are store'],
    [['--service', 'wiki', '--team', 'store'], 'service wiki is not of team store'],
    [['--changes-since', '2026-03-02'], '--quality and --changes-since: one at a time'],
    [['--as-of', '2026-03-02T08:00Z'], '--as-of: --quality tells what is so now; leave it out'],
    [
      ['--window', '7d'],
      '--window: --quality is about all stored facts, not those of a window; leave it out',
    ],
  ])('%j is refused', async (args, message) => {
    expect(await quality(...args)).toMatchObject({ code: 2, stdout: '', stderr: `dorado: ${message}\n` })
  })

  test('the plain report counts by kind, with an example each, and tells where the rest is', async () => {
    const { code, stdout } = await run(['report'], options())
    expect(code).toBe(0)
    const list = stdout.slice(stdout.indexOf('Data quality:')).trimEnd().split('\n')
    expect(list.map((line) => /^ {2}(\w+) × (\d+)/.exec(line)?.slice(1).join(' '))).toEqual([
      undefined,
      'source_failed 1',
      'sink_behind 1',
      'environment_not_production 1',
      'no_production_deployment 1',
      'repository_unknown 2',
      'incident_without_service 1',
      'line_skipped 1',
      undefined,
    ])
    expect(list.at(-1)).toBe('  8 in all: dorado report --quality tells what to do about them')
    for (const line of list) expect(line.length).toBeLessThanOrEqual(160)
    expect(stdout).not.toContain(token)
  })
})

test('a thousand findings take a line, and an import writes how many there are', async () => {
  const many = Array.from({ length: 1_000 }, (_, index) => ({
    kind: 'incident',
    source: 'made',
    id: `Q${index}`,
    service: 'PX',
    startedAt: '2026-03-02T08:00:00Z',
  }))
  const other = temporary.with({ 'dorado.yaml': 'services: []\n', 'facts.ndjson': many })
  expect((await run(['import', 'facts.ndjson'], { cwd: other })).code).toBe(0)
  const { stdout } = await run(['report'], { cwd: other })
  expect(stdout.slice(stdout.indexOf('Data quality:')).trimEnd().split('\n')).toEqual([
    'Data quality:',
    '  incident_without_service × 1000: PX Q0: no service is called PX or lists it under incidents',
    '  1000 in all: dorado report --quality tells what to do about them',
  ])
  const points = (await run(['export', 'points'], { cwd: other })).stdout
  expect(points).toMatch(/^dora_quality,kind=incident_without_service,service=\*,team=\* count=1000i \d+$/m)

  writeFileSync(join(other, 'dorado.yaml'), 'services: [{ name: web, incidents: [PX] }]\n')
  expect((await run(['import', 'facts.ndjson'], { cwd: other })).code).toBe(0)
  const after = (await run(['export', 'points'], { cwd: other })).stdout
  expect(after).toMatch(/^dora_quality,kind=incident_without_service,service=\*,team=\* count=0i \d+$/m)
  expect((await run(['report', '--quality'], { cwd: other })).stdout).toBe('Data quality: nothing found.\n')
  expect((await run(['rebuild'], { cwd: other })).stdout).toMatch(/0 points differ/)
})
