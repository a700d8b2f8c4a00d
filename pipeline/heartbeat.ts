import type { Heartbeat } from '../alerts/heartbeat.ts'
import { isoOf } from '../core/calendar.ts'
import { messageOf } from '../core/errors.ts'
import type { Io } from '../core/io.ts'
import type { Store } from '../store/store.ts'

/** What became of heartbeats. Instants are epoch ms. */
export interface Beats {
  /** The evaluated slot that was told last, and when. */
  last?: { slot: number; at: number }
  /** Why the next one could not be told, and since when. */
  failed?: { error: string; since: number }
}

const metaKey = 'heartbeat'
const timeoutMs = 10_000

/**
 * Requests the heartbeat's address once rules were evaluated for a slot that lies `everyMs` after the one it was last
 * requested for. A failure is noted and logged, once for each reason; whoever calls tries again.
 */
export async function sendHeartbeat(store: Store, heartbeat: Heartbeat | undefined, io: Io): Promise<void> {
  const slot = await store.alerts.lastSlot()
  if (heartbeat === undefined || slot === undefined) return
  const { url, everyMs, method } = heartbeat
  const { last, failed } = await readBeats(store)
  if (last !== undefined && slot - last.slot < everyMs) return
  const at = io.clock()
  const save = (beats: Beats) => store.meta.set(metaKey, JSON.stringify(beats))
  try {
    const body = method === 'POST' ? { body: { slot: isoOf(slot), at: isoOf(at) } } : {}
    await io.http.request({ url, method, ...body, tries: 1, timeoutMs, isUrlSecret: true })
    await save({ last: { slot, at } })
  } catch (error) {
    io.signal.throwIfAborted()
    const reason = messageOf(error)
    if (reason !== failed?.error) io.log.warn(`heartbeat: ${reason}; it is tried again`)
    await save({ ...(last && { last }), failed: { error: reason, since: failed?.since ?? at } })
  }
}

export async function readBeats(store: Store): Promise<Beats> {
  const text = await store.meta.get(metaKey)
  return text === undefined ? {} : (JSON.parse(text) as Beats)
}
