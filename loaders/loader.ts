import type { Check } from '../core/check.ts'
import type { Io } from '../core/io.ts'

/**
 * A point as the store keeps it for the sinks. (series, at, nanos) is its identity: writing it again
 * overwrites it, field by field.
 */
export interface StoredPoint {
  /** The position in the outbox: higher is newer. */
  rev: number
  /** Measurement and sorted tags, as `encodeSeries` gives them. */
  series: string
  /** Epoch milliseconds. */
  at: number
  /** Nanoseconds below the millisecond, 0 to 999,999. */
  nanos: number
  /** As `encodeFields` gives them; null where the point was removed. */
  fields: string | null
  /** How many times it lost a field or came back after it was removed; 0 where nothing is said. */
  losses?: number
}

/**
 * Very many points of a measurement at one instant, or of a series in some stretch of time, are removed together: where
 * a sink deletes, it may delete all that it has there at once, and then has to write again what stands.
 */
export interface Clearing {
  /** A series, or a measurement alone for all of its series. */
  series: string
  /** The first and the last, epoch ms and nanoseconds below it. */
  from: Instant
  to: Instant
  standing: readonly StoredPoint[]
}

/** Whether a point is among those that go. */
export function isIn({ series, at, nanos }: StoredPoint, { series: of, from, to }: Clearing): boolean {
  if (series !== of && !(series.startsWith(`${of},`) && !of.includes(','))) return false
  const isAfter = at > from.at || (at === from.at && nanos >= from.nanos)
  const isBefore = at < to.at || (at === to.at && nanos <= to.nanos)
  return isAfter && isBefore
}

export interface Instant {
  at: number
  nanos: number
}

/** A point that the sink will never take, and why. */
export interface RejectedPoint {
  point: StoredPoint
  reason: string
}

export interface WriteResult {
  rejected: RejectedPoint[]
}

/** Where points go. */
export interface Loader {
  name: string
  /** How many points it likes to be given at once. */
  batchPoints: number
  /**
   * Resolves once every point that is not rejected is acknowledged. Points are given in the order of `rev`,
   * and those of one identity are written in that order: a point that loses a field is given as a removal
   * and then anew. Throws Refused, RateLimited or Unavailable when nothing is known: the same points are
   * then given again later, and repeating is harmless.
   */
  write(points: readonly StoredPoint[], io: Io, clearings?: readonly Clearing[]): Promise<WriteResult>
  /** Whether the sink can be reached and written to, or what is wrong. Never throws. */
  check(io: Io): Promise<Check[]>
  /** Makes what the sink needs where it is not there; a line for everything that was made, changed, or there. */
  setUp?(io: Io): Promise<string[]>
}
