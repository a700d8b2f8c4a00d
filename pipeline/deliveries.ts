import type { Io } from '../core/io.ts'
import type { Loader } from '../loaders/loader.ts'
import type { Store } from '../store/store.ts'
import { deliver, type Delivery } from './deliver.ts'
import { deliverPoint, pipelineOwner } from './pipeline-points.ts'
import { endDelivery } from './quality-sinks.ts'

/** Where a delivery ends though more is there (epoch ms): the rest waits for the next. */
export interface DeliveryLimit {
  until?: number
}

interface Sinks {
  store: Store
  loaders: readonly Loader[]
}

/**
 * Gives every sink, or only the one of that name, what it has not got, each from its own backlog; how it went is a
 * point of `dora_pipeline`, which those that take anything get at once.
 */
export async function deliverAll(
  { store, loaders }: Sinks,
  io: Io,
  { only, ...limit }: { only?: string | undefined } & DeliveryLimit = {},
): Promise<Delivery[]> {
  const given = loaders.filter(({ name }) => only === undefined || name === only)
  const deliveries = await deliverTo({ store, loaders }, given, io, limit)
  await store.points.purge(loaders.map(({ name }) => name))
  return deliveries
}

async function deliverTo(
  { store }: Sinks,
  loaders: readonly Loader[],
  io: Io,
  limit: DeliveryLimit,
): Promise<Delivery[]> {
  const deliveries = await Promise.all(loaders.map((loader) => deliver(store, loader, io, limit)))
  for (const delivery of deliveries) {
    const { sink, left, error } = delivery
    const endedAt = io.clock()
    const isDone = error === undefined && left === 0
    const deliveredAt = await endDelivery(store, sink, { at: endedAt, error, isDone })
    const { rejected } = await store.points.backlog(sink)
    await store.points.save(pipelineOwner, [deliverPoint(delivery, { rejected, deliveredAt, endedAt })])
  }
  for (const [index, loader] of loaders.entries()) {
    if (deliveries[index]!.left === 0) await deliver(store, loader, io, limit)
  }
  return deliveries
}

/** After a failure a sink is left alone for a minute, then for two, and so on up to this. */
const longestPauseMs = 15 * 60_000
const firstPauseMs = 60_000

/** Brings backlogs down between two refreshes. */
export interface Drain {
  /** Told how the deliveries of a refresh went. */
  note(deliveries: readonly Delivery[]): void
  /** Delivers to the sinks that have a backlog and are not to be left alone just now. */
  run(limit?: DeliveryLimit): Promise<Delivery[]>
}

/** A sink that was down is caught up when it is back, without waiting for the next refresh. */
export function createDrain({ store, loaders }: Sinks, io: Io): Drain {
  /** Until it is looked, every sink may have a backlog from the process before. */
  const waiting = new Map(loaders.map(({ name }) => [name, { pauseMs: 0, notBefore: 0 }]))

  function note(deliveries: readonly Delivery[]): void {
    for (const { sink, left, error, retryAfterMs } of deliveries) {
      if (left === 0) waiting.delete(sink)
      else if (error === undefined) waiting.set(sink, { pauseMs: 0, notBefore: 0 })
      else {
        const former = waiting.get(sink)?.pauseMs ?? 0
        const pauseMs = Math.min(longestPauseMs, former === 0 ? firstPauseMs : 2 * former)
        waiting.set(sink, { pauseMs, notBefore: io.clock() + Math.max(pauseMs, retryAfterMs ?? 0) })
      }
    }
  }

  return {
    note,
    async run(limit = {}) {
      const now = io.clock()
      const due: Loader[] = []
      for (const loader of loaders) {
        const { name } = loader
        if ((waiting.get(name)?.notBefore ?? Infinity) > now) continue
        if ((await store.points.backlog(name)).points > 0) due.push(loader)
        else waiting.delete(name)
      }
      if (due.length === 0) return []
      const deliveries = await deliverTo({ store, loaders }, due, io, limit)
      note(deliveries)
      return deliveries
    },
  }
}
