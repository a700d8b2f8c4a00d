import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FactKey, TestReport } from '../../core/fact.ts'
import { formatFact, parseFact } from '../../core/fact-json.ts'
import { lineOf } from '../../loaders/line.ts'
import { deriveChanges, rebuild } from '../../pipeline/derive.ts'
import { flakyOf } from '../../pipeline/flaky-report.ts'
import { reportFrom } from '../../pipeline/report.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { optionsOf } from '../analyse.ts'
import { factsOf, linesOf } from '../properties/points.ts'

const hour = 3_600_000
const day = 24 * hour
const asOf = Date.parse('2026-03-20T05:30:00Z')
const config = { services: [{ name: 'checkout', team: 'payments', repository: 'acme/shop' }] }

type Tests = Record<string, [passed: number, failed: number]>

function report(id: string, at: number, tests: Tests, repository = 'acme/shop'): TestReport {
  const counted = Object.entries(tests).map(([name, [passed, failed]]): [string, number, number] => [
    name,
    passed,
    failed,
  ])
  return {
    kind: 'testReport',
    source: 'junit',
    id,
    repository,
    run: `run-${id}`,
    startedAt: at,
    suites: [{ name: 'cart', tests: counted.sort(([a], [b]) => (a < b ? -1 : 1)) }],
  }
}

/** So many reports, an hour apart, the last of them an hour ago; each test fails in the first so many. */
function reports(count: number, failures: Record<string, number>): TestReport[] {
  return Array.from({ length: count }, (_, index) => {
    const tests = Object.entries(failures).map(([name, failed]): [string, [number, number]] => [
      name,
      index < failed ? [0, 1] : [1, 0],
    ])
    return report(`${index}`, asOf - (count - index) * hour, Object.fromEntries(tests))
  })
}

async function derived(facts: readonly TestReport[], at = asOf, of: object = config) {
  const store = openSqlite({ path: ':memory:' })
  await store.facts.save({ facts })
  const options = optionsOf(of, at)
  await deriveChanges(store, options)
  return { store, options }
}

async function flakyTests(facts: readonly TestReport[], at = asOf, of: object = config) {
  const { store, options } = await derived(facts, at, of)
  return (await reportFrom(store, options, { asOf: at, windowsDays: [7] })).flakyTests
}

describe('a flaky test', () => {
  test('has at least 20 runs, of which at least 5 % and at most 95 % failed', async () => {
    const shares = { never: 0, once: 1, half: 10, mostly: 19, always: 20 }
    expect((await flakyTests(reports(20, shares))).map(({ test: name }) => name)).toEqual([
      'mostly',
      'half',
      'once',
    ])
    // 1 of 21 is 4.8 %, 20 of 21 are 95.2 %.
    expect((await flakyTests(reports(21, { once: 1, mostly: 20 }))).map(({ test: name }) => name)).toEqual([])
    expect(await flakyTests(reports(19, shares))).toEqual([])
  })

  test('is told with its runs, its share, and when and where it failed last', async () => {
    expect(await flakyTests(reports(20, { once: 5 }))).toEqual([
      {
        service: 'checkout',
        team: 'payments',
        repository: 'acme/shop',
        suite: 'cart',
        test: 'once',
        runs: 20,
        failures: 5,
        failureRate: { value: 0.25, low: expect.closeTo(0.1119, 4), high: expect.closeTo(0.4687, 4) },
        lastFailedAt: new Date(asOf - 16 * hour).toISOString(),
        lastFailedRun: 'run-4',
      },
    ])
  })

  test('counts every execution: retries within a report are runs', async () => {
    // Ten reports in which it fails first and passes then.
    const retried = Array.from({ length: 10 }, (_, index) =>
      report(`${index}`, asOf - index * hour - 1, { a: [1, 1] }),
    )
    expect(await flakyTests(retried)).toMatchObject([{ test: 'a', runs: 20, failures: 10 }])
  })

  test('is looked for in the last 14 calendar days, and not before `since`', async () => {
    const start = Date.parse('2026-03-06T05:30:00Z')
    const around = (at: number) => [...reports(19, { a: 5 }), report('edge', at, { a: [1, 0] })]
    expect(await flakyTests(around(start))).toMatchObject([{ runs: 20 }])
    expect(await flakyTests(around(start - 1))).toEqual([])
    expect(await flakyTests(around(asOf))).toEqual([])
    const since = new Date(start + 1).toISOString()
    expect(await flakyTests(around(start), asOf, { ...config, since })).toEqual([])
  })

  test('ranks by failures, then by share, then by name', async () => {
    const some = reports(40, { b: 8, a: 8, d: 9 }).map((each, index) =>
      index % 2 === 0
        ? each
        : { ...each, suites: [{ name: 'cart', tests: [...each.suites[0]!.tests, ['c', 0, 1]] }] },
    ) as TestReport[]
    const rare = some
      .slice(0, 16)
      .map((each) => ({ ...each, id: `x${each.id}`, suites: [{ name: 'cart', tests: [['c', 1, 0]] }] }))
    const ranked = await flakyTests([...some, ...(rare as TestReport[])])
    expect(ranked.map(({ test: name, failures, runs }) => [name, failures, runs])).toEqual([
      ['c', 20, 36],
      ['d', 9, 40],
      ['a', 8, 40],
      ['b', 8, 40],
    ])
  })

  test('of a repository is one of every service that has the repository', async () => {
    const services = ['web', 'api'].map((name) => ({ name, repository: 'acme/shop' }))
    const found = await flakyTests(reports(20, { a: 5 }), asOf, { services })
    expect(found.map(({ service }) => service)).toEqual(['api', 'web'])
    const named = await flakyTests(reports(20, { a: 5 }), asOf, { services: [] })
    expect(named).toMatchObject([{ service: 'acme/shop', team: null }])
  })

  test('explain tells why others that failed are none', async () => {
    const rare = report('rare', asOf - hour, { rare: [1, 1] })
    const { store, options } = await derived([...reports(40, { half: 20, once: 1, broken: 40 }), rare])
    const [told] = await flakyOf(store, options, 'checkout', asOf, { all: true })
    expect(told!.flaky.map(({ test: name }) => name)).toEqual(['half'])
    expect(told!.others.map(({ test: name, rule }) => `${name}: ${rule}`)).toEqual([
      'broken: fails in more than 95 % of its runs: broken, not flaky',
      'rare: fewer than 20 runs',
      'once: fails in less than 5 % of its runs',
    ])
    expect(told!.window).toMatchObject({ reports: 41, tests: 4 })
  })
})

describe('points', () => {
  const flakyLines = async (store: Store) =>
    (await linesOf(store)).filter((line) => line.startsWith('dora_flaky'))

  test('tell how many there are and which is the worst, at midnights and the running hour', async () => {
    const { store } = await derived(reports(20, { half: 10, 'more "often"': 12, never: 0 }))
    expect((await flakyLines(store)).map((line) => line.replace(/\d{6}$/, ''))).toEqual([
      // The first 15 reports are from before midnight: too few to tell.
      `dora_flaky,repository=acme/shop,service=checkout n=15i,tests=3i,runs=45i,failures=22i,flaky=0i ${Date.parse('2026-03-20T00:00:00Z')}`,
      `dora_flaky,repository=acme/shop,service=checkout n=20i,tests=3i,runs=60i,failures=22i,flaky=2i,worst="cart › more \\"often\\"",worst_runs=20i,worst_failures=12i ${Date.parse('2026-03-20T05:00:00Z')}`,
    ])
  })

  test('that are removed have every n = 0 where nothing can be deleted', () => {
    const point = { series: 'dora_flaky,service=a', at: 1, nanos: 0, fields: null }
    expect(lineOf(point as never)).toBe('dora_flaky,service=a n=0i,flaky=0i 1000000')
  })

  test('of weeks whose reports were dropped stay, and so do they in a rebuild', async () => {
    const { store } = await derived(reports(20, { a: 5 }), asOf + 5 * day)
    const before = await flakyLines(store)
    const later = optionsOf(config, asOf + 80 * day)
    await store.facts.save({ facts: [report('new', asOf + 79 * day, { b: [1, 0] })] })
    await deriveChanges(store, later)
    expect((await factsOf(store)).map(({ id }) => id)).toEqual(['new'])
    const midnights = before.filter((line) => Number(line.split(' ').at(-1)!.slice(0, -6)) % day === 0)
    expect(midnights.length).toBeGreaterThan(4)
    const after = await flakyLines(store)
    expect(after).toEqual(expect.arrayContaining(midnights))
    await rebuild(store, later)
    expect(await flakyLines(store)).toEqual(after)
  })
})

describe('a stored report', () => {
  test('is exported as it was told, told again changes nothing, and gives the same elsewhere', async () => {
    const facts = [
      ...reports(20, { half: 10, 'näme "x"': 3 }),
      report('mixed', asOf - day, { half: [3, 2], skippedElsewhere: [1, 0] }),
      report('other', asOf - day, { half: [1, 0] }, 'acme/other'),
    ]
    const { store, options } = await derived(facts)
    const lines = ((await factsOf(store)) as TestReport[]).map(formatFact)
    expect(lines.map((line) => parseFact(JSON.parse(line)))).toEqual(
      facts.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    )
    expect(await store.facts.save({ facts })).toEqual({ changed: 0, removed: 0 })
    const { store: other } = await derived(
      lines.toReversed().map((line) => parseFact(JSON.parse(line)) as TestReport),
    )
    expect(await linesOf(other)).toEqual(await linesOf(store))
    const when = { asOf, windowsDays: [7] }
    expect(await reportFrom(other, options, when)).toEqual(await reportFrom(store, options, when))
  })

  test('takes some bytes: fifty of two thousand tests are less than their names', async () => {
    const names = Array.from({ length: 2000 }, (_, index) => `test number ${index}`)
    const facts = Array.from({ length: 50 }, (_, index) =>
      report(
        `${index}`,
        asOf - index * hour,
        Object.fromEntries(names.map((name, at) => [name, at % 200 === index ? [0, 1] : [1, 0]])),
      ),
    )
    const { store } = await derived(facts)
    const runs = await store.tests.runs('acme/shop', 0)
    expect(runs).toHaveLength(50)
    expect(JSON.stringify(runs).length).toBeLessThan(names.join().length)
  })

  test('leaves no name behind that no report has', async () => {
    const store = openSqlite({ path: ':memory:' })
    await store.facts.save({ facts: [report('1', 1000, { gone: [1, 0], stays: [1, 0] })] })
    await store.facts.save({ facts: [report('2', 9000, { stays: [1, 0] })] })
    const [, kept] = await store.tests.runs('acme/shop', 0)
    expect(await store.tests.drop(5000)).toBe(1)
    const [stays] = kept!.passed as [number]
    expect(await store.tests.nameOf(stays)).toEqual(['cart', 'stays'])
    await expect(store.tests.nameOf(stays === 1 ? 2 : 1)).rejects.toThrow()
  })
})

const some = <T>(...values: T[]) => fc.constantFrom(...values)
const told = fc.record({
  id: fc.nat({ max: 12 }),
  repository: some('acme/shop', 'acme/mono'),
  ago: some(1, 60, 1441, 5 * 1440, 13 * 1440, 15 * 1440, 40 * 1440),
  tests: fc.dictionary(
    some('a', 'b', 'c', 'd'),
    some<[number, number]>([1, 0], [0, 1], [1, 1], [9, 3], [20, 1]),
    {
      minKeys: 1,
    },
  ),
})
const step = fc.record({
  wait: some(hour, 0, 12.5 * hour, hour / 4, day, 6 * day, 20 * day),
  reports: fc.array(told, { maxLength: 4 }),
  removals: fc.array(fc.nat({ max: 12 }), { maxLength: 1 }),
})
const services = some(
  [{ name: 'shop', repositories: ['acme/shop', 'acme/mono'], timezone: 'Asia/Kathmandu' }],
  [{ name: 'shop', repository: 'acme/shop' }],
)

test(
  'after any telling of reports, points and report equal those of a rebuild',
  { timeout: 600_000 },
  async () => {
    const property = fc.asyncProperty(
      services,
      fc.array(step, { minLength: 1, maxLength: 6, size: 'max' }),
      async (of, steps) => {
        const store = openSqlite({ path: ':memory:' })
        let at = asOf
        let options = optionsOf({ services: of }, at)
        for (const { wait, reports: given, removals } of steps) {
          at += wait
          const facts = given.map(({ id, repository, ago, tests }) =>
            report(`${id}`, at - ago * 60_000, tests, repository),
          )
          const keys = removals.map((id): FactKey => ({ kind: 'testReport', source: 'junit', id: `${id}` }))
          await store.facts.save({ facts, removals: keys })
          options = optionsOf({ services: of }, at)
          await deriveChanges(store, options)
        }
        const when = { asOf: at, windowsDays: [7] }
        const grown = [await linesOf(store), (await reportFrom(store, options, when)).flakyTests]
        await rebuild(store, options)
        expect(grown).toEqual([await linesOf(store), (await reportFrom(store, options, when)).flakyTests])
        store.close()
      },
    )
    await fc.assert(property, { numRuns: Number(process.env['HISTORIES'] ?? 60) })
  },
)
