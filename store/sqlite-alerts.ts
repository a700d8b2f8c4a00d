import type { DatabaseSync } from 'node:sqlite'
import type { Within } from './sqlite-outbox.ts'
import type { AlertStore, Kept, Notification } from './store.ts'

const slotKey = 'alerts_slot'

/** How long it is known what happened. */
const historyKeptMs = 400 * 86_400_000

export function alertStore(database: DatabaseSync, within: Within): AlertStore {
  const keptIn = (table: string, key: string) =>
    database.prepare(`SELECT ${key} AS key, body FROM ${table} ORDER BY ${key}`)
  const instances = keptIn('alert_instances', 'key')
  const groups = database.prepare('SELECT id AS key, body FROM alert_groups WHERE over = 0 ORDER BY id')
  const silences = keptIn('alert_silences', 'id')
  const all = (statement: ReturnType<typeof keptIn>) => statement.all() as unknown as Kept[]
  const lastSlot = () => {
    const row = database.prepare('SELECT value FROM meta WHERE key = ?').get(slotKey)
    return row === undefined ? undefined : Number(row['value'])
  }

  return {
    instances: async () => all(instances),
    groups: async () => all(groups),
    silences: async () => all(silences),
    lastSlot: async () => lastSlot(),
    async commit(slot, change, at) {
      return within(() => {
        if ((lastSlot() ?? -Infinity) >= slot) return false
        const upsert = (table: string, key: string) =>
          database.prepare(
            `INSERT INTO ${table} (${key}, body) VALUES (?, ?) ON CONFLICT (${key}) DO UPDATE SET body = excluded.body`,
          )
        const setInstance = upsert('alert_instances', 'key')
        for (const { key, body } of change.instances) setInstance.run(key, body)
        const removeInstance = database.prepare('DELETE FROM alert_instances WHERE key = ?')
        for (const key of change.gone) removeInstance.run(key)
        const setGroup = database.prepare(`
          INSERT INTO alert_groups (id, body, over) VALUES (?, ?, ?)
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
        database
          .prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value')
          .run(slotKey, String(slot))
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
    async claim(channel, at, leasedUntil) {
      return within(() => {
        const row = database
          .prepare(
            `
            SELECT n.id, n.channel, n.group_id AS groupId, n.body, n.tries, n.created_at AS createdAt, g.receipt
            FROM notifications AS n LEFT JOIN alert_groups AS g ON g.id = n.group_id
            WHERE n.channel = ? AND n.state = 'waiting' AND n.due_at <= ? AND n.leased_until <= ?
              AND NOT EXISTS (
                SELECT 1 FROM notifications AS earlier
                WHERE earlier.channel = n.channel AND earlier.queue = n.queue
                  AND earlier.state = 'waiting' AND earlier.id < n.id)
            ORDER BY n.id LIMIT 1`,
          )
          .get(channel, at, at) as (Omit<Notification, 'receipt'> & { receipt: string | null }) | undefined
        if (row === undefined) return undefined
        database
          .prepare('UPDATE notifications SET leased_until = ?, tries = tries + 1 WHERE id = ?')
          .run(leasedUntil, row.id)
        return { ...row, receipt: row.receipt ?? undefined }
      })
    },
    async sent(id, receipt) {
      await within(() => {
        const row = database
          .prepare(
            "UPDATE notifications SET state = 'sent', error = NULL WHERE id = ? RETURNING group_id, body",
          )
          .get(id)
        if (row && receipt !== undefined)
          database.prepare('UPDATE alert_groups SET receipt = ? WHERE id = ?').run(receipt, row['group_id']!)
        // What was sent is told by the history: the last ones are enough to look something up.
        database.prepare("DELETE FROM notifications WHERE state = 'sent' AND id < ? - 10000").run(id)
      })
    },
    async postpone(id, dueAt, error) {
      await within(() => {
        database
          .prepare('UPDATE notifications SET due_at = ?, leased_until = 0, error = ? WHERE id = ?')
          .run(dueAt, error, id)
      })
    },
    async giveUp(id, error) {
      await within(() => {
        database.prepare("UPDATE notifications SET state = 'given up', error = ? WHERE id = ?").run(error, id)
      })
    },
    async outbox() {
      return database
        .prepare(
          `
          SELECT channel, sum(state = 'waiting') AS waiting, sum(state = 'given up') AS givenUp,
            min(CASE WHEN state = 'waiting' THEN created_at END) AS oldest, max(error) AS error
          FROM notifications GROUP BY channel ORDER BY channel`,
        )
        .all() as unknown as Awaited<ReturnType<AlertStore['outbox']>>
    },
  }
}
