import { afterEach, beforeEach, expect, test } from 'vitest'
import { evaluate, type Instance } from '../../alerts/evaluate.ts'
import { judge } from '../../alerts/judge.ts'
import { metricOf } from '../../alerts/metrics.ts'
import type { Rule } from '../../alerts/rule.ts'
import { alertsSchema } from '../../alerts/settings.ts'
import { endInstance, step } from '../../alerts/state.ts'
import { randomFrom, type Random } from '../../bench/random.ts'
import { hourMs } from '../../core/calendar.ts'
import { fieldTexts } from '../../core/field-names.ts'
import { decodeSeries, encodeFields, encodeSeries } from '../../core/line-protocol.ts'
import { inOneZone } from '../../pipeline/owners.ts'
import { slotPoints } from '../../pipeline/slot-points.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { PointToSave, Store } from '../../store/store.ts'

const start = Date.UTC(2026, 2, 10, 1)
const services = ['shop', 'blog', 'a b', 'x,y', 'service=z']

let store: Store
beforeEach(() => {
  store = openSqlite({ path: ':memory:' })
})
afterEach(() => store.close())

const { rules } = alertsSchema.parse({
  rules: [
    { name: 'fails', metric: 'changeFailRate', above: { warning: '15%', critical: '40%' }, for: '1h' },
    { name: 'fails in a week', metric: 'changeFailRate', window: '7d', above: '15%', keepFiringFor: '2h' },
    { name: 'fails naively', metric: 'changeFailRate', above: '15%', test: 'naive', noData: 'ok' },
    {
      name: 'slow',
      metric: 'leadTime',
      above: { critical: '2d' },
      minSamples: 5,
      noData: 'alert',
      noDataFor: '2h',
    },
    { name: 'slowest', metric: 'leadTime', aggregate: 'p90', above: '2d', services: ['shop', 'x,y'] },
    { name: 'teams', metric: 'changeFailRate', per: 'team', above: '20%' },
    { name: 'seldom', metric: 'deploymentFrequency', below: '1/day', teams: 'web' },
    { name: 'open', metric: 'openFailures', above: 0, clear: 0 },
    { name: 'ci', metric: 'ciFailureRate', above: '20%' },
  ],
})

function pointsAt(at: number, random: Random): PointToSave[] {
  const count = () => ({ int: random.between(0, 40) })
  const window = (tags: Record<string, string>, days: number): PointToSave => {
    const n = random.between(0, 60)
    const failed = random.between(0, Math.min(n, 30))
    const fields = {
      n: { int: n },
      // A text that looks as if it were the field.
      note: 'see ,failed=99i,change_fail_rate=0.9,lead_time_n=3i',
      deployment_frequency_per_day: n / days,
      deployments: { int: n },
      ...(n === 0 || random.chance(0.2) ? {} : { failed: { int: failed }, change_fail_rate: failed / n }),
      lead_time_n: { int: n },
      ...(n === 0
        ? {}
        : { lead_time_p50_s: 400_000 * random.next(), lead_time_p90_s: 800_000 * random.next() }),
    }
    const series = encodeSeries('dora_window', { ...tags, window: `${days}d` })
    return { series, at, nanos: 0, fields: encodeFields(fields) }
  }
  const pools = ['web', 'core'].map((team) => window({ environment: '*', service: '*', team }, 30))
  return [
    ...pools,
    ...services
      .filter(() => random.chance(0.85))
      .flatMap((service, index) => {
        const tags = { environment: 'production', service, team: index % 2 === 0 ? 'web' : 'core' }
        const ci = { n: { int: 50 }, failed: count(), failure_rate: random.next() }
        return [
          window(tags, 7),
          window(tags, 30),
          {
            series: encodeSeries('dora_state', tags),
            at,
            nanos: 0,
            fields: encodeFields({ open_failures: count() }),
          },
          ...['*', 'build.yml'].map((workflow) => ({
            series: encodeSeries('dora_ci', { service, team: tags.team, workflow, window: '30d' }),
            at,
            nanos: 0,
            fields: encodeFields(ci),
          })),
        ]
      }),
  ]
}

/** The same without anything that makes it fast: every rule looks at every point, and reads all of it. */
function plainly(former: ReadonlyMap<string, Instance>, points: readonly PointToSave[], at: number) {
  const states = new Map<string, { state: Instance['state']; value: number | undefined }>()
  const told: string[] = []
  const timing = (rule: Rule) => ({
    forMs: rule.forMs,
    keepFiringForMs: rule.keepFiringForMs,
    noData: rule.noData,
    noDataForMs: rule.noDataForMs,
    severity: rule.thresholds.at(-1)!.severity,
  })
  for (const rule of rules) {
    const metric = metricOf(rule.metric)
    for (const { series, fields } of points) {
      const { measurement, tags } = decodeSeries(series)
      const { service, team, environment = '*', workflow = '' } = tags
      if (measurement !== metric.measurement) continue
      if (metric.hasWindow && tags['window'] !== `${rule.windowDays}d`) continue
      if (rule.per === 'service' ? service === '*' : service !== '*') continue
      if (rule.services && !rule.services.includes(service!)) continue
      if (rule.teams && !rule.teams.includes(team!)) continue
      if (measurement === 'dora_ci' && workflow !== '*') continue
      const texts = fieldTexts(fields)
      const number = (field: string | undefined) => {
        const text = field === undefined ? undefined : texts.get(field)
        return text === undefined ? undefined : Number.parseFloat(text)
      }
      const n = number(metric.n)
      const value = n === 0 ? undefined : number(metric.fields[rule.aggregate])
      const subject = { service: service!, team: team!, environment, detail: workflow }
      const { verdict } = judge(rule, { subject, value, n, count: number(metric.count) }, undefined)
      const key = [rule.name, service, service === '*' ? team : '', environment, workflow].join('\n')
      const { state, transitions } = step(former.get(key)?.state, verdict, timing(rule), at)
      states.set(key, { state, value: verdict.kind === 'unknown' ? former.get(key)?.value : value })
      told.push(...transitions.map(({ kind, severity }) => `${key} ${kind} ${severity}`))
    }
    for (const [key, { rule: of, state: last, value, subject }] of former) {
      if (of !== rule.name || states.has(key)) continue
      const isGone = subject.service === 'blog' && at > start + 8 * hourMs
      const { state, transitions } = isGone
        ? endInstance(last, 'removed', at)
        : step(last, { kind: 'unknown', reason: 'no point' }, timing(rule), at)
      if (!isGone) states.set(key, { state, value })
      told.push(...transitions.map(({ kind, severity }) => `${key} ${kind} ${severity}`))
    }
  }
  // Nothing is kept of what nobody was ever told of.
  const kept = [...states].filter(
    ([key, { state }]) =>
      state.state !== 'inactive' ||
      state.episode > 0 ||
      rules.some(({ name, noData }) => noData === 'alert' && key.startsWith(`${name}\n`)),
  )
  return { states: new Map(kept), told: told.sort() }
}

/** Of who is well it is not written when it was found so. */
function shown({ at, ...state }: Instance['state']): object {
  return state.state === 'inactive' && state.unknownSince === undefined ? state : { ...state, at }
}

test.each([1, 2, 3, 4, 5, 6])(
  'says what a plain evaluation says, hour after hour (seed %i)',
  async (seed) => {
    const random = randomFrom(seed)
    let instances = new Map<string, Instance>()
    let fired = 0
    for (let hour = 0; hour < 16; hour += 1) {
      const at = start + hour * hourMs
      const all = pointsAt(at, random)
      await store.points.saveAll([['a', all]])
      const isKnown = ({ service }: { service: string }) => service !== 'blog' || hour <= 8
      const points = await slotPoints(store, rules, at, inOneZone('UTC'))
      const evaluated = evaluate(rules, instances, { at, points, isKnown })
      const expected = plainly(instances, all, at)
      const told = evaluated.transitions.map(
        ({ instance, transition: { kind, severity } }) => `${instance.key} ${kind} ${severity}`,
      )
      expect(told.sort()).toEqual(expected.told)
      fired += told.length
      instances = new Map(instances)
      for (const key of evaluated.gone) instances.delete(key)
      for (const instance of evaluated.changed) instances.set(instance.key, instance)
      for (const [key, { state, value }] of instances) {
        const { state: same, value: number } = expected.states.get(key)!
        expect({ key, ...shown(state), value: state.state === 'inactive' ? 0 : value }).toEqual({
          key,
          ...shown(same),
          value: same.state === 'inactive' ? 0 : number,
        })
      }
      for (const [key, { state }] of expected.states)
        if (state.state !== 'inactive') expect([...instances.keys()]).toContain(key)
    }
    expect(fired).toBeGreaterThan(20)
  },
)

test('samples are found by their service, of series that came in since, too', async () => {
  const change = (service: string, source: string, at: number): PointToSave => ({
    series: encodeSeries('dora_change', { environment: 'production', service, source, team: 'web' }),
    at,
    nanos: 0,
    fields: encodeFields({ lead_time_s: at }),
  })
  const found = async (service: string) =>
    (await store.points.between('dora_change', ['service', service], 10, 20)).map(({ at }) => at)
  await store.points.saveAll([
    ['a', [change('shop', 'a', 10), change('shop', 'a', 20), change('x,y', 'a', 11)]],
  ])
  expect(await found('shop')).toEqual([10])
  expect(await found('x,y')).toEqual([11])
  await store.points.saveAll([['a', [change('shop', 'b', 12), change('blog', 'b', 13)]]])
  expect(await found('shop')).toEqual([10, 12])
  expect(await found('blog')).toEqual([13])
  await expect(
    store.write(async () => {
      await store.points.saveAll([['a', [change('lost', 'a', 14)]]])
      expect(await found('lost')).toEqual([14])
      throw new Error('rolled back')
    }),
  ).rejects.toThrow('rolled back')
  expect(await found('lost')).toEqual([])
  await store.points.saveAll([['a', [change('other', 'a', 15)]]])
  expect(await found('other')).toEqual([15])
  expect(await found('lost')).toEqual([])
})
