import type { Calendar } from '../core/calendar.ts'
import { beforeSlots } from './compare.ts'
import { evaluate, type Evaluated, type Instance } from './evaluate.ts'
import type { History } from './history.ts'
import { severities, type Labels, type Severity } from './message.ts'
import { observationsOf, type SlotPoints, type Subject } from './observation.ts'
import type { Rule } from './rule.ts'
import type { InstanceState, Transition } from './state.ts'

/** The instants at which rules are tried, with what was known of each. */
export interface Past {
  /** Ascending, epoch ms. */
  slots: readonly number[]
  pointsAt(slot: number): Promise<SlotPoints>
  history: History
  calendar: Calendar
  isKnown: (subject: Subject) => boolean
}

/** A time in which a rule would have fired of a subject. */
export interface Firing {
  subject: Subject
  labels: Labels
  from: number
  /** Undefined where it fires still. */
  to: number | undefined
  /** The highest that it had. */
  severity: Severity
  /** The value furthest past the threshold; undefined where it fired for want of data. */
  worst: number | undefined
  /** Why, where it is not what the numbers say. */
  reason: string | undefined
  /** Where it fires still, because nothing is known since then. */
  held: { since: number; reason: string } | undefined
}

/** A rule on its way through the past. */
interface Run {
  rule: Rule
  instances: Map<string, Instance>
  open: Map<string, Firing>
  firings: Firing[]
}

/**
 * When rules would have fired, evaluated slot by slot as the engine does. They are one rule with other thresholds, the
 * one that fires first at the head: what was before is looked up for that one, and is the same for all.
 */
export async function replay(rules: readonly Rule[], past: Past): Promise<Map<Rule, Firing[]>> {
  const runs = rules.map((rule): Run => ({ rule, instances: new Map(), open: new Map(), firings: [] }))
  const [loosest] = rules
  for (const slot of loosest === undefined ? [] : past.slots) {
    const points = await past.pointsAt(slot)
    const observations = observationsOf(loosest!, points)
    const before = await beforeSlots(past.history, [loosest!], { slot, points, calendar: past.calendar })
    for (const run of runs) {
      const evaluated = evaluate([run.rule], run.instances, {
        at: slot,
        points,
        before: () => before(loosest!),
        isKnown: past.isKnown,
        observed: () => observations,
      })
      advance(run, evaluated)
    }
  }
  return new Map(runs.map(({ rule, firings }) => [rule, firings]))
}

function advance({ rule, instances, open, firings }: Run, { changed, gone, transitions }: Evaluated): void {
  for (const key of gone) instances.delete(key)
  for (const instance of changed) instances.set(instance.key, instance)
  for (const { instance, transition } of transitions) {
    const firing = follow(open, instance, transition)
    if (firing) firings.push(firing)
  }
  if (open.size === 0) return
  for (const { key, value, state } of changed) {
    const firing = open.get(key)
    if (!firing) continue
    firing.held = heldOf(state)
    if (!firing.held) worsen(firing, value, rule)
  }
}

/** Follows a transition; the firing, where one begins. */
function follow(open: Map<string, Firing>, instance: Instance, transition: Transition): Firing | undefined {
  const { key, subject, labels } = instance
  const { kind, at, severity, reason } = transition
  const known = open.get(key)
  if (kind === 'resolved') {
    if (known) Object.assign(known, { to: at, held: undefined })
    open.delete(key)
    return undefined
  }
  if (kind !== 'fired') {
    if (known && severities.indexOf(severity) > severities.indexOf(known.severity)) known.severity = severity
    return undefined
  }
  const firing: Firing = {
    subject,
    labels,
    from: at,
    to: undefined,
    severity,
    worst: undefined,
    reason,
    held: undefined,
  }
  open.set(key, firing)
  return firing
}

function heldOf({ unknownSince, unknownReason }: InstanceState): Firing['held'] {
  return unknownSince === undefined ? undefined : { since: unknownSince, reason: unknownReason! }
}

function worsen(firing: Firing, value: number | undefined, { direction }: Rule): void {
  if (value === undefined) return
  const { worst = value } = firing
  firing.worst = direction === 'above' ? Math.max(worst, value) : Math.min(worst, value)
}
