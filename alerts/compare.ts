import type { Calendar } from '../core/calendar.ts'
import type { BeforeSlot } from './evaluate.ts'
import type { History } from './history.ts'
import { keyOf, observationsOf, type SlotPoints, type Subject } from './observation.ts'
import type { Rule } from './rule.ts'
import { mannWhitney } from './significance.ts'

/** The slot that is evaluated. */
export interface Now {
  /** Epoch ms. */
  slot: number
  points: SlotPoints
  calendar: Calendar
}

/**
 * What was one window before, for the rules that compare: the points of the midnight that ended it. The samples of both
 * windows are read where the bare number is past the threshold, which is seldom.
 */
export async function beforeSlots(
  history: History,
  rules: readonly Rule[],
  now: Now,
): Promise<(rule: Rule) => BeforeSlot | undefined> {
  const slots = new Map<string, BeforeSlot>()
  for (const rule of rules) {
    if (rule.isRelative && rule.windowDays !== undefined)
      slots.set(rule.name, await slotBefore(history, rule, now))
  }
  return (rule) => slots.get(rule.name)
}

async function slotBefore(
  history: History,
  rule: Rule,
  { slot, points, calendar }: Now,
): Promise<BeforeSlot> {
  const end = calendar.dayOf(calendar.daysBefore(slot, rule.windowDays!))
  const before = await history.at(rule, end)
  const scores = new Map<string, number>()
  const earlier = new Map(observationsOf(rule, before).map((each) => [keyOf(rule.name, each.subject), each]))
  const least = rule.thresholds.at(-1)!.value
  for (const { subject, value } of observationsOf(rule, points)) {
    const key = keyOf(rule.name, subject)
    const base = earlier.get(key)?.value
    if (value === undefined || base === undefined) continue
    const isPast = rule.direction === 'above' ? value > least * base : value < least * base
    if (!isPast) continue
    const score = await scoreOf(history, rule, subject, [
      calendar.daysBefore(end, rule.windowDays!),
      end,
      slot,
    ])
    if (score !== undefined) scores.set(key, score)
  }
  return { points: before, rise: (subject) => scores.get(keyOf(rule.name, subject)) }
}

async function scoreOf(
  history: History,
  rule: Rule,
  subject: Subject,
  [from, middle, to]: [from: number, middle: number, to: number],
): Promise<number | undefined> {
  // The samples of a team are those of its services: only a service is tested.
  if (subject.service === '*') return undefined
  const before = await history.samples(rule, subject, from, middle)
  const now = await history.samples(rule, subject, middle, to)
  if (!before?.length || !now?.length) return undefined
  return mannWhitney(now, before).z
}
