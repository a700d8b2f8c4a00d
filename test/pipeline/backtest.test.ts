import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { severities, type Severity } from '../../alerts/message.ts'
import type { Rule } from '../../alerts/rule.ts'
import { alertsSchema } from '../../alerts/settings.ts'
import { randomFrom } from '../../bench/random.ts'
import { calendarOf, dayMs, hourMs } from '../../core/calendar.ts'
import { encodeFields, encodeSeries } from '../../core/line-protocol.ts'
import { alertAt } from '../../pipeline/alerts.ts'
import { backtest } from '../../pipeline/backtest.ts'
import { openSqlite } from '../../store/sqlite.ts'
import type { PointToSave, Store } from '../../store/store.ts'
import { optionsOf } from '../analyse.ts'

const timezone = 'Europe/Berlin'
// The clocks change within.
const from = calendarOf(timezone).dayOf(Date.UTC(2026, 1, 10, 12))
const midnights = calendarOf(timezone).midnights(from - 70 * dayMs, from + 60 * dayMs)
const slots = midnights.filter((at) => at >= from)
const services = ['shop', 'blog', 'search', 'mail']
const derivation = optionsOf(
  { timezone, services: services.map((name) => ({ name, team: name === 'mail' ? 'core' : 'web' })) },
  slots.at(-1)!,
)

let store: Store
beforeEach(() => {
  store = openSqlite({ path: ':memory:' })
})
afterEach(() => store.close())

function ruleOf(rule: object): Rule {
  return alertsSchema.parse({ rules: [{ name: 'tried', ...rule }] }).rules[0]!
}

/** Services whose numbers wander, with days without a point or a number, and what lead times are made of. */
async function wander(seed: number): Promise<void> {
  const random = randomFrom(seed)
  const points: PointToSave[] = []
  for (const service of [...services, '*']) {
    const tags = { environment: service === '*' ? '*' : 'production', service, team: 'web' }
    let [failing, hours, perDay] = [0.1, 10, 3]
    for (const at of midnights) {
      if (random.chance(0.1)) failing = random.next() / 2
      if (random.chance(0.1)) hours = random.between(2, 100)
      if (random.chance(0.1)) perDay = random.between(0, 8)
      if (random.chance(0.05)) continue
      for (const days of [7, 30]) {
        const n = Math.round(perDay * days * (0.5 + random.next()))
        const failed = Math.min(n, Math.round(n * failing * (0.5 + random.next())))
        const fields = {
          n: { int: n },
          deployments: { int: n },
          deployment_frequency_per_day: n / days,
          ...(random.chance(0.1)
            ? {}
            : { failed: { int: failed }, ...(n > 0 ? { change_fail_rate: failed / n } : {}) }),
          lead_time_n: { int: n },
          ...(n > 0 ? { lead_time_p50_s: hours * 3600 * (0.5 + random.next()) } : {}),
        }
        const series = encodeSeries('dora_window', { ...tags, window: `${days}d` })
        points.push({ series, at, nanos: 0, fields: encodeFields(fields) })
      }
      if (service === '*') continue
      for (let deployment = 0; deployment < 6; deployment += 1)
        points.push({
          series: encodeSeries('dora_deployment', { ...tags, source: 'git' }),
          at: at - random.between(1, 23) * hourMs,
          nanos: points.length,
          fields: encodeFields({ id: 'failed=true', failed: random.chance(failing) }),
        })
      const series = encodeSeries('dora_change', { ...tags, source: 'git' })
      for (let change = 0; change < perDay; change += 1)
        points.push({
          series,
          at: at - random.between(1, 23) * hourMs,
          nanos: points.length,
          fields: encodeFields({
            lead_time_s: hours * 3600 * (0.2 + 2 * random.next()),
            ...(random.chance(0.1) ? { excluded: true } : {}),
          }),
        })
    }
  }
  await store.points.saveAll([['made', points]])
}

interface Told {
  of: string
  from: number
  to: number | undefined
  severity: Severity
}

/** What the engine writes into its history when it evaluates the rule at one instant after the other. */
async function dayByDay(rule: Rule): Promise<Told[]> {
  for (const slot of slots)
    await alertAt({ store, derivation }, { rules: [rule], routes: [] }, slot, { clock: () => slot })
  const told: Told[] = []
  for (const { at, body } of await store.alerts.history(0)) {
    const { kind, severity, labels } = JSON.parse(body) as {
      kind: string
      severity: Severity
      labels: Record<string, string>
    }
    const of = JSON.stringify(labels)
    const open = told.findLast((each) => each.of === of && each.to === undefined)
    if (kind === 'fired') told.push({ of, from: at, to: undefined, severity })
    else if (kind === 'resolved') open!.to = at
    else if (severities.indexOf(severity) > severities.indexOf(open!.severity)) open!.severity = severity
  }
  return told
}

const sorted = (told: readonly Told[]) => told.toSorted((a, b) => a.from - b.from || (a.of < b.of ? -1 : 1))

const rules: [string, object][] = [
  ['a threshold', { metric: 'changeFailRate', above: { warning: '15%', critical: '30%' } }],
  ['the bare number', { metric: 'changeFailRate', window: '7d', above: '15%', test: 'naive', minSamples: 5 }],
  ['for and keepFiringFor', { metric: 'changeFailRate', above: '12%', for: '36h', keepFiringFor: '2d' }],
  ['no data', { metric: 'changeFailRate', above: '40%', noData: 'alert', noDataFor: '1d' }],
  ['teams', { metric: 'changeFailRate', per: 'team', above: '15%' }],
  ['below', { metric: 'deploymentFrequency', window: '7d', below: '2/day' }],
  ['a fall', { metric: 'deploymentFrequency', window: '7d', comparedWith: 'previous', below: '60%' }],
  [
    'a rise of a rate',
    { metric: 'changeFailRate', window: '7d', comparedWith: 'previous', above: '130%', for: '1d' },
  ],
  ['a budget', { metric: 'changeFailRate', window: '7d', budget: '10%', above: '2x' }],
  [
    'a budget lately',
    { metric: 'changeFailRate', window: '7d', budget: '10%', above: '1.2x', alsoIn: '1d', test: 'naive' },
  ],
  ['a band', { metric: 'changeFailRate', window: '7d', above: 'medium' }],
  [
    'a fall by a band',
    { metric: 'leadTime', window: '7d', comparedWith: 'previous', above: 'elite', test: 'naive' },
  ],
  ['a baseline', { metric: 'changeFailRate', window: '7d', comparedWith: '30d', above: '130%' }],
  [
    'a spread below',
    { metric: 'deploymentFrequency', window: '7d', comparedWith: '56d', below: '0.8sd', test: 'naive' },
  ],
  ['a spread', { metric: 'leadTime', window: '7d', comparedWith: '56d', above: '1sd', minSamples: 1 }],
  ['a rise of lead times', { metric: 'leadTime', window: '7d', comparedWith: 'previous', above: '130%' }],
]

describe('the engine, day after day, fires at the same times', () => {
  test.each(rules)('%s', async (_, written) => {
    const rule = ruleOf(written)
    let count = 0
    for (const seed of [1, 2]) {
      store.close()
      store = openSqlite({ path: ':memory:' })
      await wander(seed)
      const { firings, sweep } = await backtest({ store, derivation }, rule, { from, to: slots.at(-1)! })
      const found = firings.map(({ labels, ...each }) => ({
        of: JSON.stringify(labels),
        from: each.from,
        to: each.to,
        severity: each.severity,
      }))
      expect(sorted(found)).toEqual(sorted(await dayByDay(rule)))
      count += found.length
      expect(sweep.find(({ isOwn }) => isOwn)).toMatchObject({ fired: found.length })
    }
    expect(count).toBeGreaterThan(0)
  })

  test.each(rules)('with another threshold, %s', async (_, written) => {
    const rule = ruleOf(written)
    await wander(3)
    const { sweep } = await backtest({ store, derivation }, rule, { from, to: slots.at(-1)! })
    const strictest = sweep.at(-2)!
    const factor = rule.isRelative ? strictest.threshold : strictest.threshold / rule.thresholds.at(-1)!.value
    const thresholds = rule.thresholds.map((each) =>
      rule.isRelative ? { ...each, value: factor } : { ...each, value: each.value * factor },
    )
    // Nothing is said about it, so it is as far from the threshold as it was.
    const clear = strictest.threshold * (rule.clear / rule.thresholds.at(-1)!.value)
    const told = await dayByDay({ ...rule, thresholds, clear })
    expect(strictest).toMatchObject({ isOwn: false, fired: told.length })
  })
})

test('only one service, and only from a day on', async () => {
  await wander(1)
  const rule = ruleOf({ metric: 'changeFailRate', above: '12%' })
  const later = slots[20]!
  const all = await backtest({ store, derivation }, rule, { from, to: slots.at(-1)! })
  const one = await backtest({ store, derivation }, rule, { from, to: slots.at(-1)!, service: 'shop' })
  expect(one.firings).toEqual(all.firings.filter(({ subject }) => subject.service === 'shop'))
  expect(one.firings.length).toBeGreaterThan(0)
  const short = await backtest({ store, derivation }, rule, { from: later, to: slots.at(-1)! })
  expect(short.span).toEqual({ from: later, to: slots.at(-1) })
  expect(short.slots).toBe(slots.length - 20)
  expect(short.everyMs).toBe(dayMs)
})

test('a service whose days end elsewhere is looked at at the ends of its days', async () => {
  const own = optionsOf(
    { timezone: 'UTC', services: [{ name: 'shop', timezone: 'Asia/Kolkata' }, { name: 'blog' }] },
    slots.at(-1)!,
  )
  const pointsOf = (service: string, zone: string): PointToSave[] =>
    calendarOf(zone)
      .midnights(from, from + 9 * dayMs)
      .map((at, day) => ({
        series: encodeSeries('dora_window', {
          environment: 'production',
          service,
          team: 'none',
          window: '30d',
        }),
        at,
        nanos: 0,
        fields: encodeFields({
          n: { int: 100 },
          failed: { int: day > 3 ? 40 : 5 },
          change_fail_rate: day > 3 ? 0.4 : 0.05,
        }),
      }))
  await store.points.saveAll([['made', [...pointsOf('shop', 'Asia/Kolkata'), ...pointsOf('blog', 'UTC')]]])
  const rule = ruleOf({ metric: 'changeFailRate', above: '15%', for: '1d' })
  const { firings } = await backtest({ store, derivation: own }, rule, { from, to: from + 9 * dayMs })
  const starts = Object.fromEntries(firings.map((firing) => [firing.subject.service, firing.from]))
  // Bad from the fifth end of a day on, and for a day by the sixth.
  expect(starts).toEqual({
    shop: calendarOf('Asia/Kolkata').midnights(from, from + 9 * dayMs)[5],
    blog: calendarOf('UTC').midnights(from, from + 9 * dayMs)[5],
  })
})

test('where nothing is stored there is nothing to tell', async () => {
  const rule = ruleOf({ metric: 'changeFailRate', above: '15%' })
  expect(await backtest({ store, derivation }, rule, { from, to: from + dayMs })).toMatchObject({
    span: undefined,
    slots: 0,
    firings: [],
  })
})
