import type { DatabaseSync } from 'node:sqlite'
import type { ChannelState, Failure } from './channel-state.ts'
import type { Within } from './sqlite-outbox.ts'
import type { AlertStore } from './alert-store.ts'

interface Row {
  name: string
  failing_since: number | null
  failed_at: number | null
  error: string | null
  taken_at: number | null
  resting_until: number
  lost: number
  outages: number
  told_at: number | null
  told_since: number | null
  told_to: string | null
  told_group: string | null
}

/** How channels are doing, and what was told of it. */
export function channelStore(
  database: DatabaseSync,
  within: Within,
): Pick<AlertStore, 'channels' | 'setOutage' | 'forgetChannel'> {
  return {
    async channels() {
      const rows = database.prepare('SELECT * FROM alert_channels ORDER BY name').all() as unknown as Row[]
      return rows.map(stateOf)
    },
    async setOutage({ channel, at, told, instead, message, history }) {
      await within(() => {
        database
          .prepare(
            `UPDATE alert_channels SET told_at = ?, told_since = ?, told_to = ?, told_group = ?,
              lost = CASE WHEN ? THEN 0 ELSE lost END, outages = outages + ? WHERE name = ?`,
          )
          .run(
            told?.at ?? null,
            told?.since ?? null,
            told?.to ?? null,
            told?.groupId ?? null,
            // What only the log was told of is still to be told.
            message || !told ? 1 : 0,
            message && !message.isLast ? 1 : 0,
            channel,
          )
        if (instead !== undefined) {
          database
            .prepare(
              `UPDATE notifications SET state = 'collapsed', leased_until = 0, error = NULL
              WHERE group_id = ? AND state = 'waiting'`,
            )
            .run(instead)
          database.prepare('UPDATE alert_groups SET over = 1 WHERE id = ?').run(instead)
        }
        if (message) {
          const { groupId, queue, key, body, isLast } = message
          database
            .prepare(
              `INSERT INTO alert_groups (id, body, over, taken, owner) VALUES (?, '{}', ?, '', 'channels')
              ON CONFLICT (id) DO UPDATE SET over = excluded.over`,
            )
            .run(groupId, isLast ? 1 : 0)
          database
            .prepare(
              `INSERT INTO notifications
                (channel, queue, group_id, message_key, body, state, tries, created_at, due_at, leased_until)
              VALUES (?, ?, ?, ?, ?, 'waiting', 0, ?, ?, 0)`,
            )
            .run(message.channel, queue, groupId, key, body, at, at)
        }
        database.prepare('INSERT INTO alert_history (at, body) VALUES (?, ?)').run(at, history)
      })
    },
    async forgetChannel(name) {
      await within(() => database.prepare('DELETE FROM alert_channels WHERE name = ?').run(name))
    },
  }
}

function stateOf(row: Row): ChannelState {
  const { told_at: at, told_since: since, told_to: to, told_group: groupId } = row
  return {
    name: row.name,
    failingSince: row.failing_since ?? undefined,
    failedAt: row.failed_at ?? undefined,
    error: row.error ?? undefined,
    takenAt: row.taken_at ?? undefined,
    restingUntil: row.resting_until,
    lost: row.lost,
    outages: row.outages,
    told:
      at === null
        ? undefined
        : { at, since: since ?? at, to: to ?? undefined, groupId: groupId ?? undefined },
  }
}

/** A channel has taken a message; returns since when it had failed, Infinity where it had not. */
export function noteTaken(database: DatabaseSync, channel: string, at: number): number {
  const before = database.prepare('SELECT failing_since FROM alert_channels WHERE name = ?').get(channel)
  database
    .prepare(
      `INSERT INTO alert_channels (name, taken_at) VALUES (?, ?)
      ON CONFLICT (name) DO UPDATE SET taken_at = excluded.taken_at, failing_since = NULL, resting_until = 0`,
    )
    .run(channel, at)
  return (before?.['failing_since'] as number | null | undefined) ?? Infinity
}

/** A channel has not taken a message. */
export function noteFailure(
  database: DatabaseSync,
  channel: string,
  { at, error }: Failure,
  { restUntil, lost }: { restUntil: number; lost: number },
): void {
  database
    .prepare(
      `INSERT INTO alert_channels (name, failing_since, failed_at, error, resting_until, lost)
      VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET
        failing_since = coalesce(failing_since, excluded.failing_since), failed_at = excluded.failed_at,
        error = excluded.error, resting_until = excluded.resting_until, lost = lost + excluded.lost`,
    )
    .run(channel, at, at, error, restUntil, lost)
}
