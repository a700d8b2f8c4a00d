import { collapseMessages } from '../alerts/collapse.ts'
import type { AlertMessage } from '../alerts/message.ts'
import type { Group } from '../alerts/notify.ts'
import { heardOf } from '../alerts/told.ts'
import type { Failure } from '../store/channel-state.ts'
import type { Notification } from '../store/alert-store.ts'
import type { Store } from '../store/store.ts'
import { collapsedEvent } from './collapsed-event.ts'

/**
 * Gives a message up, and notes that its channel has not heard of it: what still is so is told anew after the next
 * evaluation, and so is an end. Where a later message of the group waits, that one tells it: with what is over in the one
 * that was given up, and without the end of what it began; where nothing is left to tell, it is not sent. Returns how
 * many are not sent for that.
 */
export async function giveUp(
  store: Store,
  { id, channel, groupId, body: given }: Notification,
  failure: Failure,
): Promise<number> {
  return store.write(async () => {
    await store.alerts.giveUp(id, failure)
    const { body, waiting, taken, unsure } = await store.alerts.group(groupId)
    const heard = {
      taken: typeof taken === 'string' ? messageOf(taken) : taken,
      unsure: unsure.map(messageOf),
    }
    const [next] = waiting
    if (next !== undefined) {
      const former = messageOf(given)
      const { message, untold } = collapseMessages([former, messageOf(next.body)], heard)
      if (message) await store.alerts.setBody(next.id, JSON.stringify(message))
      const dropped = message ? [] : [next.id]
      if (dropped.length + untold.length > 0) {
        const event = collapsedEvent({ channel, labels: former.labels, dropped, untold, at: failure.at })
        await store.alerts.collapse({ dropped, history: event })
      }
      return dropped.length
    }
    if (body === undefined || heard.taken === null) return 0
    const group = JSON.parse(body) as Group
    // Groups of outages are of another kind.
    if (group.told === undefined) return 0
    const told = heardOf(
      heard.taken?.alerts ?? [],
      heard.unsure.flatMap(({ alerts }) => alerts),
    )
    const changed: Group = { ...group, told }
    await store.alerts.setGroup({ key: groupId, body: JSON.stringify(changed), isOver: told.length === 0 })
    return 0
  })
}

function messageOf(text: string): AlertMessage {
  return JSON.parse(text) as AlertMessage
}
