import type * as fc from 'fast-check'
import { buildHistory, type History } from './history-builder.ts'
import { script } from './history-script.ts'

export type { History } from './history-builder.ts'

/**
 * Small but nasty histories, of 10 to 60 facts: a configuration, the instant of the report, and the facts in
 * delivery order.
 */
export function histories(): fc.Arbitrary<History> {
  return script.map(buildHistory)
}
