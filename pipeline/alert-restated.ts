import { beforeSlots } from '../alerts/compare.ts'
import { evaluate, type Evaluated, type Instance, type Restated } from '../alerts/evaluate.ts'
import type { History } from '../alerts/history.ts'
import type { SlotPoints } from '../alerts/observation.ts'
import type { Rule } from '../alerts/rule.ts'
import { turnedAt, type Turned } from '../alerts/turned.ts'
import { calendarOf, type Calendar } from '../core/calendar.ts'
import type { Store } from '../store/store.ts'
import { ruleStamp, seenBefore } from './alert-seen.ts'
import { asTold, placeOf, reasonsOf, whyOf, type AsTold, type Late } from './as-told.ts'
import type { Catalogue } from './catalogue.ts'
import { firedThen } from './fired-then.ts'
import { historyOfPlaces } from './history-of-places.ts'
import type { Owners } from './owners.ts'

/** How far back it is told since when a restated number would have been past its threshold. */
const daysBackMost = 30
/** A rule that compares reads the samples of each: of so many subjects and days, then it is so since that day at least. */
const comparedMost = 3000

interface Context {
  store: Store
  catalogue: Pick<Catalogue, 'settingsOf'>
  owners: Pick<Owners, 'zoneOf'>
  history: History
  slot: number
}

/**
 * Of what turned at a slot, what turned only because the past is another now: facts that came late since the last
 * evaluation moved a window that had ended to the other side of the threshold, and nobody was told so when it ended. It
 * is told as such and not as news. Metrics without a window say how things are now, and are restated by nothing; of a
 * rule that is another than at the last evaluation, nobody knows what it would have told.
 */
export async function restatedOf(
  evaluated: Evaluated,
  former: ReadonlyMap<string, Instance>,
  rules: readonly Rule[],
  context: Context,
): Promise<ReadonlyMap<string, Restated>> {
  const { store, owners, slot } = context
  const none = new Map<string, Restated>()
  const allTurned = turnedAt(evaluated, former, slot)
  if (allTurned.length === 0) return none
  const [lastSlot, seen] = [await store.alerts.lastSlot(), await seenBefore(store)]
  if (lastSlot === undefined || seen === undefined) return none
  const late = await lateSince(store, seen.restatedAt + 1)
  if (late.services.length === 0) return none

  const byName = new Map(rules.map((rule) => [rule.name, rule]))
  const isSame = (rule: Rule) => seen.rules[rule.name] === ruleStamp(rule)
  const same = new Set(rules.filter(({ windowDays }) => windowDays !== undefined).filter(isSame))
  const told = asTold(late)
  const zones = new Map<string, Candidate[]>()
  for (const turned of allTurned) {
    const rule = byName.get(turned.instance.rule)
    if (rule === undefined || !same.has(rule)) continue
    const zone = owners.zoneOf(turned.instance.subject.service)
    const { dayOf } = calendarOf(zone)
    if (!told.hasMoved(rule, turned.instance.subject, dayOf(slot - 1))) continue
    zones.set(zone, [...(zones.get(zone) ?? []), { ...turned, rule }])
  }
  if (zones.size === 0) return none

  const known = { ...context, former, lastSlot, late, told }
  const marks = new Map<string, Restated>()
  for (const [zone, candidates] of zones)
    for (const [key, mark] of await marksOf(candidates, calendarOf(zone), known)) marks.set(key, mark)
  return marks
}

type Candidate = Turned & { rule: Rule }

interface Known extends Context {
  former: ReadonlyMap<string, Instance>
  lastSlot: number
  late: Late
  told: AsTold
}

async function lateSince({ restatements }: Pick<Store, 'restatements'>, at: number): Promise<Late> {
  const services = await restatements.since(at)
  return { services, pools: services.length === 0 ? [] : await restatements.poolsSince(at) }
}

/** Goes back day by day, with all that would have turned at the end of each day since; the last end decides. */
async function marksOf(
  candidates: readonly Candidate[],
  calendar: Calendar,
  { store, catalogue, history, slot, former, lastSlot, late, told }: Known,
): Promise<ReadonlyMap<string, Restated>> {
  const marks = new Map<string, Restated>()
  const lastEnd = calendar.dayOf(slot - 1)
  // What was not evaluated then was not told otherwise.
  if (lastEnd > lastSlot) return marks
  const hasFired = await firedThen(store, former, calendar.daysBefore(lastEnd, daysBackMost))
  const past = historyOfPlaces(history, new Set(candidates.map(({ instance }) => placeOf(instance.subject))))
  const teamOf = (service: string) => catalogue.settingsOf(service).team
  const compared = new Map<Rule, number>()

  let left = candidates
  let end = lastEnd
  for (let back = 0; back < daysBackMost && left.length > 0; back += 1) {
    const wasOtherwise = left.filter(
      ({ rule, instance, fired }) =>
        told.isRestated(rule, instance.subject, end) && hasFired(instance, end) === (fired !== undefined),
    )
    const soNow: Candidate[] = []
    for (const [rule, ones] of Map.groupBy(wasOtherwise, (each) => each.rule)) {
      const looks = (compared.get(rule) ?? 0) + ones.length
      compared.set(rule, looks)
      if (rule.isRelative && back > 0 && looks > comparedMost) continue
      const points = await past.at(rule, end)
      const now = await turnedThen(rule, ones, { end, points, calendar, past })
      const asOfThen = back === 0 ? told.pointsOf(points, end) : undefined
      const then = asOfThen && (await turnedThen(rule, ones, { end, points: asOfThen, calendar, past }))
      soNow.push(...ones.filter(({ instance: { key } }) => now.has(key) && !then?.has(key)))
    }
    for (const { rule, instance } of soNow) {
      const why = () => whyOf(reasonsOf(late, rule, instance.subject, { end, teamOf }), instance.subject)
      marks.set(instance.key, { since: end, why: marks.get(instance.key)?.why ?? why() })
    }
    left = soNow
    end = calendar.dayOf(end - 1)
  }
  return marks
}

interface Then {
  end: number
  points: SlotPoints
  calendar: Calendar
  past: History
}

/** The keys of what turns at the end of a day, where what fired until now fired until then, and all else was well. */
async function turnedThen(
  rule: Rule,
  candidates: readonly Candidate[],
  { end, points, calendar, past }: Then,
): Promise<ReadonlySet<string>> {
  const places = new Set(candidates.map(({ instance }) => placeOf(instance.subject)))
  const ofThese: SlotPoints = {
    of: (measurement, window) =>
      points.of(measurement, window).filter(({ tags }) => places.has(placeOf(tags))),
  }
  const before = await beforeSlots(past, [rule], { slot: end, points: ofThese, calendar })
  const known = new Map<string, Instance>()
  for (const { fired } of candidates)
    if (fired) known.set(fired.key, { ...fired, state: { ...fired.state, at: end - 1 } })
  const evaluated = evaluate([rule], known, { at: end, points: ofThese, before, isKnown: () => true })
  return new Set(turnedAt(evaluated, known, end).map(({ instance }) => instance.key))
}
