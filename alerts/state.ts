import { severities } from './message.ts'
import type { Severity } from './message.ts'

/**
 * What an evaluation says of an instance at an instant. `between` lies past the clear threshold but not past the one
 * to fire: what fires goes on, what does not, does not begin, so it ends what is pending. `unknown`: no data, held,
 * too few samples, an error: never fires and never resolves, unless the rule says what no data means.
 */
export type Verdict =
  | { kind: 'breach'; severity: Severity }
  | { kind: 'between' }
  | { kind: 'clear' }
  | { kind: 'unknown'; reason: string }

export interface Timing {
  /** How long the breach lasts before it fires. */
  forMs: number
  /** How long it goes on firing from the first clear evaluation. */
  keepFiringForMs: number
  /** What unknown means: nothing changes, the same as clear, or an alert of its own. */
  noData: 'keep' | 'ok' | 'alert'
  /** How long unknown lasts before `noData: 'alert'` speaks. */
  noDataForMs: number
  /** Of an alert that tells of no data, where no breach was pending that has one. */
  severity: Severity
}

/** Plain data, to be stored between evaluations. Instants are epoch ms. */
export interface InstanceState {
  state: 'inactive' | 'pending' | 'firing' | 'recovering'
  /** Since when the breach lasts; of an alert that tells of no data, since when there is none. */
  activeSince?: number
  firedAt?: number
  /** The first clear evaluation while firing. */
  clearSince?: number
  severity?: Severity
  /** Counts firings, from 0. */
  episode: number
  /** Since when it is unknown, and why. */
  unknownSince?: number
  unknownReason?: string
  /** It fires because there are no data, and not because of a breach: why there are none. */
  firedReason?: string
  /** The last evaluation: an older or equal instant is no evaluation. */
  at: number
}

export interface Transition {
  kind: 'fired' | 'resolved' | 'escalated' | 'deescalated'
  severity: Severity
  at: number
  startedAt: number
  /** Why, where it is not what the numbers say. */
  reason?: string
}

export interface Step {
  state: InstanceState
  transitions: Transition[]
}

type Known = Exclude<Verdict, { kind: 'unknown' }>
type Unknown = Required<Pick<InstanceState, 'unknownSince' | 'unknownReason'>>

/** What ends an alert of no data. */
const dataAgain = 'data again'

/**
 * The state after an evaluation at `at`, and what there is to tell. Without unknown and between, this is Prometheus
 * (rules/alerting.go): pending until the breach has lasted `for`; an end of it while pending is silent; keep_firing_for
 * counts from the first clear evaluation, and a breach meanwhile is the same firing, of which nothing is told again.
 *
 * While unknown, neither clock runs: an hour without data is no hour of breach and no hour of recovery, so
 * `activeSince` of what is pending and `clearSince` of what recovers are put off by as long.
 *
 * With `noData: 'alert'` the instance fires as soon as unknown has lasted `noDataForMs`, with its reason and no `for`;
 * what fires already is not told again. Any known verdict ends it, and counts as the first of a new episode: a breach
 * then has to last `for`, and where that is 0 it is resolved and fired at the same instant.
 */
export function step(before: InstanceState | undefined, verdict: Verdict, timing: Timing, at: number): Step {
  const last = before ?? { state: 'inactive', episode: 0, at: -Infinity }
  if (at <= last.at) return { state: last, transitions: [] }
  if (verdict.kind !== 'unknown')
    return judge(timing.noData === 'ok' ? last : putOff(last, at), verdict, timing, at)
  const since = { unknownSince: last.unknownSince ?? at, unknownReason: verdict.reason }
  if (timing.noData !== 'ok') return hold(last, since, timing, at)
  const { state, transitions } = judge(last, { kind: 'clear' }, timing, at)
  const reason = verdict.reason
  return { state: { ...state, ...since }, transitions: transitions.map((each) => ({ ...each, reason })) }
}

/**
 * The service or the rule is no more: what fires is resolved with `reason`, what is pending ends silently. It is no
 * evaluation, so it may come at the instant of the last one.
 */
export function endInstance(before: InstanceState, reason: string | undefined, at: number): Step {
  const endedAt = Math.max(before.at, at)
  const state: InstanceState = { state: 'inactive', episode: before.episode, at: endedAt }
  if (!fires(before)) return { state, transitions: [] }
  return { state, transitions: [transition('resolved', before, endedAt, reason)] }
}

/** Nothing changes, but where no data is an alert of its own and they have been missing long enough. */
function hold(last: InstanceState, since: Unknown, timing: Timing, at: number): Step {
  const held: InstanceState = { ...last, ...since, at }
  const isTold = timing.noData === 'alert' && at - since.unknownSince >= timing.noDataForMs
  if (!isTold || fires(last)) return { state: held, transitions: [] }
  const reason = since.unknownReason
  const severity = last.severity ?? timing.severity
  return fire({ ...held, activeSince: since.unknownSince, severity, firedReason: reason }, at, reason)
}

/** `last` fires or not, and what was unknown before is no more. */
function judge(last: InstanceState, verdict: Known, timing: Timing, at: number): Step {
  if (last.firedReason !== undefined) {
    const ended = endInstance(last, dataAgain, at)
    const begun = judge(ended.state, verdict, timing, at)
    return { state: begun.state, transitions: [...ended.transitions, ...begun.transitions] }
  }
  if (!fires(last)) {
    if (verdict.kind !== 'breach') return endInstance(last, undefined, at)
    const { severity } = verdict
    const activeSince = last.activeSince ?? at
    const pending: InstanceState = { state: 'pending', activeSince, severity, episode: last.episode, at }
    return at - activeSince < timing.forMs ? { state: pending, transitions: [] } : fire(pending, at)
  }
  const { clearSince = at, unknownSince: _, unknownReason: __, ...firing } = last
  if (verdict.kind === 'clear') {
    if (at - clearSince >= timing.keepFiringForMs) return endInstance(last, undefined, at)
    return { state: { ...firing, state: 'recovering', clearSince, at }, transitions: [] }
  }
  const severity = verdict.kind === 'breach' ? verdict.severity : last.severity!
  const state: InstanceState = { ...firing, state: 'firing', severity, at }
  const by = severities.indexOf(severity) - severities.indexOf(last.severity!)
  if (by === 0) return { state, transitions: [] }
  return { state, transitions: [transition(by > 0 ? 'escalated' : 'deescalated', state, at)] }
}

function fire(pending: InstanceState, at: number, reason?: string): Step {
  const state: InstanceState = { ...pending, state: 'firing', firedAt: at, episode: pending.episode + 1, at }
  return { state, transitions: [transition('fired', state, at, reason)] }
}

function fires({ state }: InstanceState): boolean {
  return state === 'firing' || state === 'recovering'
}

/** As if what was unknown until now had taken no time. */
function putOff(last: InstanceState, at: number): InstanceState {
  const { unknownSince, activeSince, clearSince } = last
  if (unknownSince === undefined) return last
  const later = (since: number): number => Math.min(at, since + at - unknownSince)
  if (last.state === 'pending') return { ...last, activeSince: later(activeSince!) }
  return clearSince === undefined ? last : { ...last, clearSince: later(clearSince) }
}

function transition(kind: Transition['kind'], of: InstanceState, at: number, reason?: string): Transition {
  const told: Transition = { kind, severity: of.severity!, at, startedAt: of.activeSince! }
  return reason === undefined ? told : { ...told, reason }
}
