import { beforeSlots } from '../alerts/compare.ts'
import { evaluate, type Evaluated, type Instance } from '../alerts/evaluate.ts'
import type { History } from '../alerts/history.ts'
import type { Subject } from '../alerts/observation.ts'
import type { Rule } from '../alerts/rule.ts'
import { withRestated } from '../alerts/turned.ts'
import { calendarOf } from '../core/calendar.ts'
import type { Store } from '../store/store.ts'
import { noTeam } from '../transforms/window-points.ts'
import { restatedOf } from './alert-restated.ts'
import { seenNow, type Seen } from './alert-seen.ts'
import { ownersOf } from './owners.ts'
import type { Pipeline } from './refresh.ts'
import { serviceNames } from './service-names.ts'
import { slotPoints } from './slot-points.ts'
import { storedHistory } from './stored-history.ts'

export interface EvaluatedSlot {
  evaluated: Evaluated
  /** All there are after it, by key. */
  instances: ReadonlyMap<string, Instance>
  history: History
  /** For the next evaluation. */
  seen: Seen
}

/** What all rules say on the stored points of a slot. Writes nothing. */
export async function evaluateSlot(
  { store, derivation }: Pick<Pipeline, 'store' | 'derivation'>,
  rules: readonly Rule[],
  slot: number,
): Promise<EvaluatedSlot> {
  const { catalogue, timezone } = derivation
  const former = await storedInstances(store)
  const owners = ownersOf(store, derivation)
  const points = await slotPoints(store, rules, slot, owners)
  const history = storedHistory(store, owners)
  const calendar = calendarOf(timezone)
  const before = await beforeSlots(history, rules, { slot, points, calendar })
  const isKnown = await knownSubjects(store, { derivation })
  const found = evaluate(rules, former, {
    at: slot,
    points,
    before,
    isKnown,
    teamOf: (service) => catalogue.settingsOf(service).team ?? noTeam,
  })
  const restated = await restatedOf(found, former, rules, { store, catalogue, owners, history, slot })
  const seen = await seenNow(store, rules)
  const evaluated = withRestated(found, former, restated)
  const instances = new Map(former)
  for (const key of evaluated.gone) instances.delete(key)
  for (const instance of evaluated.changed) instances.set(instance.key, instance)
  return { evaluated, instances, history, seen }
}

/** As the last evaluation left them, by key. */
export async function storedInstances(store: Pick<Store, 'alerts'>): Promise<Map<string, Instance>> {
  const instances = await store.alerts.instances()
  return new Map(instances.map(({ key, body }) => [key, JSON.parse(body) as Instance]))
}

export function isFiring({ state: { state } }: Instance): boolean {
  return state === 'firing' || state === 'recovering'
}

/** A service that is neither configured nor told of by any fact was removed; so was a team without a service. */
export async function knownSubjects(
  store: Store,
  { derivation: { catalogue } }: Pick<Pipeline, 'derivation'>,
): Promise<(subject: Subject) => boolean> {
  const services = new Set(await serviceNames(store, catalogue))
  const teams = new Set([...services].map((name) => catalogue.settingsOf(name).team))
  return ({ service, team }) => {
    if (service !== '*') return services.has(service)
    return team === '*' || teams.has(team)
  }
}
