import type { BeforeSlot } from '../alerts/evaluate.ts'
import { metricOf } from '../alerts/metrics.ts'
import { keyOf, observationsOf, type SlotPoints, type Subject } from '../alerts/observation.ts'
import type { Rule } from '../alerts/rule.ts'
import { mannWhitney } from '../alerts/significance.ts'
import { calendarOf } from '../core/calendar.ts'
import { fieldTexts } from '../core/field-names.ts'
import type { Store } from '../store/store.ts'
import { slotPoints } from './slot-points.ts'

/**
 * What was one window before, for the rules that compare: the points of the midnight that ended it. The samples of both
 * windows are read where the bare number is past the threshold, which is seldom.
 */
export async function beforeSlots(
  store: Store,
  rules: readonly Rule[],
  now: { slot: number; points: SlotPoints; timezone: string },
): Promise<(rule: Rule) => BeforeSlot | undefined> {
  const slots = new Map<string, BeforeSlot>()
  for (const rule of rules) {
    if (rule.isRelative && rule.windowDays !== undefined)
      slots.set(rule.name, await slotBefore(store, rule, now))
  }
  return (rule) => slots.get(rule.name)
}

async function slotBefore(
  store: Store,
  rule: Rule,
  { slot, points, timezone }: { slot: number; points: SlotPoints; timezone: string },
): Promise<BeforeSlot> {
  const calendar = calendarOf(timezone)
  const end = calendar.dayOf(calendar.daysBefore(slot, rule.windowDays!))
  const before = await slotPoints(store, [rule], end, timezone)
  const scores = new Map<string, number>()
  const earlier = new Map(observationsOf(rule, before).map((each) => [keyOf(rule.name, each.subject), each]))
  const least = rule.thresholds.at(-1)!.value
  for (const { subject, value } of observationsOf(rule, points)) {
    const key = keyOf(rule.name, subject)
    const base = earlier.get(key)?.value
    if (value === undefined || base === undefined) continue
    const isPast = rule.direction === 'above' ? value > least * base : value < least * base
    if (!isPast) continue
    const score = await scoreOf(store, rule, subject, [calendar.daysBefore(end, rule.windowDays!), end, slot])
    if (score !== undefined) scores.set(key, score)
  }
  return { points: before, rise: (subject) => scores.get(keyOf(rule.name, subject)) }
}

async function scoreOf(
  store: Store,
  rule: Rule,
  { service, environment }: Subject,
  [from, middle, to]: [from: number, middle: number, to: number],
): Promise<number | undefined> {
  const { samples } = metricOf(rule.metric)
  // The samples of a team are those of its services: only a service is tested.
  if (samples === undefined || service === '*') return undefined
  const { measurement, field } = samples
  const valuesIn = async (start: number, end: number) => {
    const points = await store.points.between(measurement, ['service', service], start, end)
    const texts = points
      .filter(({ series }) => environment === '*' || series.includes(`,environment=${environment},`))
      .map(({ fields }) => fieldTexts(fields!))
    // What is excluded, such as changes by bots, is in no percentile.
    const values = texts.filter((each) => !each.has('excluded')).map((each) => each.get(field))
    return Float64Array.from(values.filter((value) => value !== undefined).map(Number.parseFloat))
  }
  const [before, now] = [await valuesIn(from, middle), await valuesIn(middle, to)]
  return before.length === 0 || now.length === 0 ? undefined : mannWhitney(now, before).z
}
