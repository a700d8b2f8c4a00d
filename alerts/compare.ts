import type { Calendar } from '../core/calendar.ts'
import type { BeforeSlot } from './evaluate.ts'
import type { History } from './history.ts'
import { limitOf, type Before } from './judge.ts'
import { metricOf } from './metrics.ts'
import { keyOf, observationsOf, type Observation, type SlotPoints, type Subject } from './observation.ts'
import type { Rule } from './rule.ts'
import { mannWhitney } from './significance.ts'
import { spreadOf } from './spread.ts'

/** The slot that is evaluated. */
export interface Now {
  /** Epoch ms. */
  slot: number
  points: SlotPoints
  calendar: Calendar
}

type Befores = ReadonlyMap<string, Before>

/**
 * What was before, for the rules that compare. Windows of the past are those that ended at a midnight: these points
 * stay. What numbers are made of is read where the bare number is past the threshold, which is seldom.
 */
export async function beforeSlots(
  history: History,
  rules: readonly Rule[],
  now: Now,
): Promise<(rule: Rule) => BeforeSlot | undefined> {
  const slots = new Map<string, Befores>()
  for (const rule of rules) if (rule.isRelative) slots.set(rule.name, await beforesOf(history, rule, now))
  return (rule) => {
    const befores = slots.get(rule.name)
    return befores && ((subject) => befores.get(keyOf(rule.name, subject)))
  }
}

async function beforesOf(history: History, rule: Rule, now: Now): Promise<Befores> {
  const { comparison } = rule
  switch (comparison?.kind) {
    case undefined:
      return new Map()
    case 'previous':
    case 'dropped':
      return windowBefore(history, rule, now, rule.windowDays!)
    case 'baseline':
      return windowBefore(history, rule, now, comparison.days)
    case 'spread':
      return spreadBefore(history, rule, now, comparison.windows)
    case 'earlier':
      return earlier(history, rule, now, comparison.agoMs)
    case 'budget':
      return lately(history, rule, now, comparison.alsoInMs!)
  }
}

/** The midnight that ended the window before the current one. */
function endBefore(rule: Rule, { slot, calendar }: Now): number {
  return calendar.dayOf(calendar.daysBefore(slot, rule.windowDays!))
}

/** What it was over so many days, up to one window ago, and whether the samples rose since. */
async function windowBefore(history: History, rule: Rule, now: Now, days: number): Promise<Befores> {
  const end = endBefore(rule, now)
  const before = byKey(rule, await observedAt(history, { ...rule, windowDays: days }, end))
  const befores = new Map<string, Before>()
  for (const { key, value, subject } of observed(rule, now.points)) {
    const observation = before.get(key)
    const compared: Before = { observation }
    befores.set(key, compared)
    if (value === undefined || observation?.value === undefined || !isPast(rule, value, compared)) continue
    compared.rise = await riseOf(history, rule, subject, [now.calendar.daysBefore(end, days), end, now.slot])
  }
  return befores
}

async function riseOf(
  history: History,
  rule: Rule,
  subject: Subject,
  [from, middle, to]: [from: number, middle: number, to: number],
): Promise<number | undefined> {
  // Rates and counts have tests of their own.
  if (metricOf(rule.metric).count !== undefined) return undefined
  const before = await history.samples(rule, subject, from, middle)
  const now = await history.samples(rule, subject, middle, to)
  if (before === undefined || now === undefined) return undefined
  // Nothing was found of what it is made of: no rise is shown by that.
  if (before.length === 0 || now.length === 0) return 0
  return mannWhitney(now, before).z
}

/** How it was distributed over so many windows, one after the other, the last of which ended one window ago. */
async function spreadBefore(history: History, rule: Rule, now: Now, windows: number): Promise<Befores> {
  const values = new Map<string, number[]>()
  let end = endBefore(rule, now)
  for (let window = 0; window < windows; window += 1) {
    for (const { subject, value, n } of await observedAt(history, rule, end)) {
      if (value === undefined || (n !== undefined && n < rule.minSamples)) continue
      const key = keyOf(rule.name, subject)
      const known = values.get(key)
      if (known) known.push(value)
      else values.set(key, [value])
    }
    end = now.calendar.daysBefore(end, rule.windowDays!)
  }
  const { unit } = metricOf(rule.metric)
  return new Map([...values].map(([key, known]) => [key, { spread: spreadOf(known, unit) }]))
}

/** What it was so long ago, of what has no window. */
async function earlier(history: History, rule: Rule, now: Now, agoMs: number): Promise<Befores> {
  const then = await observedAt(history, rule, now.slot - agoMs)
  const before = byKey(rule, then)
  // What is not found has no point; nothing is known where there is no point of anything.
  const isNone = rule.metric === 'qualityFindings' && then.length > 0
  return new Map(
    observed(rule, now.points).map(({ key, subject }) => {
      const none = isNone ? { subject, value: 0, n: undefined, count: undefined } : undefined
      return [key, { observation: before.get(key) ?? none }]
    }),
  )
}

/** How many of how many there were lately, of the subjects that are past the threshold in their window. */
async function lately(history: History, rule: Rule, now: Now, alsoInMs: number): Promise<Befores> {
  const befores = new Map<string, Before>()
  for (const { key, value, subject } of observed(rule, now.points)) {
    if (value === undefined || !isPast(rule, value, undefined, rule.clear)) continue
    const samples = await history.samples(rule, subject, now.slot - alsoInMs, now.slot)
    if (samples === undefined) continue
    befores.set(key, { recent: { count: samples.reduce((sum, one) => sum + one, 0), n: samples.length } })
  }
  return befores
}

function isPast(
  rule: Rule,
  value: number,
  before: Before | undefined,
  threshold = rule.thresholds.at(-1)!.value,
): boolean {
  const limit = limitOf(rule, threshold, before)
  return rule.direction === 'above' ? value > limit : value < limit
}

async function observedAt(history: History, rule: Rule, instant: number): Promise<Observation[]> {
  return observationsOf(rule, await history.at(rule, instant))
}

function observed(rule: Rule, points: SlotPoints): (Observation & { key: string })[] {
  return observationsOf(rule, points).map((each) => ({ ...each, key: keyOf(rule.name, each.subject) }))
}

function byKey(rule: Rule, observations: readonly Observation[]): ReadonlyMap<string, Observation> {
  return new Map(observations.map((each) => [keyOf(rule.name, each.subject), each]))
}
