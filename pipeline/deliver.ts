import { messageOf, RateLimited } from '../core/errors.ts'
import type { Io } from '../core/io.ts'
import type { Loader, RejectedPoint, StoredPoint } from '../loaders/loader.ts'
import type { OutboxPoint, Store } from '../store/store.ts'
import { clearingsOf, leftStanding, noteClearings } from './clearings.ts'
import { boundedGrowth, withSmallYoungGeneration } from './young-generation.ts'

/** What one sink was given. */
export interface Delivery {
  sink: string
  points: number
  rejected: number
  /** Points that still wait. */
  left: number
  durationMs: number
  /** Why it stopped; what is left stays in the outbox. */
  error?: string
  /** How long the sink asks to be left alone. */
  retryAfterMs?: number
}

/** How often a long delivery tells how far it is. */
const tellEveryMs = 10_000

/**
 * Gives a sink everything that it has not acknowledged, in order, batch by batch: the next is read while one is on its
 * way, and what is held in memory is two batches, whatever the backlog. Never throws for a failing sink. Stops after
 * the batch that is on its way at `until` (epoch ms).
 */
export function deliver(
  store: Store,
  loader: Loader,
  io: Io,
  { until = Infinity }: { until?: number } = {},
): Promise<Delivery> {
  return withSmallYoungGeneration(() => deliverUntil(store, loader, io, until))
}

async function deliverUntil(store: Store, loader: Loader, io: Io, until: number): Promise<Delivery> {
  const startedAt = io.clock()
  const delivery: Delivery = { sink: loader.name, points: 0, rejected: 0, left: 0, durationMs: 0 }
  const bound = boundedGrowth()
  let toldAt = startedAt
  try {
    await standAgain(store, loader, io)
    let acknowledged = await store.points.acknowledged(loader.name)
    let next = readMeanwhile(store, acknowledged, loader.batchPoints)
    for (;;) {
      io.signal.throwIfAborted()
      const points = await next
      if (points.length === 0 || io.clock() >= until) break
      acknowledged = points.at(-1)!.rev
      const writing = writeBatch(store, loader, points, io)
      next = readMeanwhile(store, acknowledged, loader.batchPoints)
      const [rejected] = await Promise.all([writing, next])
      await store.points.acknowledge(loader.name, acknowledged, rejected)
      delivery.points += points.length
      delivery.rejected += rejected.length
      bound()
      if (io.clock() - toldAt < tellEveryMs) continue
      toldAt = io.clock()
      const { points: waiting } = await store.points.backlog(loader.name)
      io.log.info(`sink ${loader.name}: ${delivery.points} points delivered, ${waiting} wait`)
    }
  } catch (error) {
    io.signal.throwIfAborted()
    delivery.error = messageOf(error)
    if (error instanceof RateLimited) delivery.retryAfterMs = error.retryAfterMs
  }
  delivery.left = (await store.points.backlog(loader.name)).points
  delivery.durationMs = io.clock() - startedAt
  return delivery
}

/**
 * Gives a sink once more what it refused, as it is now; what it takes is settled, what it refuses again stays set
 * aside with the new reason. Returns how many it took and refused; a sink that fails keeps them all.
 */
export async function deliverRejected(store: Store, loader: Loader, io: Io): Promise<Delivery> {
  const startedAt = io.clock()
  const delivery: Delivery = { sink: loader.name, points: 0, rejected: 0, left: 0, durationMs: 0 }
  try {
    for (let after = 0; ;) {
      io.signal.throwIfAborted()
      const points = await store.points.rejectedPoints(loader.name, after, loader.batchPoints)
      // Those that changed since were sent again as what they became.
      const until = points.at(-1)?.rev ?? Number.MAX_SAFE_INTEGER
      const still = points.length === 0 ? [] : await writeBatch(store, loader, points, io)
      await store.points.settleRejected(loader.name, { after, until }, still)
      if (points.length === 0) break
      delivery.points += points.length
      delivery.rejected += still.length
      after = until
    }
  } catch (error) {
    io.signal.throwIfAborted()
    delivery.error = messageOf(error)
  }
  delivery.left = (await store.points.backlog(loader.name)).rejected
  delivery.durationMs = io.clock() - startedAt
  return delivery
}

/** Reading holds up everything else, and so the batch that is on its way: not longer than for so many points. */
const readAtOnce = 1000

/** The next points of the outbox after a rev. */
async function readMeanwhile(store: Store, rev: number, limit: number): Promise<OutboxPoint[]> {
  const points: OutboxPoint[] = []
  while (points.length < limit) {
    await new Promise(setImmediate)
    const after = points.at(-1)?.rev ?? rev
    const part = await store.points.after(after, Math.min(readAtOnce, limit - points.length))
    if (part.length === 0) break
    points.push(...part)
  }
  return points
}

async function writeBatch(
  store: Store,
  loader: Loader,
  points: readonly OutboxPoint[],
  io: Io,
): Promise<{ point: OutboxPoint; reason: string }[]> {
  const clearings = await clearingsOf(store, points)
  if (clearings.length > 0) await noteClearings(store, loader.name, clearings)
  const rows = points.some(({ losses }) => losses > 0) ? points.flatMap(rowsOf) : points
  const { rejected } = await loader.write(rows, io, clearings)
  if (clearings.length > 0) await noteClearings(store, loader.name, [])
  return outboxPointsOf(points, rejected)
}

/** A point may be refused twice, as what was removed and what was written, or be one that only stands. */
function outboxPointsOf(points: readonly OutboxPoint[], rejected: readonly RejectedPoint[]) {
  if (rejected.length === 0) return []
  const byRev = new Map(points.map((point) => [point.rev, point]))
  return rejected.flatMap(({ point: { rev }, reason }) => {
    const point = byRev.get(rev)
    return point ? [{ point, reason }] : []
  })
}

/** Writes again what a crash may have taken with a clearing. */
async function standAgain(store: Store, loader: Loader, io: Io): Promise<void> {
  const standing = await leftStanding(store, loader.name)
  if (standing.length === 0) return
  await loader.write(standing, io)
  await noteClearings(store, loader.name, [])
}

/** Sinks join the fields of old and new writes: a point that lost one is removed first, then written. */
function rowsOf(point: OutboxPoint): StoredPoint[] {
  const { losses, fields } = point
  return losses > 0 && fields !== null ? [{ ...point, fields: null, losses: losses - 1 }, point] : [point]
}
