import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeSlots } from '../alerts/compare.ts'
import { evaluate, type Instance } from '../alerts/evaluate.ts'
import type { SlotPoints } from '../alerts/observation.ts'
import { calendarOf, dayMs, hourMs } from '../core/calendar.ts'
import { alertAt } from '../pipeline/alerts.ts'
import { backtest } from '../pipeline/backtest.ts'
import { inOneZone } from '../pipeline/owners.ts'
import { slotPoints } from '../pipeline/slot-points.ts'
import { storedHistory } from '../pipeline/stored-history.ts'
import { openSqlite } from '../store/sqlite.ts'
import type { PointToSave, Store } from '../store/store.ts'
import { optionsOf } from '../test/analyse.ts'
import { slot, slotWorld, yearWorld } from './alerts-points.ts'
import { fortyRules, triedRules } from './alerts-rules.ts'
import type { Figure } from './figure.ts'
import { serviceName, teamName } from './history.ts'
import { median, stopwatch, type Took } from './stopwatch.ts'

const services = 5000
const rounds = 3
const yearServices = 1000
const days = 365

type World = Iterable<readonly [owner: string, points: PointToSave[]]>

/**
 * What an hour of alerting costs a large organisation: forty rules over five thousand services, with the points in
 * memory and from the store, each beside a bare pass over the same.
 */
export async function benchAlerts(report: (line: string) => void): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dorado-bench-'))
  try {
    return [
      ...(await benchSlot(join(folder, 'slot.db'), report)),
      ...(await benchYear(join(folder, 'year.db'), report)),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function benchSlot(path: string, report: (line: string) => void): Promise<Figure[]> {
  const rules = fortyRules()
  const pipeline = { store: openSqlite({ path }), derivation: derivation() }
  report(`alerts: writing the points of ${services} services`)
  await fill(pipeline.store, slotWorld(services))

  // As after the hours before: what fires, fires already.
  const settings = { rules, routes: [] }
  for (const hours of [-3, -2])
    await alertAt(pipeline, settings, slot + hours * hourMs, { clock: () => slot })
  const first = await alertAt(pipeline, settings, slot, { clock: () => slot }, { isDry: true })
  report(`alerts: ${first.firing.length} fire`)

  const fromStore: Took[] = []
  for (let round = 0; round < rounds; round += 1) {
    const took = stopwatch()
    await alertAt(pipeline, settings, slot, { clock: () => slot }, { isDry: true })
    fromStore.push(took())
  }

  const points = await slotPoints(pipeline.store, rules, slot, inOneZone('UTC'))
  const before = await beforeSlots(storedHistory(pipeline.store, inOneZone('UTC')), rules, {
    slot,
    points,
    calendar: calendarOf('UTC'),
  })
  const former = new Map(
    (await pipeline.store.alerts.instances()).map(({ key, body }) => [key, JSON.parse(body) as Instance]),
  )
  const inMemory: Took[] = []
  const bare: Took[] = []
  for (let round = 0; round < rounds; round += 1) {
    const took = stopwatch()
    evaluate(rules, former, { at: slot, points, before, isKnown: () => true })
    inMemory.push(took())
    const loop = stopwatch()
    if (bareLoop(points, rules.length) === 0) throw new Error('there is nothing to compare')
    bare.push(loop())
  }
  pipeline.store.close()

  const subjects = `${services} services × ${rules.length} rules`
  return [
    {
      name: `alerts: ${subjects}, the points in memory (${former.size} instances)`,
      value: median(inMemory).cpuMs,
      unit: 'ms',
      atMost: 1000,
    },
    {
      name: `alerts: the same beside a bare loop that reads one field of each point for each rule`,
      value: median(inMemory).cpuMs,
      unit: 'ms',
      baseline: { name: 'bare loop', value: median(bare).cpuMs },
    },
    { name: `alerts: ${subjects}, from the store`, value: median(fromStore).ms, unit: 'ms', atMost: 3000 },
    {
      name: 'alerts: the same beside a bare scan of the rows of the slot',
      value: median(fromStore).ms,
      unit: 'ms',
      baseline: { name: 'bare scan', value: bareScan(path) },
    },
  ]
}

/** A rule tried on a year, with the thresholds around its own: one that reads the bare numbers, and one that compares. */
async function benchYear(path: string, report: (line: string) => void): Promise<Figure[]> {
  const pipeline = { store: openSqlite({ path }), derivation: derivation() }
  report(`alerts: writing the points of ${yearServices} services and ${days} days`)
  await fill(pipeline.store, yearWorld(yearServices, days))
  const asked = { from: slot - (days + 1) * dayMs, to: slot }
  const figures: Figure[] = []
  for (const [name, rule] of Object.entries(triedRules())) {
    const took = stopwatch()
    const { slots, firings } = await backtest(pipeline, rule, asked)
    const { ms } = took()
    report(`alerts: ${name}: ${slots} ends of days, ${firings.length} firings`)
    const subject = `alerts: backtest of ${name}, ${days} days × ${yearServices} services, 7 thresholds`
    figures.push({ name: subject, value: ms, unit: 'ms', atMost: 10_000 })
    if (rule.isRelative) continue
    const baseline = { name: 'bare scan', value: await bareYear(pipeline.store, asked) }
    figures.push({ name: 'alerts: the same beside a bare scan of its rows', value: ms, unit: 'ms', baseline })
  }
  pipeline.store.close()
  return figures
}

async function bareYear(store: Store, { from, to }: { from: number; to: number }): Promise<number> {
  const took = stopwatch()
  let length = 0
  for await (const { points } of store.points.scan('dora_window', { tag: ['window', '30d'], from, to }))
    for (const { fields } of points) length += fields.length
  if (length === 0) throw new Error('nothing was read')
  return took().ms
}

async function fill(store: Store, world: World): Promise<void> {
  await store.points.saveAll(world)
}

function derivation() {
  return optionsOf(
    {
      timezone: 'UTC',
      services: Array.from({ length: services }, (_, index) => ({
        name: serviceName(index),
        team: teamName(index),
      })),
    },
    slot,
  )
}

function bareLoop(points: SlotPoints, times: number): number {
  let above = 0
  for (let time = 0; time < times; time += 1) {
    for (const point of points.of('dora_window')) {
      if (point.tags['window'] === '30d' && (point.number('change_fail_rate') ?? 0) > 0.15) above += 1
    }
  }
  return above
}

function bareScan(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true })
  const rows = database.prepare('SELECT fields FROM passing_points')
  const took = stopwatch()
  let length = 0
  for (const { fields } of rows.all() as { fields: string }[]) length += fields.length
  const { ms } = took()
  database.close()
  if (length === 0) throw new Error('nothing was read')
  return ms
}
