import { createHash } from 'node:crypto'
import { beforeSlots } from '../alerts/compare.ts'
import type { Instance } from '../alerts/evaluate.ts'
import { evaluate } from '../alerts/evaluate.ts'
import type { Notifier } from '../alerts/channel.ts'
import type { Alert } from '../alerts/message.ts'
import { planMessages, type Group, type Planned } from '../alerts/notify.ts'
import type { Subject } from '../alerts/observation.ts'
import type { AlertSettings } from '../alerts/settings.ts'
import { alertOf, restatedText } from '../alerts/tell.ts'
import { calendarOf } from '../core/calendar.ts'
import type { Io } from '../core/io.ts'
import type { AlertChange, Store } from '../store/store.ts'
import { quietOf } from './alerts-quiet.ts'
import { serviceNames } from './service-names.ts'
import type { Pipeline } from './refresh.ts'
import { evidenceReader } from './alert-evidence.ts'
import { restatedOf, withRestated } from './alert-restated.ts'
import { slotPoints } from './slot-points.ts'
import { storedHistory } from './stored-history.ts'

/** Rules and routes with the channels that they lead to. */
export interface Alerting {
  settings: AlertSettings
  notifiers: readonly Notifier[]
}

export interface Alerted {
  slot: number
  /** What fires now. */
  firing: Alert[]
  planned: Planned
  /** False where the slot was evaluated before: then nothing was written. */
  isNew: boolean
}

/** Short, stable, and of letters that every channel takes. */
export function fingerprintOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/**
 * Evaluates all rules on the points of a slot, and writes the state of every instance, what happened, and the messages
 * to be sent, in one transaction: a crash before it evaluates the slot again, after it nothing is evaluated twice.
 * With `isDry` nothing is written.
 */
export async function alertAt(
  pipeline: Pick<Pipeline, 'store' | 'derivation'> & Partial<Pick<Pipeline, 'extractors'>>,
  settings: AlertSettings,
  slot: number,
  io: Pick<Io, 'clock'>,
  { isDry = false } = {},
): Promise<Alerted> {
  const { rules, routes } = settings
  const { store, derivation } = pipeline
  const former = new Map<string, Instance>()
  for (const { key, body } of await store.alerts.instances()) former.set(key, JSON.parse(body) as Instance)
  const points = await slotPoints(store, rules, slot, derivation.timezone)
  const isKnown = await knownSubjects(store, pipeline)
  const history = storedHistory(store, derivation.timezone)
  const calendar = calendarOf(derivation.timezone)
  const before = await beforeSlots(history, rules, { slot, points, calendar })
  const found = evaluate(rules, former, { at: slot, points, before, isKnown })
  const teamOf = (service: string) => derivation.catalogue.settingsOf(service).team
  const restated = await restatedOf(found, former, rules, { store, history, calendar, slot, teamOf })
  const evaluated = withRestated(found, former, restated)

  const instances = new Map(former)
  for (const key of evaluated.gone) instances.delete(key)
  for (const instance of evaluated.changed) instances.set(instance.key, instance)
  const byName = new Map(rules.map((rule) => [rule.name, rule]))
  const firing = [...instances.values()].flatMap((instance) => {
    const rule = byName.get(instance.rule)
    if (!rule || !isFiring(instance)) return []
    return [alertOf(rule, instance, { facts: [], fingerprint: fingerprintOf(instance.key) })]
  })
  const ended = new Map(
    evaluated.transitions
      .filter(({ transition }) => transition.kind === 'resolved')
      .map(({ instance, transition }) => [
        fingerprintOf(instance.key),
        transition.reason ?? restatedText(instance),
      ]),
  )
  const { isQuiet } = await quietOf(pipeline, settings, firing, io.clock())
  const planned = planMessages({
    routes,
    firing,
    ended,
    groups: (await store.alerts.groups()).map(({ body }) => JSON.parse(body) as Group),
    isQuiet,
    at: slot,
    fingerprint: fingerprintOf,
  })
  const told = evidenceReader({ store, derivation }, history, slot)
  const evident = new Map(
    [...instances.values()].flatMap((instance) => {
      const rule = byName.get(instance.rule)
      return rule === undefined ? [] : [[fingerprintOf(instance.key), { rule, instance }] as const]
    }),
  )
  for (const each of planned.messages)
    each.message = await told(each.message, (fingerprint) => evident.get(fingerprint))
  if (isDry) return { slot, firing, planned, isNew: false }
  const change: AlertChange = {
    instances: evaluated.changed.map((instance) => ({ key: instance.key, body: JSON.stringify(instance) })),
    gone: evaluated.gone,
    groups: planned.groups.map((group) => ({
      key: group.key,
      body: JSON.stringify(group),
      isOver: group.told.length === 0,
    })),
    history: evaluated.transitions.map(({ instance, transition }) => ({
      at: slot,
      body: JSON.stringify({
        rule: instance.rule,
        labels: instance.labels,
        value: instance.value,
        ...transition,
      }),
    })),
    messages: planned.messages.map(({ channel, queue, message }) => ({
      channel,
      queue,
      groupId: message.groupKey,
      key: message.key,
      body: JSON.stringify(message),
    })),
  }
  const isNew = await store.alerts.commit(slot, change, io.clock())
  return { slot, firing, planned, isNew }
}

function isFiring({ state: { state } }: Instance): boolean {
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
