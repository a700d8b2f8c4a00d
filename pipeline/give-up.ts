import { withEndsOf } from '../alerts/collapse.ts'
import type { AlertMessage } from '../alerts/message.ts'
import type { Group } from '../alerts/notify.ts'
import { heardOf } from '../alerts/told.ts'
import type { Failure } from '../store/channel-state.ts'
import type { Notification, Store } from '../store/store.ts'

/**
 * Gives a message up, and notes that its channel has not heard of it: what still is so is told anew after the next
 * evaluation, and so is an end. Where a later message of the group waits, that one tells it: what fires it lists anyway,
 * and the ends are added to it.
 */
export async function giveUp(
  store: Store,
  { id, groupId, body: given }: Pick<Notification, 'id' | 'groupId' | 'body'>,
  failure: Failure,
): Promise<void> {
  await store.write(async () => {
    await store.alerts.giveUp(id, failure)
    const { body, waiting, taken, unsure } = await store.alerts.group(groupId)
    const heard = {
      taken: typeof taken === 'string' ? messageOf(taken) : taken,
      unsure: unsure.map(messageOf),
    }
    const [next] = waiting
    if (next !== undefined) {
      const message = withEndsOf(messageOf(given), messageOf(next.body), heard)
      if (message) await store.alerts.setBody(next.id, JSON.stringify(message))
      return
    }
    if (body === undefined || heard.taken === null) return
    const group = JSON.parse(body) as Group
    // Groups of outages are of another kind.
    if (group.told === undefined) return
    const told = heardOf(
      heard.taken?.alerts ?? [],
      heard.unsure.flatMap(({ alerts }) => alerts),
    )
    const changed: Group = { ...group, told }
    await store.alerts.setGroup({ key: groupId, body: JSON.stringify(changed), isOver: told.length === 0 })
  })
}

function messageOf(text: string): AlertMessage {
  return JSON.parse(text) as AlertMessage
}
