import type { Instance } from '../alerts/evaluate.ts'
import type { Labels } from '../alerts/message.ts'
import type { Store } from '../store/store.ts'
import { placeOf } from './as-told.ts'

interface Event {
  at: number
  kind: string
}

/**
 * Whether an alert fired as of an instant, as it was told then. `former` are all that there are since the last
 * evaluation, by key; it is known from `since` on.
 */
export async function firedThen(
  { alerts }: Pick<Store, 'alerts'>,
  former: ReadonlyMap<string, Instance>,
  since: number,
): Promise<(instance: Instance, at: number) => boolean> {
  const events = new Map<string, Event[]>()
  for (const { at, body } of await alerts.history(since)) {
    const { rule, labels, kind } = JSON.parse(body) as { rule?: string; labels?: Labels; kind: string }
    // Of channels, and of messages that were collapsed, there are entries, too.
    if (rule === undefined || labels === undefined) continue
    const key = keyOf(rule, labels)
    const known = events.get(key)
    if (known) known.push({ at, kind })
    else events.set(key, [{ at, kind }])
  }
  return ({ key, rule, labels }, at) => {
    const next = events.get(keyOf(rule, labels))?.find((event) => event.at > at)
    // Of all that happens to an alert only its beginning happens to one that does not fire.
    if (next !== undefined) return next.kind !== 'fired'
    const state = former.get(key)?.state.state
    return state === 'firing' || state === 'recovering'
  }
}

/** By what is labelled, whatever the team of a service is by now. */
function keyOf(rule: string, labels: Labels): string {
  return `${rule}\n${placeOf(labels)}`
}
