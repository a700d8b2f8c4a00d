import * as fc from 'fast-check'
import { histories } from '../reference/histories.ts'
import { mostly, pick, some } from '../reference/history-choices.ts'
import { arranged, type Arrangement } from './arrangements.ts'
import { momentsOf, type Moment } from './moments.ts'
import { shownLife } from './shown.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

export const arrangement: fc.Arbitrary<Arrangement> = fc.record({
  mapped: mostly(50, 'none', 'some', 'all'),
  hasWorkflows: mostly(85, false, true),
  hasIncidentIds: mostly(75, false, true),
  dropsRepositories: mostly(80, false, true),
  twins: fc.array(pick, { maxLength: 8 }),
  early: fc.array(pick, { maxLength: 4 }),
})

/** In so many of a hundred cases; else null. */
function seldom<T>(share: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof(
    { withCrossShrink: true },
    { arbitrary: fc.constant(null), weight: 100 - share },
    { arbitrary, weight: share },
  )
}

const correction = fc.record({ which: pick, how: pick, by: pick })

const step = fc.record({
  wait: some(hour, 10 * minute, 0, hour + 1, 5 * hour, day, day, 3 * day, 7 * day, 21 * day),
  /** So many facts that were not told before, from somewhere in the list; `due`: all that have happened by now. */
  tells: mostly<number | 'due'>(50, 'due', 1, 1, 2, 3, 5, 8, 13, 0),
  from: some(0, 0, 0, 1, 7, 13),
  repeats: fc.array(pick, { maxLength: 2 }),
  corrections: fc.array(correction, { maxLength: 3 }),
  removals: fc.array(pick, { maxLength: 2 }),
  returns: fc.array(pick, { maxLength: 1 }),
  edit: seldom(12, fc.record({ how: pick, by: pick })),
  isNewProcess: mostly(70, false, true),
  /** The derivation dies after so many writes, and is done again. */
  diesAfter: seldom(8, fc.nat({ max: 40 })),
  /** How far the sources of changes, incidents and of everything lag behind, by service. */
  lags: fc.array(
    fc.record({
      all: some(0, 0, 2 * hour),
      changes: some(0, 0, 0, hour, 2 * day),
      incidents: some(0, 0, 0, day),
    }),
    { maxLength: 3 },
  ),
})

type Of<T> = T extends fc.Arbitrary<infer Value> ? Value : never
export type Step = Of<typeof step>

/** What a store lives through. */
export interface Life {
  moments: Moment[]
}

/**
 * A history told in pieces: each moment tells new facts, corrects, removes and repeats others, perhaps edits the
 * configuration or ends the process, and is followed by a refresh.
 */
export function lives(): fc.Arbitrary<Life> {
  return fc
    .record({
      history: histories(),
      arrangement,
      begins: some(0, 0, 3 * day, 20 * day),
      steps: fc.array(step, { minLength: 1, maxLength: 12, size: 'max' }),
    })
    .map(({ history, arrangement: how, begins, steps }) => {
      const { config, lines } = arranged(history, how)
      const life = { moments: momentsOf(config, lines, begins, steps) }
      return { ...life, [fc.toStringMethod]: () => shownLife(life) }
    })
}
