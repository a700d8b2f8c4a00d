import type { DatabaseSync } from 'node:sqlite'
import { noteFailure, noteTaken } from './sqlite-channels.ts'
import type { Within } from './sqlite-outbox.ts'
import type { AlertStore, Notification } from './alert-store.ts'

type NotificationStore = Pick<
  AlertStore,
  | 'claim'
  | 'release'
  | 'sent'
  | 'group'
  | 'setGroup'
  | 'collapse'
  | 'setBody'
  | 'postpone'
  | 'giveUp'
  | 'outbox'
>

interface ClaimedRow extends Omit<Notification, 'receipt' | 'failedSince'> {
  receipt: string | null
  failedSince: number | null
}

/** So many of the last messages are kept: what became of the others is told by the history. */
const keptMessages = 10_000

/** The messages to the channels, from when they are written until they are taken or given up. */
export function notificationStore(database: DatabaseSync, within: Within): NotificationStore {
  return {
    async claim(channel, at, leasedUntil) {
      return within(() => {
        const row = database
          .prepare(
            `
            SELECT n.id, n.channel, n.group_id AS groupId, n.body, n.tries, n.created_at AS createdAt,
              n.failed_since AS failedSince, g.receipt
            FROM notifications AS n LEFT JOIN alert_groups AS g ON g.id = n.group_id
            WHERE n.channel = ? AND n.state = 'waiting' AND n.due_at <= ? AND n.leased_until <= ?
              AND NOT EXISTS (
                SELECT 1 FROM notifications AS earlier
                WHERE earlier.channel = n.channel AND earlier.queue = n.queue
                  AND earlier.state = 'waiting' AND earlier.id < n.id)
            ORDER BY n.id LIMIT 1`,
          )
          .get(channel, at, at) as ClaimedRow | undefined
        if (row === undefined) return undefined
        database
          .prepare(
            // Of one whose lease has ended nobody knows what became of it.
            `UPDATE notifications SET unsure = max(unsure, leased_until > 0), leased_until = ?, tries = tries + 1
            WHERE id = ?`,
          )
          .run(leasedUntil, row.id)
        return { ...row, receipt: row.receipt ?? undefined, failedSince: row.failedSince ?? undefined }
      })
    },
    async release(id) {
      await within(() => {
        database
          .prepare('UPDATE notifications SET leased_until = 0, tries = max(0, tries - 1) WHERE id = ?')
          .run(id)
      })
    },
    async sent(id, receipt, at, downSince) {
      await within(() => {
        const row = database
          .prepare(
            `UPDATE notifications SET state = 'sent', error = NULL WHERE id = ? RETURNING channel, group_id, body`,
          )
          .get(id) as { channel: string; group_id: string; body: string } | undefined
        if (row === undefined) return
        database
          .prepare('UPDATE alert_groups SET receipt = coalesce(?, receipt), taken = ? WHERE id = ?')
          .run(receipt ?? null, row.body, row.group_id)
        // It says what fires and what is over: what was heard before does not matter any more.
        database
          .prepare('UPDATE notifications SET unsure = 0 WHERE group_id = ? AND unsure = 1')
          .run(row.group_id)
        if (noteTaken(database, row.channel, at) <= downSince)
          database
            .prepare(
              "UPDATE notifications SET due_at = min(due_at, ?) WHERE channel = ? AND state = 'waiting'",
            )
            .run(at, row.channel)
        forgetBefore(database, id)
      })
    },
    async group(groupId) {
      const waiting = database
        .prepare(
          `SELECT id, body, EXISTS (
            SELECT 1 FROM notifications AS other
            WHERE other.channel = n.channel AND other.queue = n.queue AND other.state = 'waiting'
              AND other.id < n.id AND other.group_id <> n.group_id) AS behind
          FROM notifications AS n WHERE group_id = ? AND state = 'waiting' ORDER BY id`,
        )
        .all(groupId) as unknown as { id: number; body: string; behind: number }[]
      const row = database.prepare('SELECT body, taken FROM alert_groups WHERE id = ?').get(groupId)
      const unsure = database
        .prepare('SELECT body FROM notifications WHERE group_id = ? AND unsure = 1 ORDER BY id')
        .all(groupId) as unknown as { body: string }[]
      const taken = row === undefined ? null : (row['taken'] as string | null)
      return {
        body: row?.['body'] as string | undefined,
        waiting: waiting.map(({ id, body, behind }) => ({ id, body, isBehindOthers: behind === 1 })),
        taken: taken === '' ? undefined : taken,
        unsure: unsure.map(({ body }) => body),
      }
    },
    async setGroup({ key, body, isOver }) {
      await within(() => {
        database
          .prepare('UPDATE alert_groups SET body = ?, over = ? WHERE id = ?')
          .run(body, isOver ? 1 : 0, key)
      })
    },
    async collapse({ dropped, kept, history }) {
      await within(() => {
        const drop = database.prepare(
          "UPDATE notifications SET state = 'collapsed', leased_until = 0, error = NULL WHERE id = ?",
        )
        for (const id of dropped) drop.run(id)
        if (kept)
          database
            .prepare(
              `UPDATE notifications SET body = ?, leased_until = ?, failed_since = ?, tries = tries + 1
              WHERE id = ?`,
            )
            .run(kept.body, kept.leasedUntil, kept.failedSince ?? null, kept.id)
        database.prepare('INSERT INTO alert_history (at, body) VALUES (?, ?)').run(history.at, history.body)
      })
    },
    async setBody(id, body) {
      await within(() => database.prepare('UPDATE notifications SET body = ? WHERE id = ?').run(body, id))
    },
    async postpone(id, dueAt, failure, restUntil = 0) {
      await within(() => {
        const row = database
          .prepare(
            `UPDATE notifications SET due_at = ?, leased_until = 0, error = ?, unsure = max(unsure, ?),
              failed_since = coalesce(failed_since, ?)
            WHERE id = ? RETURNING channel`,
          )
          .get(dueAt, failure.error, failure.isUnsure ? 1 : 0, failure.at, id) as { channel: string }
        noteFailure(database, row.channel, failure, { restUntil, lost: 0 })
      })
    },
    async giveUp(id, failure) {
      await within(() => {
        const row = database
          .prepare(
            `UPDATE notifications SET state = 'given up', error = ?, unsure = max(unsure, ?) WHERE id = ?
            RETURNING channel`,
          )
          .get(failure.error, failure.isUnsure ? 1 : 0, id) as { channel: string }
        noteFailure(database, row.channel, failure, { restUntil: 0, lost: 1 })
        forgetBefore(database, id)
      })
    },
    async outbox() {
      return database
        .prepare(
          `
          SELECT channel, sum(state = 'waiting') AS waiting, sum(state = 'given up') AS givenUp,
            sum(state = 'collapsed') AS collapsed,
            min(CASE WHEN state = 'waiting' THEN created_at END) AS oldest, max(error) AS error
          FROM notifications GROUP BY channel ORDER BY channel`,
        )
        .all() as unknown as Awaited<ReturnType<AlertStore['outbox']>>
    },
  }
}

function forgetBefore(database: DatabaseSync, id: number): void {
  database.prepare("DELETE FROM notifications WHERE state <> 'waiting' AND id < ?").run(id - keptMessages)
}
