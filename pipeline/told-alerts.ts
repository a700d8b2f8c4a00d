import { createHash } from 'node:crypto'
import type { Instance } from '../alerts/evaluate.ts'
import type { Alert } from '../alerts/message.ts'
import type { Group, Planned } from '../alerts/notify.ts'
import type { Rule } from '../alerts/rule.ts'
import type { AlertSettings } from '../alerts/settings.ts'
import { alertOf } from '../alerts/tell.ts'
import type { AlertChange } from '../store/alert-store.ts'
import type { Store } from '../store/store.ts'
import type { Pipeline } from './refresh.ts'

/** Short, stable, and of letters that every channel takes. */
export function fingerprintOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** An instance as it is told, with the labels of its service. */
export function toldAlert(
  { derivation: { catalogue } }: Pick<Pipeline, 'derivation'>,
  { dashboard }: Pick<AlertSettings, 'dashboard'>,
  rule: Rule,
  instance: Instance,
): Alert {
  const { service } = instance.subject
  const labels = service === '*' ? {} : catalogue.settingsOf(service).labels
  return alertOf(rule, instance, { labels, dashboard, fingerprint: fingerprintOf(instance.key) })
}

export async function storedGroups(store: Pick<Store, 'alerts'>): Promise<Group[]> {
  return (await store.alerts.groups()).map(({ body }) => JSON.parse(body) as Group)
}

/** What is planned, as it is stored together with the state that it tells of. */
export function plannedChange({ messages, groups }: Planned): Pick<AlertChange, 'groups' | 'messages'> {
  return {
    groups: groups.map((group) => ({
      key: group.key,
      body: JSON.stringify(group),
      isOver: group.told.length === 0,
    })),
    messages: messages.map(({ message, ...way }) => ({
      ...way,
      groupId: message.groupKey,
      key: message.key,
      body: JSON.stringify(message),
    })),
  }
}
