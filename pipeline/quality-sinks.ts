import type { Store } from '../store/store.ts'
import type { SinkStatus } from '../transforms/quality-sources.ts'

interface Delivered {
  deliveredAt: number | null
  error: string | null
}

/** Of the points that a sink refused so many are told, the latest. */
const mostRejected = 1_000

const keyOf = (sink: string) => `sink:${sink}`

/** Keeps how a delivery to a sink ended; returns when the sink last had everything (epoch ms), null for never. */
export async function endDelivery(
  store: Store,
  sink: string,
  { at, error, isDone }: { at: number; error: string | undefined; isDone: boolean },
): Promise<number | null> {
  const deliveredAt = isDone ? at : (await readDelivered(store, sink)).deliveredAt
  await store.meta.set(keyOf(sink), JSON.stringify({ deliveredAt, error: error ?? null } satisfies Delivered))
  return deliveredAt
}

async function readDelivered(store: Store, sink: string): Promise<Delivered> {
  const text = await store.meta.get(keyOf(sink))
  return text === undefined ? { deliveredAt: null, error: null } : (JSON.parse(text) as Delivered)
}

/** How each sink stands. */
export async function sinkStatuses(store: Store, sinks: readonly { name: string }[]): Promise<SinkStatus[]> {
  const statuses: SinkStatus[] = []
  for (const { name } of sinks) {
    const { points } = await store.points.backlog(name)
    const rejected = await store.points.rejected(name, mostRejected)
    statuses.push({ name, waiting: points, ...(await readDelivered(store, name)), rejected })
  }
  return statuses
}
