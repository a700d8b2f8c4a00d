import { Rejected } from '../../core/errors.ts'

/** A JSON object as the API returned it; nothing is taken for granted about its members. */
export type Row = Record<string, unknown>

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object at that path of members, or undefined. */
export function member(value: unknown, ...path: string[]): Row | undefined {
  let at: unknown = value
  for (const name of path) at = isRow(at) ? at[name] : undefined
  return isRow(at) ? at : undefined
}

/** The rows of a GraphQL connection or of a plain list; empty where there is none. */
export function nodesOf(value: unknown): Row[] {
  const list: unknown = isRow(value) ? value['nodes'] : value
  return Array.isArray(list) ? list.filter(isRow) : []
}

/** The first of these members that is there; REST and GraphQL name the same thing differently. */
function first(row: Row, names: string[]): unknown {
  for (const name of names) {
    const value = row[name]
    if (value !== undefined && value !== null && value !== '') return value
  }
  return undefined
}

export function maybeText(row: Row | undefined, ...names: string[]): string | undefined {
  const value = row && first(row, names)
  return typeof value === 'string' ? value : undefined
}

/** Throws Rejected where there is no such text. */
export function text(row: Row, ...names: string[]): string {
  const value = maybeText(row, ...names)
  if (value === undefined) throw new Rejected(`${names[0]} is missing`)
  return value
}

export function maybeWhole(row: Row | undefined, ...names: string[]): number | undefined {
  const value = row && first(row, names)
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
}

/** Throws Rejected where there is no such whole number. */
export function whole(row: Row, ...names: string[]): number {
  const value = maybeWhole(row, ...names)
  if (value === undefined) throw new Rejected(`${names[0]} is missing or no whole number`)
  return value
}

const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/

/** Epoch ms of an ISO 8601 instant with a zone, undefined where there is none; throws Rejected otherwise. */
export function maybeInstant(row: Row | undefined, ...names: string[]): number | undefined {
  const value = row && first(row, names)
  if (value === undefined) return undefined
  const at = typeof value === 'string' && zoned.test(value) ? Date.parse(value) : Number.NaN
  if (!Number.isFinite(at))
    throw new Rejected(`${names[0]} ${JSON.stringify(value)} is no instant with a zone`)
  return at > 0 ? at : undefined
}

/** As maybeInstant, and throws Rejected where it is missing. */
export function instant(row: Row, ...names: string[]): number {
  const at = maybeInstant(row, ...names)
  if (at === undefined) throw new Rejected(`${names[0]} is missing`)
  return at
}

/** Whether the row says an instant before `at`; a row that says none is before nothing. */
export function isBefore(at: number, row: Row, ...names: string[]): boolean {
  const value = first(row, names)
  const said = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return said < at
}

/** Leaves out what is undefined, for a missing property is not the same as an undefined one. */
export function present<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}
