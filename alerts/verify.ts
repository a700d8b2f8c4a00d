import { calendarOf } from '../core/calendar.ts'
import { beforeSlots } from './compare.ts'
import { evaluate, type Instance } from './evaluate.ts'
import type { History } from './history.ts'
import type { Severity } from './message.ts'
import { metricOf } from './metrics.ts'
import type { SlotPoints } from './observation.ts'
import type { Rule } from './rule.ts'
import { alertOf } from './tell.ts'
import type { Expected, Trial } from './verify-file.ts'
import { pointsOf } from './verify-series.ts'

/** An alert as the rules had it at an instant. */
export interface Found {
  rule: string
  labels: Readonly<Record<string, string>>
  state: 'pending' | 'firing'
  severity: Severity
  summary: string
}

/** A test whose alerts are not those that were expected: what is missing, and what nobody expected. */
export interface Failure {
  test: number
  atMs: number
  missing: readonly Expected[]
  unexpected: readonly Found[]
}

/** Evaluates the rules on the made-up series, value by value as the engine does hour by hour; what the tests found. */
export async function verify(trial: Trial, rules: readonly Rule[]): Promise<Failure[]> {
  const { startAt, intervalMs, tests } = trial
  const history = historyOf(trial)
  const calendar = calendarOf(trial.timezone)
  const last = Math.max(...tests.map(({ atMs }) => atMs))
  const instances = new Map<string, Instance>()
  const failures: Failure[] = []
  for (let atMs = 0; atMs <= last; atMs += intervalMs) {
    const slot = startAt + atMs
    const points = history.pointsAt(slot)
    const before = await beforeSlots(history, rules, { slot, points, calendar })
    const { changed, gone } = evaluate(rules, instances, { at: slot, points, before, isKnown: () => true })
    for (const key of gone) instances.delete(key)
    for (const instance of changed) instances.set(instance.key, instance)
    for (const [test, { atMs: when, rule, alerts }] of tests.entries()) {
      if (when !== atMs) continue
      const found = foundIn(instances, rules).filter((each) => rule === undefined || each.rule === rule)
      const { missing, unexpected } = compare(alerts, found)
      if (missing.length > 0 || unexpected.length > 0) failures.push({ test, atMs, missing, unexpected })
    }
  }
  return failures.toSorted((a, b) => a.test - b.test)
}

function foundIn(instances: ReadonlyMap<string, Instance>, rules: readonly Rule[]): Found[] {
  return [...instances.values()].flatMap((instance) => {
    const { state } = instance.state
    const rule = rules.find(({ name }) => name === instance.rule)!
    if (state === 'inactive') return []
    const { labels, severity, summary } = alertOf(rule, instance, { labels: {}, fingerprint: instance.key })
    return [{ rule: rule.name, labels, severity, summary, state: state === 'pending' ? 'pending' : 'firing' }]
  })
}

/** Every expectation takes one alert, the most exact one first: what says less may take what is left. */
function compare(expected: readonly Expected[], found: readonly Found[]) {
  const left = new Set(found)
  const missing = expected
    .toSorted((a, b) => saidBy(b) - saidBy(a))
    .filter((each) => {
      const match = [...left].find((alert) => isAsExpected(alert, each))
      if (match) left.delete(match)
      return match === undefined
    })
  return { missing, unexpected: [...left] }
}

function saidBy({ labels, severity, summary }: Expected): number {
  return Object.keys(labels).length + (severity === undefined ? 0 : 1) + (summary === undefined ? 0 : 1)
}

function isAsExpected(found: Found, { rule, labels, state, severity, summary }: Expected): boolean {
  return (
    found.rule === rule &&
    found.state === state &&
    (severity === undefined || found.severity === severity) &&
    (summary === undefined || found.summary === summary) &&
    Object.entries(labels).every(([name, value]) => found.labels[name] === value)
  )
}

/** The made-up series as a history: at an instant between two values the former holds. */
function historyOf({ startAt, intervalMs, series, samples }: Trial): History & {
  pointsAt(instant: number): SlotPoints
} {
  const pointsAt = (instant: number) => pointsOf(series, Math.floor((instant - startAt) / intervalMs))
  const teams = new Map(series.map((each) => [each.service, each.team]))
  return {
    pointsAt,
    at: (_rule, instant) => Promise.resolve(pointsAt(instant)),
    samples(rule, { service, team, environment }, from, to) {
      const own = samples.filter(
        (each) =>
          (service === '*' ? team === '*' || teams.get(each.service) === team : each.service === service) &&
          metricOf(each.metric).samples?.field === metricOf(rule.metric).samples?.field &&
          (each.environment === undefined || each.environment === environment),
      )
      const values = own.flatMap(({ cells, everyMs }) =>
        cells.flatMap((cell, index) => {
          const at = startAt + index * everyMs
          return typeof cell === 'object' && at >= from && at < to ? [cell.value] : []
        }),
      )
      return Promise.resolve(own.length === 0 ? undefined : Float64Array.from(values))
    },
  }
}
