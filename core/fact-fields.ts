import { Rejected } from './errors.ts'
import type { Outcome, TestCount } from './fact.ts'
import { parseInstant, shown } from './instant.ts'

/** Checks one value; throws Rejected with its name, what it got and what would be right. */
export type Field<Value> = (value: unknown, name: string) => Value

/** The fields of an object, in the order in which they are read and written. */
export type Fields<Type> = { [Key in keyof Type]-?: Field<Type[Key] | undefined> }

/** A function that reads an object: known fields in their order, the rest dropped, nothing undefined. */
export function objectOf<Type extends object>(fields: Fields<Type>): Field<Type> {
  const entries = Object.entries<Field<unknown>>(fields)
  return (value, name) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Rejected(`${name}: ${got(value)}; write an object with ${listOf(entries)}`)
    }
    const input = value as Record<string, unknown>
    const prefix = name === '' ? '' : `${name}.`
    const read: Record<string, unknown> = {}
    for (const [key, field] of entries) {
      const one = field(input[key], prefix === '' ? key : prefix + key)
      if (one !== undefined) read[key] = one
    }
    return read as Type
  }
}

/** Absent or null: unknown. */
export function optional<Value>(field: Field<Value>): Field<Value | undefined> {
  return (value, name) => (value === undefined || value === null ? undefined : field(value, name))
}

/** Absent or null: that value, a new one each time. */
export function orElse<Value>(field: Field<Value>, otherwise: () => Value): Field<Value> {
  return (value, name) => (value === undefined || value === null ? otherwise() : field(value, name))
}

/** Any text, also an empty one. */
export const text: Field<string> = (value, name) => {
  if (typeof value === 'string') return value
  throw new Rejected(`${name}: ${got(value)}; write a text in quotes`)
}

const control = /\p{Cc}/u

/** A text that identifies something: never empty, on one line; the example is for the error. */
export function word(example: string): Field<string> {
  return (value, name) => {
    if (typeof value !== 'string' || value === '') {
      throw new Rejected(`${name}: ${got(value)}; write a text such as ${JSON.stringify(example)}`)
    }
    if (control.test(value)) {
      throw new Rejected(`${name}: ${shown(value)} has a control character; write it without`)
    }
    return value
  }
}

export const instant: Field<number> = (value, name) => {
  if (value === undefined || value === null) {
    throw new Rejected(`${name}: is missing; write an instant such as 2026-03-02T10:00:00Z`)
  }
  return parseInstant(value, name)
}

/** Nanoseconds since 1970 fit 64 bits until April 2262. */
const latestOfPoint = Date.UTC(2262, 0, 1)

/** An instant that becomes the time of a point. */
export const pointInstant: Field<number> = (value, name) => {
  const at = instant(value, name)
  if (at >= 0 && at < latestOfPoint) return at
  throw new Rejected(`${name}: ${shown(value)} is before 1970 or after 2261, which no point can carry`)
}

export const flag: Field<boolean> = (value, name) => {
  if (typeof value === 'boolean') return value
  throw new Rejected(`${name}: ${got(value)}; write true or false`)
}

/** A whole number, zero or more. */
export const count: Field<number> = (value, name) => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new Rejected(`${name}: ${got(value)}; write a whole number, 0 or more`)
}

export const outcome: Field<Outcome> = (value, name) => {
  if (value === 'success' || value === 'failure' || value === 'cancelled' || value === 'running') return value
  throw new Rejected(`${name}: ${got(value)}; write success, failure, cancelled or running`)
}

/** A test with how often it passed and failed: at least once. */
export const testCount: Field<TestCount> = (value, name) => {
  if (Array.isArray(value) && value.length === 3) {
    const [test, passed, failed] = value as unknown[]
    if (typeof test === 'string' && isCount(passed) && isCount(failed) && passed + failed > 0)
      return [test, passed, failed]
  }
  throw new Rejected(
    `${name}: ${got(value)}; write a test with how often it passed and failed, such as ["adds", 1, 0]`,
  )
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

export function list<Value>(field: Field<Value>): Field<Value[]> {
  return (value, name) => {
    if (!Array.isArray(value)) throw new Rejected(`${name}: ${got(value)}; write a list`)
    const read: Value[] = []
    try {
      for (const one of value) read.push(field(one, ''))
    } catch (error) {
      if (!(error instanceof Rejected)) throw error
      // Named only now: putting the name of every element together costs more than checking it.
      return value.map((one, index) => field(one, `${name}[${index}]`))
    }
    return read
  }
}

/** What was found instead of what is wanted. */
function got(value: unknown): string {
  if (value === undefined) return 'is missing'
  return value === '' ? 'is empty' : `got ${shown(value)}`
}

function listOf(entries: [string, unknown][]): string {
  return entries.map(([key]) => key).join(', ')
}
