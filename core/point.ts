/** A value of a field. Integers are marked, for a field's type must never change. */
export type FieldValue = number | string | boolean | { int: number }

/** What InfluxDB stores: one row of a measurement. A null is an absent field. */
export interface Point {
  measurement: string
  /** Sorted by key; values are never empty. */
  tags: Record<string, string>
  fields: Record<string, FieldValue>
  /** Epoch milliseconds. */
  at: number
  /** Nanoseconds below the millisecond, 0 to 999,999: keeps two events of one millisecond apart. */
  nanos: number
}
