import { step } from '../../alerts/state.ts'
import type { InstanceState, Step, Timing, Verdict } from '../../alerts/state.ts'

/** One evaluation a character, at 0, 1, 2, … ms. */
const verdicts: Record<string, Verdict> = {
  '.': { kind: 'clear' },
  '-': { kind: 'between' },
  w: { kind: 'breach', severity: 'warning' },
  c: { kind: 'breach', severity: 'critical' },
  '?': { kind: 'unknown', reason: 'no data' },
  '!': { kind: 'unknown', reason: 'too few' },
}

export function timingOf(timing: Partial<Timing>): Timing {
  return { forMs: 0, keepFiringForMs: 0, noData: 'keep', noDataForMs: 0, severity: 'warning', ...timing }
}

/** Every step of a series: see above for the characters. */
export function steps(series: string, timing: Partial<Timing>): Step[] {
  let state: InstanceState | undefined
  return Array.from(series, (one, at) => {
    const next = step(state, verdicts[one]!, timingOf(timing), at)
    state = next.state
    return next
  })
}

/** What is told, one line a transition. */
export function play(series: string, timing: Partial<Timing>): string[] {
  return steps(series, timing)
    .flatMap(({ transitions }) => transitions)
    .map(({ kind, severity, at, startedAt, reason }) =>
      [`${at} ${kind} ${severity} since ${startedAt}`, ...(reason === undefined ? [] : [`(${reason})`])].join(
        ' ',
      ),
    )
}

/** The last state. */
export function ended(series: string, timing: Partial<Timing>): InstanceState {
  return steps(series, timing).at(-1)!.state
}
