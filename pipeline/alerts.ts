import type { Notifier } from '../alerts/channel.ts'
import type { Evaluated } from '../alerts/evaluate.ts'
import type { Alert } from '../alerts/message.ts'
import { planMessages, type Ended, type Planned } from '../alerts/notify.ts'
import type { Rule } from '../alerts/rule.ts'
import type { AlertSettings } from '../alerts/settings.ts'
import { quantityText, restatedText } from '../alerts/tell.ts'
import type { Io } from '../core/io.ts'
import { withEvidence } from './alert-evidence.ts'
import { quietOf } from './alerts-quiet.ts'
import { evaluateSlot, isFiring } from './evaluate-slot.ts'
import type { Pipeline } from './refresh.ts'
import { fingerprintOf, plannedChange, storedGroups, toldAlert } from './told-alerts.ts'

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
  const { store } = pipeline
  const { evaluated, instances, history, seen } = await evaluateSlot(pipeline, rules, slot)
  const byName = new Map(rules.map((rule) => [rule.name, rule]))
  const firing = [...instances.values()].flatMap((instance) => {
    const rule = byName.get(instance.rule)
    return rule && isFiring(instance) ? [toldAlert(pipeline, settings, rule, instance)] : []
  })
  const { isQuiet } = await quietOf(pipeline, settings, firing, io.clock())
  const planned = planMessages({
    routes,
    firing,
    ended: endedOf(evaluated, byName),
    groups: await storedGroups(store),
    isQuiet,
    at: slot,
    fingerprint: fingerprintOf,
  })
  await withEvidence(pipeline, planned, { rules, instances, history, slot })
  if (isDry) return { slot, firing, planned, isNew: false }
  const change = {
    instances: evaluated.changed.map((instance) => ({ key: instance.key, body: JSON.stringify(instance) })),
    gone: evaluated.gone,
    history: historyOf(evaluated, slot),
    ...plannedChange(planned),
    seen: JSON.stringify(seen),
  }
  const isNew = await store.alerts.commit(slot, change, io.clock())
  return { slot, firing, planned, isNew }
}

/** What ended, by fingerprint: why, and what the number is now. */
function endedOf({ transitions }: Evaluated, byName: ReadonlyMap<string, Rule>): Map<string, Ended> {
  return new Map(
    transitions
      .filter(({ transition }) => transition.kind === 'resolved')
      .map(({ instance, transition }) => {
        const rule = byName.get(instance.rule)
        const { value } = instance
        // Of what was removed nothing is known now.
        const isKnown = rule !== undefined && transition.reason === undefined && value !== undefined
        return [
          fingerprintOf(instance.key),
          {
            reason: transition.reason ?? restatedText(instance),
            ...(isKnown && { now: quantityText(rule, value), value }),
          },
        ]
      }),
  )
}

function historyOf({ transitions }: Evaluated, slot: number): { at: number; body: string }[] {
  return transitions.map(({ instance: { rule, labels, value, restated }, transition }) => ({
    at: slot,
    body: JSON.stringify({ rule, labels, value, ...(restated && { restated }), ...transition }),
  }))
}
