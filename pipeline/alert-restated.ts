import { beforeSlots } from '../alerts/compare.ts'
import { evaluate, type Evaluated, type Instance, type Restated } from '../alerts/evaluate.ts'
import type { History } from '../alerts/history.ts'
import type { Rule } from '../alerts/rule.ts'
import type { Calendar } from '../core/calendar.ts'
import type { Restatement } from '../core/restatement.ts'
import type { Store } from '../store/store.ts'

/** How far back it is told since when a restated number would have been past its threshold. */
const daysBackMost = 30

/**
 * Of what turned at a slot, what turned only because the past is another now: facts came late, windows that had ended
 * were restated, and with what is known now the rule would have turned at the end of an earlier day, too. It is told as
 * such and not as news. Metrics without a window say how things are now, and are restated by nothing.
 */
export async function restatedOf(
  evaluated: Evaluated,
  former: ReadonlyMap<string, Instance>,
  rules: readonly Rule[],
  {
    store,
    history,
    calendar,
    slot,
    teamOf,
  }: {
    store: Store
    history: History
    calendar: Calendar
    slot: number
    teamOf: (service: string) => string | null
  },
): Promise<ReadonlyMap<string, Restated>> {
  const restated = new Map<string, Restated>()
  const lastSlot = await store.alerts.lastSlot()
  const turned = turnedAt(evaluated, former, slot)
  if (turned.length === 0 || lastSlot === undefined) return restated
  const late = await store.restatements.since(lastSlot)
  if (late.length === 0) return restated
  const byName = new Map(rules.map((rule) => [rule.name, rule]))
  const days = new Map<string, Promise<Evaluated>>()

  /** What a rule says, as of the end of a day, of everything that was well, or of one instance that fired. */
  async function replay(rule: Rule, at: number, fired?: Instance): Promise<Evaluated> {
    const points = await history.at(rule, at)
    const before = await beforeSlots(history, [rule], { slot: at, points, calendar })
    const then = fired && { ...fired, state: { ...fired.state, at: at - 1 } }
    const known = new Map(then === undefined ? [] : [[then.key, then]])
    return evaluate([rule], known, { at, points, before, isKnown: () => true })
  }

  async function wouldHaveTurned({ instance, fired }: Turned, rule: Rule, at: number): Promise<boolean> {
    if (fired !== undefined) {
      if (fired.state.firedAt! >= at) return false
      return turnedAt(await replay(rule, at, fired), new Map([[fired.key, fired]]), at).length > 0
    }
    const day = `${rule.name} ${at}`
    const replayed = days.get(day) ?? replay(rule, at)
    days.set(day, replayed)
    return (await replayed).changed.some(({ key, state }) => key === instance.key && state.activeSince === at)
  }

  for (const each of turned) {
    const rule = byName.get(each.instance.rule)
    if (rule?.windowDays === undefined) continue
    let end = calendar.dayOf(slot - 1)
    // What was not evaluated then was not told otherwise.
    for (let back = 0; back < daysBackMost && end <= lastSlot; back += 1) {
      const reasons = late.filter(
        (restatement) =>
          isPartOf(restatement.service, each.instance, teamOf) && isRestated(restatement, rule, end),
      )
      if (reasons.length === 0 || !(await wouldHaveTurned(each, rule, end))) break
      restated.set(each.instance.key, { since: end, why: whyOf(reasons) })
      end = calendar.dayOf(end - 1)
    }
  }
  return restated
}

function isPartOf(
  service: string,
  { subject }: Instance,
  teamOf: (service: string) => string | null,
): boolean {
  if (subject.service !== '*') return subject.service === service
  return subject.team === '*' || teamOf(service) === subject.team
}

/** Whether windows of that length were restated around one that ended then. */
function isRestated({ windows }: Restatement, { windowDays }: Rule, end: number): boolean {
  return windows.some(({ days, first, last }) => days === windowDays && first <= end && end <= last)
}

function whyOf(restatements: readonly Restatement[]): string {
  const count = restatements.reduce((sum, { factCount }) => sum + factCount, 0)
  const [fact] = restatements.flatMap(({ facts }) => facts)
  if (fact === undefined) return 'what was known of the past changed'
  const told = `${fact.kind} ${fact.id}${fact.removed ? ' was removed' : ' came late'}`
  return count > 1 ? `${told}, and ${count - 1} more` : told
}

interface Turned {
  instance: Instance
  /** As it fired, where it is well again; undefined where it began. */
  fired: Instance | undefined
}

/** The instances that began to be past their threshold at a slot, or to be well again. */
function turnedAt(
  { changed, transitions }: Evaluated,
  former: ReadonlyMap<string, Instance>,
  slot: number,
): Turned[] {
  const turned = new Map<string, Turned>()
  for (const instance of changed) {
    const { key, state } = instance
    if (state.activeSince === slot && state.firedReason === undefined)
      turned.set(key, { instance, fired: undefined })
    if (state.clearSince === slot) turned.set(key, { instance, fired: former.get(key) })
  }
  for (const { instance, transition } of transitions) {
    const was = former.get(instance.key)
    const isOver = transition.kind === 'resolved' && transition.reason === undefined
    if (isOver && was !== undefined && was.state.clearSince === undefined)
      turned.set(instance.key, { instance, fired: was })
  }
  return [...turned.values()]
}

/** What was evaluated, with what turned marked; a mark stays until the next turn. */
export function withRestated(
  { changed, transitions, gone }: Evaluated,
  former: ReadonlyMap<string, Instance>,
  restated: ReadonlyMap<string, Restated>,
): Evaluated {
  const marked = (instance: Instance): Instance => {
    const mark = restated.get(instance.key) ?? markOf(former.get(instance.key), instance)
    return mark === undefined ? instance : { ...instance, restated: mark }
  }
  return {
    changed: changed.map(marked),
    transitions: transitions.map((each) => ({ ...each, instance: marked(each.instance) })),
    gone,
  }
}

function markOf(former: Instance | undefined, { state }: Instance): Restated | undefined {
  if (former?.restated === undefined) return undefined
  const { activeSince, clearSince } = former.state
  if (state.state === 'inactive') return clearSince === undefined ? undefined : former.restated
  return state.activeSince === activeSince && state.clearSince === clearSince ? former.restated : undefined
}
