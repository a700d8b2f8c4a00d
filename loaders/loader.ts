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
  /**
   * Resolves once every point that is not rejected is acknowledged. Points are given in the order of `rev`,
   * and those of one identity are written in that order: a point that loses a field is given as a removal
   * and then anew. Throws Refused, RateLimited or Unavailable when nothing is known: the same points are
   * then given again later, and repeating is harmless.
   */
  write(points: readonly StoredPoint[], io: Io): Promise<WriteResult>
  /** Whether the sink can be reached and written to, or what is wrong. Never throws. */
  check(io: Io): Promise<Check[]>
}
