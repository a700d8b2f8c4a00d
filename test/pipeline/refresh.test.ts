import { expect, test } from 'vitest'
import { settingsFor } from '../../config/config.ts'
import { loadConfig } from '../../config/load.ts'
import { Unavailable } from '../../core/errors.ts'
import type { Fact } from '../../core/fact.ts'
import type { Io } from '../../core/io.ts'
import type { Extractor, Page } from '../../extractors/extractor.ts'
import type { Loader, StoredPoint } from '../../loaders/loader.ts'
import { createCatalogue } from '../../pipeline/catalogue.ts'
import { hasFailed, optionsAt, refresh, type Pipeline } from '../../pipeline/refresh.ts'
import { reportFrom } from '../../pipeline/report.ts'
import { openSqlite } from '../../store/sqlite.ts'

const hour = 3_600_000
const start = Date.parse('2026-03-10T00:00:00Z')

interface Scripted {
  extractor: Extractor
  pages: Page[]
  fails: boolean
  cursors: (string | undefined)[]
}

/** A source that tells what it is given to tell, and fails when asked to. */
function scripted(name: string, yields: Extractor['yields']): Scripted {
  const script: Scripted = {
    pages: [],
    fails: false,
    cursors: [],
    extractor: {
      name,
      yields,
      async *extract(since) {
        script.cursors.push(since.cursor)
        yield* script.pages
        if (script.fails) throw new Unavailable(`${name} cannot be reached`)
      },
      check: () => Promise.resolve([]),
      usage: () => ({ requests: 1 }),
    },
  }
  return script
}

function sink(name: string) {
  const state = { received: [] as StoredPoint[], isDown: false, refuses: '' }
  const loader: Loader = {
    name,
    batchPoints: 5000,
    write(points) {
      if (state.isDown) return Promise.reject(new Unavailable(`${name} is down`))
      state.received.push(...points)
      const rejected = points.filter(({ series }) => state.refuses !== '' && series.startsWith(state.refuses))
      return Promise.resolve({
        rejected: rejected.map((point) => ({ point, reason: 'field type conflict' })),
      })
    },
    check: () => Promise.resolve([]),
  }
  return { state, loader }
}

function ioAt(clock: { now: number }): Io {
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  return {
    http: { request: () => Promise.reject(new Error('no network here')), sent: 0 },
    clock: () => clock.now,
    sleep: () => Promise.resolve(),
    log,
    signal: new AbortController().signal,
  }
}

function pipelineWith(extractors: Extractor[], loaders: Loader[]): Pipeline {
  const config = loadConfig({
    path: 'dorado.yaml',
    text: JSON.stringify({
      since: '2026-03-01T00:00:00Z',
      services: [{ name: 'checkout', team: 'payments', repository: 'acme/shop', incidents: ['P1'] }],
    }),
    env: {},
    readFile: () => '',
    connectors: { sources: [], sinks: [] },
  })
  const { since, timezone, edition, windowsDays } = config
  const catalogue = createCatalogue(config, (name, repositories) => settingsFor(config, name, repositories))
  return {
    store: openSqlite({ path: ':memory:' }),
    extractors,
    loaders,
    derivation: { catalogue, since, timezone, edition, windowsDays },
  }
}

const deployment = (id: string, at: number): Fact => ({
  kind: 'deployment',
  source: 'ci',
  id,
  repository: 'acme/shop',
  environment: 'production',
  sha: id,
  finishedAt: at,
  outcome: 'success',
})
const incident = (id: string, at: number): Fact => ({
  kind: 'incident',
  source: 'pager',
  id,
  service: 'P1',
  startedAt: at,
  resolvedAt: at + hour,
})

async function windowOf(pipeline: Pipeline, asOf: number) {
  const report = await reportFrom(pipeline.store, await optionsAt(pipeline, asOf), { asOf, windowsDays: [7] })
  return report.services[0]!.windows['7d']!
}

async function latestWindow(pipeline: Pipeline): Promise<{ at: number; fields: string }> {
  let latest = { at: 0, fields: '' }
  for await (const { series, at, fields } of pipeline.store.points.all()) {
    const isOwn =
      series.startsWith('dora_window') && series.includes('service=checkout') && series.includes('window=7d')
    if (isOwn && at > latest.at) latest = { at, fields: fields! }
  }
  return latest
}

test('a failed incident source holds what needs it and nothing else, and never shows a rate of zero', async () => {
  const clock = { now: start }
  const ci = scripted('ci', ['deployment'])
  const pager = scripted('pager', ['incident'])
  const pipeline = pipelineWith([ci.extractor, pager.extractor], [])
  ci.pages = [
    { facts: [deployment('a', start - 30 * hour), deployment('b', start - 20 * hour)], cursor: '1' },
  ]
  pager.pages = [{ facts: [incident('i', start - 20 * hour)], cursor: '1' }]
  const first = await refresh(pipeline, ioAt(clock))
  expect(hasFailed(first)).toBe(false)
  expect(await windowOf(pipeline, start)).toMatchObject({ deployments: 2, changeFailRate: { value: 0.5 } })

  clock.now = start + 2 * hour
  pager.fails = true
  pager.pages = []
  ci.pages = [{ facts: [deployment('c', start + hour)], cursor: '2' }]
  const second = await refresh(pipeline, ioAt(clock))
  expect(hasFailed(second)).toBe(true)
  expect(second.sources.find(({ source }) => source === 'pager')!.error).toBe('pager cannot be reached')
  const held = await windowOf(pipeline, clock.now)
  expect(held).toMatchObject({
    deployments: 3,
    held: ['incidents'],
    failed: null,
    changeFailRate: { value: null },
  })
  const point = await latestWindow(pipeline)
  expect(point.at).toBe(clock.now)
  expect(point.fields).toContain('deployments=3i')
  expect(point.fields).not.toMatch(/fail_rate|recovery|incidents/)

  clock.now = start + 3 * hour
  pager.fails = false
  await refresh(pipeline, ioAt(clock))
  expect((await latestWindow(pipeline)).fields).toMatch(/change_fail_rate=0\.3/)
})

test('a failed source of deployments holds the windows where they are', async () => {
  const clock = { now: start }
  const ci = scripted('ci', ['deployment'])
  const pipeline = pipelineWith([ci.extractor], [])
  ci.pages = [{ facts: [deployment('a', start - 30 * hour)], cursor: '1' }]
  await refresh(pipeline, ioAt(clock))
  clock.now = start + 5 * hour
  ci.fails = true
  await refresh(pipeline, ioAt(clock))
  expect((await latestWindow(pipeline)).at).toBe(start)
  expect((await windowOf(pipeline, clock.now)).coverageDays).toBeCloseTo(7 - 5 / 24, 9)
})

test('a source goes on from its last stored page, and what disappeared is restated everywhere', async () => {
  const clock = { now: start }
  const ci = scripted('ci', ['deployment'])
  const { loader, state } = sink('influx')
  const pipeline = pipelineWith([ci.extractor], [loader])
  ci.pages = [{ facts: [deployment('a', start - 30 * hour)], cursor: 'page 1' }]
  ci.fails = true
  await refresh(pipeline, ioAt(clock))
  ci.fails = false
  ci.pages = [{ facts: [], removals: [{ kind: 'deployment', source: 'ci', id: 'a' }], cursor: 'page 2' }]
  state.received.length = 0
  await refresh(pipeline, ioAt(clock))
  expect(ci.cursors).toEqual([undefined, 'page 1'])
  expect(
    state.received.some(({ series, fields }) => series.startsWith('dora_deployment') && fields === null),
  ).toBe(true)
  expect(await windowOf(pipeline, start)).toMatchObject({ deployments: 0, leadTime: { n: 0, p50: null } })
})

test('a sink that is down is caught up, one that refuses a point goes on, and neither holds up the other', async () => {
  const clock = { now: start }
  const ci = scripted('ci', ['deployment'])
  const [down, picky] = [sink('down'), sink('picky')]
  const pipeline = pipelineWith([ci.extractor], [down.loader, picky.loader])
  ci.pages = [{ facts: [deployment('a', start - 30 * hour)], cursor: '1' }]
  down.state.isDown = true
  picky.state.refuses = 'dora_deployment'
  const first = await refresh(pipeline, ioAt(clock))
  expect(first.deliveries).toMatchObject([
    { sink: 'down', points: 0, error: 'down is down' },
    { rejected: 1 },
  ])
  expect(hasFailed(first)).toBe(true)
  expect(await pipeline.store.points.backlog('picky')).toEqual({ points: 0, rejected: 1 })

  down.state.isDown = false
  clock.now += hour
  await refresh(pipeline, ioAt(clock))
  expect(await pipeline.store.points.backlog('down')).toEqual({ points: 0, rejected: 0 })
  const alive = (points: StoredPoint[]) => {
    const last = new Map(points.map((point) => [`${point.series} ${point.at} ${point.nanos}`, point.fields]))
    return [...last]
      .filter(([, fields]) => fields !== null)
      .map(([key]) => key)
      .sort()
  }
  const stored: string[] = []
  for await (const point of pipeline.store.points.all())
    stored.push(`${point.series} ${point.at} ${point.nanos}`)
  expect(alive(down.state.received)).toEqual(stored.sort())
})
