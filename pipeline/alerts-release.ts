import { planMessages } from '../alerts/notify.ts'
import type { AlertSettings } from '../alerts/settings.ts'
import type { Io } from '../core/io.ts'
import { listedAlerts } from './alert-status.ts'
import { withEvidence } from './alert-evidence.ts'
import { quietOf } from './alerts-quiet.ts'
import { storedInstances } from './evaluate-slot.ts'
import { ownersOf } from './owners.ts'
import type { Pipeline } from './refresh.ts'
import { storedHistory } from './stored-history.ts'
import { fingerprintOf, plannedChange, storedGroups } from './told-alerts.ts'

/**
 * Tells between evaluations what nothing keeps quiet any more, as it was evaluated last: where a silence or mute time has
 * ended, the next evaluation may be far, or lie in the next mute time. What has ended, and what is told again, is left
 * to the evaluations. Returns how many messages that makes.
 */
export async function tellReleased(
  pipeline: Pick<Pipeline, 'store' | 'derivation' | 'extractors'>,
  settings: AlertSettings,
  io: Pick<Io, 'clock'>,
): Promise<number> {
  const { store } = pipeline
  const now = io.clock()
  const listed = await listedAlerts(pipeline, settings)
  const firing = listed.filter(({ state }) => state !== 'pending').map(({ alert }) => alert)
  if (firing.length === 0) return 0
  const groups = await storedGroups(store)
  const { isQuiet } = await quietOf(pipeline, settings, firing, now)
  const planned = planMessages({
    routes: settings.routes,
    firing,
    ended: new Map(),
    // As if all had been told of just now, so that nothing is due to be repeated.
    groups: groups.map((group) => ({ ...group, toldAt: now })),
    isQuiet,
    at: now,
    fingerprint: fingerprintOf,
  })
  const messages = planned.messages.filter(({ message }) =>
    message.alerts.every(({ status }) => status === 'firing'),
  )
  if (messages.length === 0) return 0
  const keys = new Set(messages.map(({ message }) => message.groupKey))
  const released = { messages, groups: planned.groups.filter(({ key }) => keys.has(key)) }
  await withEvidence(pipeline, released, {
    rules: settings.rules,
    instances: await storedInstances(store),
    history: storedHistory(store, ownersOf(store, pipeline.derivation)),
    slot: (await store.alerts.lastSlot()) ?? now,
  })
  const change = { instances: [], gone: [], history: [], ...plannedChange(released) }
  await store.alerts.commit(undefined, change, now)
  return messages.length
}
