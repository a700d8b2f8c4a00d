import { afterEach, expect, test } from 'vitest'
import { Unavailable } from '../../core/errors.ts'
import { parseFact } from '../../core/fact-json.ts'
import type { Io } from '../../core/io.ts'
import type { Extractor, Page } from '../../extractors/extractor.ts'
import type { Loader } from '../../loaders/loader.ts'
import { qualityAt } from '../../pipeline/quality.ts'
import { keptForMs, mostKept, readSkipped, skippedAfter } from '../../pipeline/quality-skipped.ts'
import { rebuildAll, refresh, type Pipeline } from '../../pipeline/refresh.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { optionsOf } from '../analyse.ts'

const hour = 3_600_000
const start = Date.parse('2026-03-10T10:20:00Z')
const config = {
  since: '2026-03-01T00:00:00Z',
  services: [
    { name: 'web', team: 'shop', repository: 'acme/web' },
    { name: 'wiki', repository: 'acme/wiki' },
  ],
}

const stores: Store[] = []
afterEach(() => {
  for (const store of stores.splice(0)) store.close()
})

/** A source and a sink that do what they are told, and a clock that is moved by hand. */
function world() {
  const told = { pages: [] as Page[], fails: false, isDown: false, refuses: '', now: start }
  const source: Extractor = {
    name: 'ci',
    yields: ['deployment', 'commit'],
    covers: (repository) => repository === 'acme/web',
    async *extract() {
      yield* told.pages
      if (told.fails) throw new Unavailable('ci cannot be reached')
    },
    check: () => Promise.resolve([]),
    usage: () => ({ requests: 0 }),
  }
  const sink: Loader = {
    name: 'influx',
    batchPoints: 5000,
    write(points) {
      if (told.isDown) return Promise.reject(new Unavailable('influx is down'))
      const refused = points.filter(({ series }) => told.refuses !== '' && series.startsWith(told.refuses))
      return Promise.resolve({ rejected: refused.map((point) => ({ point, reason: 'type conflict' })) })
    },
    check: () => Promise.resolve([]),
  }
  const io: Io = {
    http: { request: () => Promise.reject(new Error('no network here')), sent: 0 },
    clock: () => told.now,
    sleep: () => Promise.resolve(),
    log: { debug() {}, info() {}, warn() {}, error() {} },
    signal: new AbortController().signal,
  }
  const store = openSqlite({ path: ':memory:' })
  stores.push(store)
  const pipelineOf = (of: object): Pipeline => ({
    store,
    extractors: [source],
    loaders: [sink],
    derivation: optionsOf(of, start),
    schedule: '0 * * * *',
  })
  const pipeline = pipelineOf(config)
  return { told, io, store, pipeline, pipelineOf }
}

/** A production deployment of a commit that nobody told of. */
const deployment = (id: string, more: object = {}) =>
  parseFact({
    kind: 'deployment',
    source: 'ci',
    id,
    repository: 'acme/web',
    environment: 'production',
    outcome: 'success',
    finishedAt: '2026-03-09T10:00:00Z',
    ...more,
  })

async function qualityPoints(store: Store): Promise<string[]> {
  const points: string[] = []
  for await (const { series, at, fields } of store.points.all()) {
    if (!series.startsWith('dora_quality,')) continue
    points.push(
      `${series.slice('dora_quality,'.length)} ${fields} ${new Date(at).toISOString().slice(5, 16)}`,
    )
  }
  return points
}

const kindsIn = async (pipeline: Pipeline, now: number) =>
  (await qualityAt(pipeline, now)).findings.map(({ kind, subject }) => `${kind} ${subject}`).sort()

test('a refresh writes how many findings of each kind there are, and moves them with the hour', async () => {
  const { told, io, store, pipeline } = world()
  told.pages = [{ facts: [deployment('1')], cursor: '1' }]
  await refresh(pipeline, io)
  expect(await qualityPoints(store)).toEqual([
    'kind=deployment_without_commit,service=*,team=* count=1i 03-10T10:00',
    'kind=deployment_without_commit,service=*,team=shop count=1i 03-10T10:00',
    'kind=deployment_without_commit,service=web,team=shop count=1i 03-10T10:00',
    'kind=repository_unknown,service=*,team=* count=1i 03-10T10:00',
    'kind=repository_unknown,service=wiki,team=none count=1i 03-10T10:00',
  ])
  told.now += hour
  told.pages = [{ facts: [deployment('2')], cursor: '2' }]
  await refresh(pipeline, io)
  const [first, ...rest] = await qualityPoints(store)
  expect(first).toBe('kind=deployment_without_commit,service=*,team=* count=2i 03-10T11:00')
  expect(rest.every((point) => point.endsWith(' 03-10T11:00'))).toBe(true)
  expect(rest).toHaveLength(4)
})

test('what was mended falls to zero, once', async () => {
  const { told, io, store, pipeline } = world()
  told.pages = [{ facts: [deployment('1')], cursor: '1' }]
  await refresh(pipeline, io)
  told.pages = [{ facts: [deployment('1', { sha: 'a' })], cursor: '2' }]
  for (const _ of [1, 2]) {
    told.now += hour
    await refresh(pipeline, io)
  }
  const ofWeb = (await qualityPoints(store)).filter((point) => point.includes('service=web'))
  expect(ofWeb).toEqual(['kind=deployment_without_commit,service=web,team=shop count=0i 03-10T11:00'])
})

test('a rebuild writes the same, however long after, and with whatever became of the sinks since', async () => {
  const { told, io, store, pipeline } = world()
  told.pages = [{ facts: [deployment('1')], skipped: [{ row: 'acme/web 7', reason: 'no sha' }], cursor: '1' }]
  told.fails = true
  told.isDown = true
  await refresh(pipeline, io)
  told.now += hour
  await refresh(pipeline, io)
  const before = await qualityPoints(store)
  expect(
    before.filter((point) => point.includes('service=*,team=*')).map((point) => point.split(',', 1)[0]),
  ).toEqual(
    [
      'kind=deployment_without_commit',
      'kind=row_skipped',
      'kind=sink_behind',
      'kind=source_failed',
      'kind=repository_unknown',
    ].toSorted(),
  )
  told.isDown = false
  const { derived } = await rebuildAll(pipeline, io)
  expect(derived.points).toBe(0)
  told.now += 100 * 24 * hour
  await rebuildAll(pipeline, io)
  expect(await qualityPoints(store)).toEqual(before)
})

test('the points of a service go with it, and what is left of its team and of all falls', async () => {
  const { told, io, store, pipeline, pipelineOf } = world()
  told.pages = [{ facts: [deployment('1')], cursor: '1' }]
  await refresh(pipeline, io)
  told.now += 24 * hour
  const without = pipelineOf({ ...config, services: [config.services[1]], unnamedRepositories: false })
  await refresh(without, io)
  expect((await qualityPoints(store)).filter((point) => /service=web|kind=deployment/.test(point))).toEqual([
    'kind=deployment_without_commit,service=*,team=* count=1i 03-10T10:00',
    'kind=deployment_without_commit,service=*,team=* count=0i 03-11T10:00',
    'kind=deployment_without_commit,service=*,team=shop count=1i 03-10T10:00',
    'kind=deployment_without_commit,service=*,team=shop count=0i 03-11T10:00',
  ])
})

test('a source that fails, and one that is late, are told with the services that need them', async () => {
  const { told, io, pipeline } = world()
  const ofSource = async (now: number) =>
    (await qualityAt(pipeline, now)).findings.filter(({ kind }) => kind.startsWith('source_'))
  expect(await ofSource(start)).toMatchObject([{ kind: 'source_unread', subject: 'ci' }])
  await refresh(pipeline, io)
  expect(await ofSource(start + 2 * hour)).toEqual([])
  expect(await ofSource(start + 2 * hour + 60_000)).toMatchObject([{ kind: 'source_behind' }])
  told.fails = true
  told.now += hour
  await refresh(pipeline, io)
  expect(await ofSource(told.now)).toMatchObject([
    {
      kind: 'source_failed',
      service: '*',
      services: ['web'],
      subject: 'ci',
      detail: 'last complete 2026-03-10T10:20:00.000Z; ci cannot be reached',
    },
  ])
})

test('a sink that is down is told until it is caught up, and a refused point until it changes', async () => {
  const { told, io, pipeline } = world()
  told.pages = [{ facts: [deployment('1', { sha: 'a' })], cursor: '1' }]
  told.isDown = true
  await refresh(pipeline, io)
  expect(await kindsIn(pipeline, told.now)).toContain('sink_behind influx')
  told.isDown = false
  told.refuses = 'dora_deployment'
  await refresh(pipeline, io)
  const refused = (await qualityAt(pipeline, told.now)).findings.filter(
    ({ kind }) => kind === 'point_rejected',
  )
  expect(refused).toMatchObject([
    {
      service: 'web',
      subject: 'dora_deployment,environment=production,service=web,source=ci',
      detail: 'at 2026-03-09T10:00:00.000Z, refused by influx: type conflict',
    },
  ])
  expect(await kindsIn(pipeline, told.now)).not.toContain('sink_behind influx')
  told.refuses = ''
  told.pages = [{ facts: [deployment('1', { sha: 'a', version: '2' })], cursor: '2' }]
  await refresh(pipeline, io)
  expect(await kindsIn(pipeline, told.now)).not.toContain(`point_rejected ${refused[0]?.subject}`)
})

test('a refused point of the running day is told until the next hour replaces it', async () => {
  const { told, io, pipeline } = world()
  told.pages = [{ facts: [deployment('1')], cursor: '1' }]
  told.refuses = 'dora_quality'
  await refresh(pipeline, io)
  const refused = async () =>
    (await qualityAt(pipeline, told.now)).findings
      .filter(({ kind }) => kind === 'point_rejected')
      .map(({ service, subject }) => `${service} ${subject}`)
  const series = 'dora_quality,kind=deployment_without_commit,service=web,team=shop'
  expect(await refused()).toContain(`web ${series}`)
  told.refuses = ''
  told.now += hour
  await refresh(pipeline, io)
  expect(await refused()).toEqual([])
})

test('skipped rows are told after the refresh that met them, until the fact is told or all is read anew', async () => {
  const { told, io, store, pipeline } = world()
  const row = { row: 'acme/web@b', reason: 'has no date' }
  told.pages = [{ facts: [], skipped: [row], cursor: '1' }]
  await refresh(pipeline, io)
  told.pages = []
  told.now += hour
  await refresh(pipeline, io)
  expect(await kindsIn(pipeline, told.now)).toContain('row_skipped acme/web@b')
  const commit = { sha: 'b', parents: [], authoredAt: '2026-03-09T10:00Z', committedAt: '2026-03-09T10:00Z' }
  const fact = parseFact({ kind: 'commit', source: 'ci', id: row.row, repository: 'acme/web', ...commit })
  told.pages = [{ facts: [fact], cursor: '2' }]
  await refresh(pipeline, io)
  expect(await readSkipped(store, 'ci', told.now)).toEqual([])

  told.pages = [{ facts: [], skipped: [{ ...row, row: 'acme/web 9' }], cursor: '3' }]
  await refresh(pipeline, io)
  await store.meta.resetCursor('ci')
  told.pages = []
  await refresh(pipeline, io)
  expect(await readSkipped(store, 'ci', told.now)).toEqual([])
})

test('of skipped rows the latest are kept, each once, for a while', async () => {
  const skipped = Array.from({ length: mostKept + 5 }, (_, index) => ({ row: `r${index}`, reason: 'bad' }))
  const kept = skippedAfter([{ row: 'r7', reason: 'as before', at: 1 }], { facts: [], skipped }, 2)
  expect(kept).toHaveLength(mostKept)
  expect(kept.filter(({ row }) => row === 'r7')).toEqual([{ row: 'r7', reason: 'bad', at: 2 }])
  expect(kept.at(-1)?.row).toBe(`r${mostKept + 4}`)

  const { told, io, store, pipeline } = world()
  told.pages = [{ facts: [], skipped: [{ row: 'r', reason: 'bad' }], cursor: '1' }]
  await refresh(pipeline, io)
  expect(await readSkipped(store, 'ci', start + keptForMs - 1)).toHaveLength(1)
  expect(await readSkipped(store, 'ci', start + keptForMs)).toEqual([])
})

test('a line that is still being written is told by the refresh that met it only', async () => {
  const { told, io, store, pipeline } = world()
  const cut = { row: 'f.ndjson:2', reason: 'is not complete yet', isLine: true, isPassing: true } as const
  const bad = { row: 'f.ndjson:1', reason: 'is no JSON', isLine: true } as const
  told.pages = [{ facts: [], skipped: [bad, cut], cursor: '1' }]
  await refresh(pipeline, io)
  expect(await kindsIn(pipeline, told.now)).toEqual(
    expect.arrayContaining(['line_skipped f.ndjson:1', 'line_skipped f.ndjson:2']),
  )
  told.pages = []
  await refresh(pipeline, io)
  expect((await readSkipped(store, 'ci', told.now)).map(({ row }) => row)).toEqual(['f.ndjson:1'])
})
