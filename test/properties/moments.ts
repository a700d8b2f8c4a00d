import type { FactKey } from '../../core/fact.ts'
import { chosen } from '../reference/history-world.ts'
import { edited } from './config-edits.ts'
import { corrected, type Known } from './corrections.ts'
import { instantOf, keyOf, type Line, type ProductConfig } from './line.ts'
import type { Step } from './lives.ts'

/** What comes in before one refresh, and how that goes. */
export interface Moment {
  at: number
  config: ProductConfig
  facts: Line[]
  removals: FactKey[]
  isNewProcess: boolean
  diesAfter: number | null
  lags: Step['lags']
}

/** Turns the choices of a script into moments: nothing here is random. */
export function momentsOf(
  config: ProductConfig,
  lines: readonly Line[],
  begins: number,
  steps: readonly Step[],
): Moment[] {
  const waiting = [...lines]
  const known = new Map<string, Line>()
  const removed = new Map<string, Line>()
  let at = Math.min(...lines.map(instantOf).filter((instant) => instant > 0)) + begins
  let current = config
  return steps.map((step, position) => {
    at += step.wait
    if (step.edit) current = edited(current, step.edit.how, step.edit.by)
    const there: Known = {
      lines: [...known.values()],
      services: (config.services ?? []).map(({ name }) => name),
      repositories: ['acme/shop', 'acme/mono', 'acme/pushed'],
      now: at,
    }
    const facts: Line[] = taken(waiting, step, at, position === steps.length - 1)
    const pickKnown = (pick: number) => chosen(there.lines, pick)
    for (const pick of step.repeats) facts.push(...listOf(pickKnown(pick)))
    for (const pick of step.returns) facts.push(...listOf(chosen([...removed.values()], pick)))
    for (const { which, how, by } of step.corrections) {
      const line = pickKnown(which)
      if (line) facts.push(corrected(line, how, by, there))
    }
    const removals: FactKey[] = []
    for (const pick of step.removals) removals.push(...listOf(pickKnown(pick)))
    for (const line of facts) {
      known.set(keyOf(line), line)
      removed.delete(keyOf(line))
    }
    // A page's facts come before its removals.
    for (const key of removals) {
      const line = known.get(keyOf(key))
      if (line) removed.set(keyOf(key), line)
      known.delete(keyOf(key))
    }
    const { isNewProcess, diesAfter, lags } = step
    const told = { facts, removals: removals.map(({ kind, source, id }) => ({ kind, source, id })) }
    return { at, config: current, ...told, isNewProcess, diesAfter, lags }
  })
}

/** What is told of the facts that were not yet; in the end everything. */
function taken(waiting: Line[], { tells, from }: Step, now: number, isLast: boolean): Line[] {
  if (isLast) return waiting.splice(0)
  if (tells !== 'due') return waiting.splice(from % Math.max(waiting.length, 1), tells)
  const due = waiting.filter((line) => instantOf(line) <= now)
  const later = waiting.filter((line) => instantOf(line) > now)
  waiting.splice(0, waiting.length, ...later)
  return due
}

function listOf<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value]
}
