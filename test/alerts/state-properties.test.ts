import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { severities } from '../../alerts/message.ts'
import { endInstance, step } from '../../alerts/state.ts'
import type { InstanceState, Step, Timing, Transition, Verdict } from '../../alerts/state.ts'

const verdict: fc.Arbitrary<Verdict> = fc.oneof(
  fc.record({ kind: fc.constant('breach' as const), severity: fc.constantFrom(...severities) }),
  fc.constant({ kind: 'between' as const }),
  fc.constant({ kind: 'clear' as const }),
  fc.record({ kind: fc.constant('unknown' as const), reason: fc.constantFrom('no data', 'too few') }),
)
const some = fc.integer({ min: 0, max: 6 })
const timing: fc.Arbitrary<Timing> = fc.record({
  forMs: some,
  keepFiringForMs: some,
  noData: fc.constantFrom('keep', 'ok', 'alert'),
  noDataForMs: some,
  severity: fc.constantFrom(...severities),
})
/** How far the instant lies from the last one: 0 and less are no evaluation. `end` is the end of the instance. */
const moves = fc.array(
  fc.record({
    by: fc.integer({ min: -1, max: 4 }),
    verdict,
    end: fc.integer({ max: 15, min: 0 }),
    // A rule may be changed while its alerts go on.
    isChanged: fc.boolean(),
  }),
  { maxLength: 40, size: 'max' },
)

/** Instants that only grow, for what compares two histories. */
const history = fc
  .array(fc.record({ by: fc.integer({ min: 1, max: 4 }), verdict }), { maxLength: 40, size: 'max' })
  .map((rows) => {
    let at = 0
    return rows.map((row) => ({ at: (at += row.by), verdict: row.verdict }))
  })

function run(rows: readonly { at: number; verdict: Verdict }[], how: Timing): Transition[] {
  let state: InstanceState | undefined
  return rows.flatMap((row) => {
    const next = step(state, row.verdict, how, row.at)
    state = next.state
    return next.transitions
  })
}

const rank = (severity: string): number => severities.findIndex((one) => one === severity)

/** What was told so far: the alert that fires, and how often one did. */
interface Told {
  fired?: Transition
  severity?: string
  episodes: number
}

function hear(told: Told, transition: Transition, forMs: number): void {
  const { kind, severity, at, startedAt, reason } = transition
  expect(startedAt).toBeLessThanOrEqual(at)
  if (kind === 'fired') {
    expect(told.fired).toBeUndefined()
    if (reason === undefined) expect(at - startedAt).toBeGreaterThanOrEqual(forMs)
    told.fired = transition
    told.severity = severity
    told.episodes += 1
    return
  }
  expect(told.fired).toBeDefined()
  expect(startedAt).toBe(told.fired!.startedAt)
  expect(at).toBeGreaterThanOrEqual(told.fired!.at)
  expect(Math.sign(rank(severity) - rank(told.severity!))).toBe(
    { escalated: 1, deescalated: -1, resolved: 0 }[kind],
  )
  told.severity = severity
  if (kind === 'resolved') delete told.fired
}

function check(next: Step, told: Told, forMs: number): void {
  for (const transition of next.transitions) hear(told, transition, forMs)
  const { state, episode, firedAt, clearSince, activeSince, severity } = next.state
  expect(state === 'firing' || state === 'recovering').toBe(told.fired !== undefined)
  expect(episode).toBe(told.episodes)
  expect(firedAt).toBe(told.fired?.at)
  expect(clearSince !== undefined).toBe(state === 'recovering')
  expect(activeSince !== undefined).toBe(state !== 'inactive')
  for (const since of [firedAt, clearSince, activeSince])
    if (since !== undefined) expect(since).toBeLessThanOrEqual(next.state.at)
  if (told.fired) expect(severity).toBe(told.severity)
}

test('what is told is always: fired, then changes of severity, then resolved, of one episode after the other', () => {
  fc.assert(
    fc.property(moves, timing, timing, (rows, how, changed) => {
      const told: Told = { episodes: 0 }
      let state: InstanceState | undefined
      let at = 0
      for (const { by, verdict: what, end, isChanged } of rows) {
        at += by
        const timingNow = isChanged ? changed : how
        const next =
          state !== undefined && end === 0
            ? endInstance(state, 'removed', at)
            : step(state && Object.freeze(state), what, timingNow, at)
        check(next, told, timingNow.forMs)
        // What a store gives back is what was stored.
        state = JSON.parse(JSON.stringify(next.state)) as InstanceState
        expect(state).toStrictEqual(next.state)
        expect(step(state, { kind: 'clear' }, timingNow, state.at)).toStrictEqual({ state, transitions: [] })
      }
    }),
    { numRuns: 600 },
  )
})

test('with keep, a history is told as if what was unknown had taken no time', () => {
  fc.assert(
    fc.property(history, timing, (rows, how) => {
      const keep: Timing = { ...how, noData: 'keep' }
      let cut = 0
      let unknownSince: number | undefined
      const known = rows.flatMap((row) => {
        if (row.verdict.kind === 'unknown') {
          unknownSince ??= row.at
          return []
        }
        if (unknownSince !== undefined) cut += row.at - unknownSince
        unknownSince = undefined
        return [{ ...row, at: row.at - cut }]
      })
      const tell = ({ kind, severity }: Transition) => `${kind} ${severity}`
      expect(run(rows, keep).map(tell)).toEqual(run(known, keep).map(tell))
    }),
    { numRuns: 2000 },
  )
})

test('with ok, unknown is clear; with an alert that never speaks, it is kept', () => {
  fc.assert(
    fc.property(history, timing, (rows, how) => {
      const cleared = rows.map((row): typeof row =>
        row.verdict.kind === 'unknown' ? { ...row, verdict: { kind: 'clear' } } : row,
      )
      const withoutReason = ({ kind, severity, at, startedAt }: Transition) => ({
        kind,
        severity,
        at,
        startedAt,
      })
      expect(run(rows, { ...how, noData: 'ok' }).map(withoutReason)).toEqual(run(cleared, how))
      const never: Timing = { ...how, noData: 'alert', noDataForMs: Infinity }
      expect(run(rows, never)).toEqual(run(rows, { ...how, noData: 'keep' }))
    }),
    { numRuns: 2000 },
  )
})
