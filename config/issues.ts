import type { z } from 'zod'
import { shown } from '../core/instant.ts'
import { nearest } from '../core/nearest.ts'
import type { Problem } from './document.ts'
import { isSecretAt } from './fill.ts'
import { valueAt, type Path, type SchemaTree } from './keys.ts'

type Issue = z.core.$ZodIssue

/** What a schema's issues say in words; `base` is where the checked value stands in `data`. */
export function problemsOf(issues: readonly Issue[], base: Path, data: unknown, tree: SchemaTree): Problem[] {
  return issues.flatMap((issue) => {
    const path = writtenPath([...base, ...(issue.path as Path)], data)
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, path, tree) }))
    }
    if (issue.code === 'invalid_union') {
      const closest = closestForm(issue.errors)
      if (closest) return problemsOf(closest, path, data, tree)
    }
    const value = isSecretAt(path, tree) ? hidden(valueAt(data, path)) : valueAt(data, path)
    const message = messageFor(issue, value)
    const example = exampleAt(path, tree)
    const key = path.findLast((segment) => typeof segment === 'string')
    if (issue.code === 'custom') return { path, message, ...otherOf(issue, base) }
    if (example === undefined || key === undefined) return { path, message }
    return { path, message: `${message}; write ${key}: ${inline(example)}` }
  })
}

/** A check may say what the value clashes with: its path, as that of the issue. */
function otherOf({ params }: { params?: Record<string, unknown> | undefined }, base: Path): { other?: Path } {
  const other = params?.['other']
  return Array.isArray(other) ? { other: [...base, ...(other as Path)] } : {}
}

function exampleAt(path: Path, tree: SchemaTree): unknown {
  const nodes = tree(path)
  return (
    nodes.find((node) => node.example !== undefined)?.example ??
    nodes.flatMap((node) => node.examples ?? [])[0]
  )
}

function messageFor(issue: Issue, value: unknown): string {
  if (issue.code === 'custom') return issue.message
  if (value === undefined) return 'is missing'
  if (issue.code === 'invalid_type') return `expected ${typeName(issue.expected)}, got ${got(value)}`
  if (issue.code === 'invalid_union') return `expected ${unionName(issue.errors)}, got ${got(value)}`
  if (issue.code === 'invalid_value') return expectedOne(issue.values.map(String), value)
  if (issue.code === 'too_small') {
    if (value === '' || (Array.isArray(value) && value.length === 0)) return 'is empty'
    const least = `${issue.inclusive ? 'at least' : 'more than'} ${String(issue.minimum)}`
    return `expected ${least}${unitOf(issue.origin)}, got ${got(value)}`
  }
  if (issue.code === 'too_big') {
    const most = `${issue.inclusive ? 'at most' : 'less than'} ${String(issue.maximum)}`
    return `expected ${most}${unitOf(issue.origin)}, got ${got(value)}`
  }
  return `${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}, got ${got(value)}`
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters'
  return origin === 'array' ? ' entries' : ''
}

/** `expected one of a, b, got c; did you mean b?` */
export function expectedOne(allowed: readonly string[], value: unknown): string {
  const text = allowed.length === 1 ? allowed[0]! : `one of ${allowed.join(', ')}`
  const near = typeof value === 'string' ? nearest(value, allowed) : undefined
  return `expected ${text}, got ${got(value)}${near === undefined ? '' : `; did you mean ${near}?`}`
}

function unknownKey(key: string, path: Path, tree: SchemaTree): string {
  const known = tree(path).flatMap((node) => [
    ...Object.keys(node.properties ?? {}),
    ...(node.propertyNames?.enum ?? []),
  ])
  const near = nearest(key, known)
  if (near !== undefined) return `no such key; did you mean ${near}?`
  return known.length === 0
    ? 'no such key'
    : `no such key; there are ${[...new Set(known)].sort().join(', ')}`
}

/** Of the forms that a value may take, the one it was meant to have: of its type, with the fewest issues. */
function closestForm(errors: readonly Issue[][]): Issue[] | undefined {
  return errors
    .filter((issues) => !issues.some((issue) => issue.code === 'invalid_type' && issue.path.length === 0))
    .toSorted((a, b) => a.length - b.length)[0]
}

function unionName(errors: readonly Issue[][]): string {
  const names = errors
    .flat()
    .map((issue) => (issue.code === 'invalid_type' ? typeName(issue.expected) : 'another form'))
  return [...new Set(names)].join(' or ')
}

function typeName(expected: string): string {
  const names: Record<string, string> = {
    string: 'a string',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'keys and values',
    record: 'keys and values',
  }
  return names[expected] ?? expected
}

const hiddenText = Symbol('hidden')

/** Stands for a secret: its type may be told, its value may not. */
function hidden(value: unknown): unknown {
  return value === undefined || value === '' ? value : hiddenText
}

function got(value: unknown): string {
  if (value === hiddenText) return 'a value that is not shown'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'keys and values'
  return shown(value)
}

function inline(example: unknown): string {
  return Array.isArray(example) ? `[${example.join(', ')}]` : String(example)
}

/** Without the position in a list that was written as one text. */
function writtenPath(path: Path, data: unknown): Path {
  return path.filter(
    (segment, index) =>
      typeof segment === 'string' || typeof valueAt(data, path.slice(0, index)) !== 'string',
  )
}
