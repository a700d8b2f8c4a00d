import { messageOf } from '../core/errors.ts'
import type { Io } from '../core/io.ts'
import type { Loader, StoredPoint } from '../loaders/loader.ts'
import type { OutboxPoint, Store } from '../store/store.ts'

/** What one sink was given. */
export interface Delivery {
  sink: string
  points: number
  rejected: number
  durationMs: number
  /** Why it stopped; what is left stays in the outbox. */
  error?: string
}

const pointsAtOnce = 5_000

/** Gives a sink everything that it has not acknowledged, in order. Never throws for a failing sink. */
export async function deliver(store: Store, loader: Loader, io: Io): Promise<Delivery> {
  const startedAt = io.clock()
  const delivery: Delivery = { sink: loader.name, points: 0, rejected: 0, durationMs: 0 }
  try {
    let acknowledged = await store.points.acknowledged(loader.name)
    for (;;) {
      io.signal.throwIfAborted()
      const points = await store.points.after(acknowledged, pointsAtOnce)
      if (points.length === 0) break
      const { rejected } = await loader.write(points.flatMap(rowsOf), io)
      acknowledged = points.at(-1)!.rev
      const byRev = new Map(points.map((point) => [point.rev, point]))
      await store.points.acknowledge(
        loader.name,
        acknowledged,
        rejected.map(({ point, reason }) => ({ point: byRev.get(point.rev)!, reason })),
      )
      delivery.points += points.length
      delivery.rejected += rejected.length
    }
  } catch (error) {
    io.signal.throwIfAborted()
    delivery.error = messageOf(error)
  }
  delivery.durationMs = io.clock() - startedAt
  return delivery
}

/** Sinks join the fields of old and new writes: a point that lost one is removed first, then written. */
function rowsOf({ replaces, ...point }: OutboxPoint): StoredPoint[] {
  return replaces && point.fields !== null ? [{ ...point, fields: null }, point] : [point]
}
