import type { DatabaseSync } from 'node:sqlite'
import type { Within } from './sqlite-outbox.ts'
import { channelStore } from './sqlite-channels.ts'
import { notificationStore } from './sqlite-notifications.ts'
import type { AlertStore, Kept } from './alert-store.ts'

const slotKey = 'alerts_slot'
const seenKey = 'alerts_seen'

/** How long it is known what happened. */
const historyKeptMs = 400 * 86_400_000

export function alertStore(database: DatabaseSync, within: Within): AlertStore {
  const keptIn = (table: string, key: string) =>
    database.prepare(`SELECT ${key} AS key, body FROM ${table} ORDER BY ${key}`)
  const instances = keptIn('alert_instances', 'key')
  const groups = database.prepare(
    'SELECT id AS key, body FROM alert_groups WHERE over = 0 AND owner = ? ORDER BY id',
  )
  const silences = keptIn('alert_silences', 'id')
  const all = (statement: ReturnType<typeof keptIn>) => statement.all() as unknown as Kept[]
  const meta = (key: string) =>
    database.prepare('SELECT value FROM meta WHERE key = ?').get(key)?.['value'] as string | undefined
  const lastSlot = () => {
    const value = meta(slotKey)
    return value === undefined ? undefined : Number(value)
  }

  return {
    instances: async () => all(instances),
    groups: async () => groups.all('rules') as unknown as Kept[],
    silences: async () => all(silences),
    lastSlot: async () => lastSlot(),
    seen: async () => meta(seenKey),
    async commit(slot, change, at) {
      return within(() => {
        if (slot !== undefined && (lastSlot() ?? -Infinity) >= slot) return false
        const upsert = (table: string, key: string) =>
          database.prepare(
            `INSERT INTO ${table} (${key}, body) VALUES (?, ?) ON CONFLICT (${key}) DO UPDATE SET body = excluded.body`,
          )
        const setInstance = upsert('alert_instances', 'key')
        for (const { key, body } of change.instances) setInstance.run(key, body)
        const removeInstance = database.prepare('DELETE FROM alert_instances WHERE key = ?')
        for (const key of change.gone) removeInstance.run(key)
        const setGroup = database.prepare(`
          INSERT INTO alert_groups (id, body, over, taken) VALUES (?, ?, ?, '')
          ON CONFLICT (id) DO UPDATE SET body = excluded.body, over = excluded.over`)
        for (const { key, body, isOver } of change.groups) setGroup.run(key, body, isOver ? 1 : 0)
        const tell = database.prepare('INSERT INTO alert_history (at, body) VALUES (?, ?)')
        for (const event of change.history) tell.run(event.at, event.body)
        database.prepare('DELETE FROM alert_history WHERE at < ?').run(at - historyKeptMs)
        const add = database.prepare(`
          INSERT INTO notifications (channel, queue, group_id, message_key, body, state, tries, created_at, due_at, leased_until)
          VALUES (?, ?, ?, ?, ?, 'waiting', 0, ?, ?, 0)`)
        for (const { channel, queue, groupId, key, body } of change.messages)
          add.run(channel, queue, groupId, key, body, at, at)
        // Its receipt is needed until the last message is sent.
        database.exec(`
          DELETE FROM alert_groups WHERE over = 1 AND NOT EXISTS (
            SELECT 1 FROM notifications WHERE group_id = alert_groups.id AND state = 'waiting')`)
        const setMeta = database.prepare(
          'INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
        )
        if (change.seen !== undefined) setMeta.run(seenKey, change.seen)
        if (slot !== undefined) setMeta.run(slotKey, String(slot))
        return true
      })
    },
    async history(since) {
      return database
        .prepare('SELECT at, body FROM alert_history WHERE at >= ? ORDER BY at, id')
        .all(since) as unknown as { at: number; body: string }[]
    },
    async setSilence({ key, body }) {
      await within(() => {
        database
          .prepare(
            'INSERT INTO alert_silences VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
          )
          .run(key, body)
      })
    },
    async removeSilence(id) {
      return within(() => database.prepare('DELETE FROM alert_silences WHERE id = ?').run(id).changes === 1)
    },
    ...notificationStore(database, within),
    ...channelStore(database, within),
  }
}
