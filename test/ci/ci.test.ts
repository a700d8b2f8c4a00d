import { describe, expect, test } from 'vitest'
import { createCompany } from '../../demo/company.ts'
import { configurationOf } from '../../demo/configuration.ts'
import { factsOf } from '../../demo/facts.ts'
import { parseFact } from '../../core/fact-json.ts'
import type { Run } from '../../core/fact.ts'
import { encodeFields } from '../../core/line-protocol.ts'
import { lineOf } from '../../loaders/line.ts'
import { deriveChanges } from '../../pipeline/derive.ts'
import { reportFrom } from '../../pipeline/report.ts'
import { ciServices, explainCiMetric, runsOf } from '../../pipeline/ci-explain.ts'
import { ciFields } from '../../transforms/ci-points.ts'
import { ciMetrics } from '../../transforms/ci-explain.ts'
import { analyse, optionsOf } from '../analyse.ts'
import { linesOf } from '../properties/points.ts'
import { countRuns, percentile } from './brute-force.ts'

const asOf = '2026-03-10T00:00:00Z'
const config = {
  since: '2026-03-01T00:00:00Z',
  windows: ['7d'],
  services: [{ name: 'checkout', team: 'payments', repository: 'acme/shop' }],
}

const at = (time: string) => `2026-03-05T${time}:00Z`
function run(id: string, sha: string | undefined, from: string, to: string, outcome: string, more = {}) {
  const [number, attempt] = id.split('#')
  return {
    kind: 'run',
    source: 'github',
    id: `${number}#${attempt ?? 1}`,
    repository: 'acme/shop',
    workflow: 'ci.yml',
    sha,
    attempt: Number(attempt ?? 1),
    startedAt: at(from),
    finishedAt: at(to),
    outcome,
    ...more,
  }
}

const told = [
  run('1', 'a', '10:00', '10:10', 'failure', { url: 'https://ci.example.com/1' }),
  run('1#2', 'a', '10:20', '10:25', 'success'),
  run('2', 'b', '11:00', '11:20', 'success'),
  run('3', 'b', '12:00', '12:02', 'failure'),
  run('4', 'c', '13:00', '13:01', 'cancelled'),
  run('5', 'd', '14:00', '14:40', 'failure'),
  { ...run('6', 'e', '15:00', '15:00', 'running'), finishedAt: undefined },
]

async function entryOf(
  facts: readonly object[],
  which: { service?: string; workflow?: string } = {},
  other = {},
) {
  const { report } = await analyse({ ...config, ...other }, facts, asOf)
  const { service = 'checkout', workflow = '*' } = which
  return report.ci.find((entry) => entry.service === service && entry.workflow === workflow)
}

describe('a window of CI', () => {
  test('counts each finished attempt once, and cancelled and running ones nowhere', async () => {
    // 10, 5, 20, 2 and 40 minutes; a is green after 25, b after 20, d never.
    const entry = await entryOf(told)
    expect(entry).toMatchObject({ team: 'payments', workflow: '*' })
    expect(entry!.windows['7d']).toMatchObject({
      from: '2026-03-03T00:00:00.000Z',
      to: '2026-03-10T00:00:00.000Z',
      coverageDays: 7,
      runs: 5,
      failed: 3,
      reruns: 2,
      duration: { n: 5, p50: 600, p90: 1920 },
      failureRate: { value: 0.6 },
      rerunRate: { value: 0.4 },
      timeToGreen: { n: 2, p50: 1350, p90: 1470, red: 1 },
    })
    const { failureRate, rerunRate } = entry!.windows['7d']!
    // The Wilson interval of 3 of 5, from a table.
    expect(failureRate.low).toBeCloseTo(0.2307, 4)
    expect(failureRate.high).toBeCloseTo(0.8824, 4)
    expect(rerunRate.low).toBeCloseTo(0.1176, 4)
  })

  test('has no value where nothing ran, and no entry where no run is known', async () => {
    expect(await entryOf([])).toBeUndefined()
    const early = [
      run('1', 'a', '10:00', '10:10', 'success', {
        startedAt: '2026-02-02T10:00:00Z',
        finishedAt: '2026-02-02T10:10:00Z',
      }),
    ]
    expect((await entryOf(early))!.windows['7d']).toMatchObject({
      runs: 0,
      failed: 0,
      duration: { n: 0, p50: null, p90: null },
      failureRate: { value: null, low: null, high: null },
      rerunRate: { value: null },
      timeToGreen: { n: 0, p50: null, red: 0 },
    })
    expect(await entryOf(early, { workflow: 'ci.yml' })).toBeUndefined()
  })

  test('a commit that is green again later is no longer red, in the window of its first run', async () => {
    const later = run('5#2', 'd', '14:00', '14:00', 'success', {
      startedAt: '2026-03-09T10:00:00Z',
      finishedAt: '2026-03-09T10:30:00Z',
    })
    const entry = await entryOf([...told, later])
    const days = (Date.parse('2026-03-09T10:30:00Z') - Date.parse(at('14:00'))) / 1000
    expect(entry!.windows['7d']!.timeToGreen).toMatchObject({ n: 3, p50: 1500, red: 0 })
    const slow = await entryOf([told[5]!, later])
    expect(slow!.windows['7d']!.timeToGreen).toEqual({ n: 1, p50: days, p90: days, red: 0 })
  })

  test('the same commit in another workflow, or another repository, is no rerun', async () => {
    const entry = await entryOf(
      [
        run('1', 'a', '10:00', '10:10', 'success'),
        run('2', 'a', '10:00', '10:10', 'success', { workflow: 'lint.yml' }),
        run('3', 'a', '10:00', '10:10', 'success', { repository: 'acme/fork' }),
        run('4', undefined, '10:00', '10:10', 'success'),
        run('5', undefined, '10:00', '10:10', 'success'),
      ],
      {},
      { services: [{ name: 'checkout', repositories: ['acme/shop', 'acme/fork'] }] },
    )
    expect(entry!.windows['7d']).toMatchObject({ runs: 5, reruns: 0, timeToGreen: { n: 3 } })
  })

  test('a second attempt is a rerun even if the first is not known', async () => {
    const entry = await entryOf([run('1#2', 'a', '10:00', '10:10', 'success')])
    expect(entry!.windows['7d']).toMatchObject({ runs: 1, reruns: 1 })
  })

  test('a run that ends before it starts counts, has no duration, and is listed', async () => {
    const { report } = await analyse(config, [run('1', 'a', '10:10', '10:00', 'success')], asOf)
    expect(report.ci[0]!.windows['7d']).toMatchObject({
      runs: 1,
      duration: { n: 0 },
      timeToGreen: { n: 0, red: 0 },
    })
    expect(report.dataQuality).toContainEqual({
      kind: 'negative_duration',
      service: 'checkout',
      subject: '1#1',
      detail: 'finished 2026-03-05T10:00:00.000Z, before its start 2026-03-05T10:10:00.000Z',
    })
  })

  test('services of one repository have the same runs, and their team has each once', async () => {
    const services = ['web', 'api'].map((name) => ({ name, team: 'front', repository: 'acme/shop' }))
    const { report } = await analyse({ ...config, services }, told, asOf)
    const runs = report.ci.map(({ service, team, workflow, windows }) => [
      service,
      team,
      workflow,
      windows['7d']!.runs,
    ])
    expect(runs).toEqual([
      ['api', 'front', '*', 5],
      ['api', 'front', 'ci.yml', 5],
      ['web', 'front', '*', 5],
      ['web', 'front', 'ci.yml', 5],
      ['*', 'front', '*', 5],
      ['*', '*', '*', 5],
    ])
  })

  test('a repository that no service names is a service of its own name', async () => {
    expect(await entryOf(told, { service: 'acme/shop' }, { services: [] })).toMatchObject({ team: null })
    const { report } = await analyse({ ...config, services: [], unnamedRepositories: false }, told, asOf)
    expect(report.ci).toEqual([])
  })
})

describe('points of CI', () => {
  test('stand at local midnights and the running hour, with the workflow only where it ran', async () => {
    const { store } = await analyse(config, told, '2026-03-20T05:30:00Z')
    const lines = (await linesOf(store)).filter((line) => line.startsWith('dora_ci,service=checkout,'))
    const timesOf = (workflow: string) =>
      lines
        .filter((line) => line.includes(`workflow=${workflow} `))
        .map((line) => new Date(Number(line.split(' ').at(-1)!.slice(0, -6))).toISOString())
        .sort()
    expect(timesOf('*').at(0)).toBe('2026-03-02T00:00:00.000Z')
    expect(timesOf('*').slice(-2)).toEqual(['2026-03-20T00:00:00.000Z', '2026-03-20T05:00:00.000Z'])
    expect(timesOf('ci.yml').at(0)).toBe('2026-03-06T00:00:00.000Z')
    expect(timesOf('ci.yml').at(-1)).toBe('2026-03-12T00:00:00.000Z')
    expect(
      lines.find((line) => line.includes('workflow=ci.yml') && line.endsWith('1772928000000000000')),
    ).toMatch(
      /^dora_ci,service=checkout,team=payments,window=7d,workflow=ci.yml n=5i,coverage_days=7,runs=5i,failed=3i,reruns=2i,failure_rate=0.6,/,
    )
  })

  test('of the running hour go when the day ends, also where it ends between two full hours', async () => {
    const kathmandu = { ...config, timezone: 'Asia/Kathmandu' }
    const { store } = await analyse(kathmandu, told, '2026-03-06T18:05:00Z')
    await deriveChanges(store, optionsOf(kathmandu, Date.parse('2026-03-06T18:30:00Z')))
    const { store: other } = await analyse(kathmandu, told, '2026-03-06T18:30:00Z')
    expect(await linesOf(store)).toEqual(await linesOf(other))
    expect(
      (await linesOf(store)).some((line) => line.endsWith(`${Date.parse('2026-03-06T18:15:00Z')}000000`)),
    ).toBe(true)
  })

  test('have the fields that the general encoder writes', async () => {
    for (const facts of [told, [told[5]!]]) {
      const { windows } = (await entryOf(facts))!
      const { coverageDays, runs, failed, reruns, duration, failureRate, rerunRate, timeToGreen } =
        windows['7d']!
      const fields = {
        n: { int: runs },
        coverage_days: coverageDays,
        runs: { int: runs },
        failed: { int: failed },
        reruns: { int: reruns },
        failure_rate: failureRate.value,
        failure_rate_low: failureRate.low,
        failure_rate_high: failureRate.high,
        rerun_rate: rerunRate.value,
        rerun_rate_low: rerunRate.low,
        rerun_rate_high: rerunRate.high,
        duration_n: { int: duration.n },
        duration_p50_s: duration.p50,
        duration_p90_s: duration.p90,
        time_to_green_n: { int: timeToGreen.n },
        time_to_green_p50_s: timeToGreen.p50,
        time_to_green_p90_s: timeToGreen.p90,
        time_to_green_red: { int: timeToGreen.red },
      }
      const present = Object.entries(fields).filter(
        (entry): entry is [string, number | { int: number }] => entry[1] !== null,
      )
      expect(ciFields({ ...windows['7d']!, from: 0, to: 0 })).toBe(encodeFields(Object.fromEntries(present)))
    }
  })

  test('that are removed have every n = 0 where nothing can be deleted', () => {
    const point = { series: 'dora_ci,service=a', at: 1, nanos: 0, fields: null }
    expect(lineOf(point as never)).toBe('dora_ci,service=a n=0i,duration_n=0i,time_to_green_n=0i 1000000')
  })
})

test('a failed source of runs holds the windows where they are, and is no window without runs', async () => {
  const until = Date.parse('2026-03-06T00:30:00Z')
  const { store, options } = await analyse(config, told, '2026-03-06T00:30:00Z')
  const now = Date.parse(asOf)
  const observed = () => ({ until: now, changesUntil: now, incidentsUntil: now, runsUntil: until })
  const before = (await linesOf(store)).filter((line) => line.startsWith('dora_ci'))
  await deriveChanges(store, { ...options, observed })
  expect((await linesOf(store)).filter((line) => line.startsWith('dora_ci'))).toEqual(before)
  const { ci } = await reportFrom(store, { ...options, observed }, { asOf: now, windowsDays: [7, 1] })
  expect(ci[0]!.windows['7d']).toMatchObject({ runs: 5, coverageDays: 3 + 0.5 / 24 })
  expect(ci[0]!.windows['1d']).toBeNull()
})

describe('explain', () => {
  async function explained(metric: (typeof ciMetrics)[number], workflow = '*') {
    const { store, options } = await analyse(config, told, asOf)
    const [group] = await ciServices(store, options)
    const asked = { metric, workflow, asOf: Date.parse(asOf), days: 7 }
    return explainCiMetric(store, options, group!, await runsOf(store, group!), asked)
  }

  test('every run with its time, link and rule, and why the others are left out', async () => {
    const { value, window, evidence, leftOut } = await explained('ciDuration')
    expect(value).toEqual({ n: 5, p50: 600, p90: 1920 })
    expect(window).toMatchObject({ days: 7, coverageDays: 7 })
    expect(evidence[0]).toEqual({
      kind: 'run',
      id: '1#1',
      workflow: 'ci.yml',
      at: '2026-03-05T10:10:00.000Z',
      url: 'https://ci.example.com/1',
      counted: true,
      seconds: 600,
      rule: 'failed, attempt 1',
    })
    expect(evidence.map(({ seconds }) => seconds)).toEqual([600, 300, 1200, 120, 2400])
    expect(leftOut.map(({ id, rule }) => `${id} ${rule}`)).toEqual([
      '4#1 cancelled: counts nowhere',
      '6#1 has not finished',
    ])
  })

  test('which runs are reruns, and of what', async () => {
    const { value, evidence } = await explained('ciRerunRate', 'ci.yml')
    expect(value).toMatchObject({ value: 0.4, runs: 5, reruns: 2 })
    expect(evidence.map(({ id, rule }) => `${id}: ${rule}`)).toEqual([
      '1#1: no rerun: the first run for its commit',
      '1#2: a rerun: attempt 2',
      '2#1: no rerun: the first run for its commit',
      '3#1: a rerun: 2#1 ran for the same commit before',
      '5#1: no rerun: the first run for its commit',
    ])
  })

  test('from which run to which a commit became green, and which is red', async () => {
    const { value, evidence, leftOut } = await explained('ciTimeToGreen')
    expect(value).toEqual({ n: 2, p50: 1350, p90: 1470, red: 1 })
    expect(evidence.map(({ id, seconds, rule }) => [id, seconds, rule])).toEqual([
      ['a', 1500, 'from the start of 1#1 to the success of 1#2 (2 runs)'],
      ['b', 1200, 'from the start of 2#1 to the success of 2#1 (2 runs)'],
    ])
    expect(leftOut.map(({ id, rule }) => `${id}: ${rule}`)).toContain('d: red: none of its 1 run succeeded')
  })
})

test('the demo company: what is reported is what its runs say', async () => {
  const endsAt = Date.UTC(2026, 10, 20, 15)
  const company = createCompany({ seed: 21, endsAt, days: 60 })
  const { timezone, services } = configurationOf(company)
  const facts = [...factsOf(company, endsAt)]
  const demo = { timezone, services, since: new Date(company.since).toISOString(), windows: ['7d', '30d'] }
  const { report } = await analyse(demo, facts, new Date(endsAt).toISOString())
  const runs = facts.filter(({ kind }) => kind === 'run').map((fact) => parseFact(fact) as Run)
  expect(runs.length).toBeGreaterThan(1000)
  const repositoriesOf = (name: string) =>
    services.filter((each) => each.name === name).flatMap(({ repository }) => repository)
  const checked = report.ci.filter(({ service }) => service !== '*')
  expect(checked.length).toBeGreaterThan(20)
  for (const { service, workflow, windows } of checked) {
    const own = runs.filter(
      (each) =>
        repositoriesOf(service).includes(each.repository) && (workflow === '*' || workflow === each.workflow),
    )
    for (const window of Object.values(windows)) {
      const counted = countRuns(own, Date.parse(window!.from), endsAt)
      expect([window!.runs, window!.failed, window!.reruns]).toEqual([
        counted.runs,
        counted.failed,
        counted.reruns,
      ])
      expect(window!.duration.p90 ?? -1).toBeCloseTo(percentile(counted.durations, 0.9) ?? -1, 6)
      expect(window!.timeToGreen).toMatchObject({ n: counted.greens.length, red: counted.red })
    }
  }
})
