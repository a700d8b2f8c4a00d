import type { AlertMessage } from '../alerts/message.ts'
import type { Group } from '../alerts/notify.ts'
import { heardOf } from '../alerts/told.ts'
import type { Failure } from '../store/channel-state.ts'
import type { Notification, Store } from '../store/store.ts'

/**
 * Gives a message up, and notes that its channel has not heard of it: what still is so is told anew after the next
 * evaluation, and so is an end. Where a later message of the group waits, that one tells it.
 */
export async function giveUp(
  store: Store,
  { id, groupId }: Pick<Notification, 'id' | 'groupId'>,
  failure: Failure,
): Promise<void> {
  await store.write(async () => {
    await store.alerts.giveUp(id, failure)
    const { body, waiting, taken, unsure } = await store.alerts.group(groupId)
    if (waiting.length > 0 || body === undefined || taken === null) return
    const group = JSON.parse(body) as Group
    // Groups of outages are of another kind.
    if (group.told === undefined) return
    const alertsOf = (text: string) => (JSON.parse(text) as AlertMessage).alerts
    const told = heardOf(taken === undefined ? [] : alertsOf(taken), unsure.flatMap(alertsOf))
    const changed: Group = { ...group, told }
    await store.alerts.setGroup({ key: groupId, body: JSON.stringify(changed), isOver: told.length === 0 })
  })
}
