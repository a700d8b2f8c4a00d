import { labelsNow } from './instance-labels.ts'
import type { Labels } from './message.ts'
import { judge, type Before } from './judge.ts'
import {
  isStillAsked,
  keyOf,
  observationsOf,
  type Observation,
  type SlotPoints,
  type Subject,
} from './observation.ts'
import type { Rule } from './rule.ts'
import { endInstance, step, type InstanceState, type Timing, type Transition, type Verdict } from './state.ts'

/** A rule about one subject, with what became of it so far. Kept of what is or was active, or waits to tell of no data. */
export interface Instance {
  key: string
  rule: string
  subject: Subject
  labels: Labels
  state: InstanceState
  /** As of its last evaluation that knew them. */
  value: number | undefined
  n: number | undefined
  threshold: number | undefined
  /** What it was compared with, where the rule compares. */
  before: number | undefined
  /** It began, or ended, only because the past is another now. */
  restated?: Restated
}

export interface Restated {
  /** Since the end of which day it would have been so, epoch ms. */
  since: number
  /** What came late. */
  why: string
}

export interface Evaluated {
  /** Those that changed, as they are now. */
  changed: Instance[]
  transitions: { instance: Instance; transition: Transition }[]
  /**
   * Instances that are nothing any more: inactive, without an episode that somebody was told of, and without a time
   * since when there are no data that somebody will be told of.
   */
  gone: string[]
}

export interface Evaluation {
  /** The slot, epoch ms. */
  at: number
  points: SlotPoints
  /** What was before, for rules that compare. */
  before?: (rule: Rule) => BeforeSlot | undefined
  /** Whether a service or team is still known: what is not, was removed. */
  isKnown: (subject: Subject) => boolean
  /** The team that a service has now; where it is not given, that of its last point. */
  teamOf?: ((service: string) => string) | undefined
  /** What a rule sees of the points, where it is known already. */
  observed?: (rule: Rule) => readonly Observation[]
}

/** What a rule compares each subject with; undefined where nothing is known of it. */
export type BeforeSlot = (subject: Subject) => Before | undefined

/** What all rules say of all subjects at a slot. A slot that was evaluated before changes nothing. */
export function evaluate(
  rules: readonly Rule[],
  former: ReadonlyMap<string, Instance>,
  { at, points, before, isKnown, teamOf, observed = (rule) => observationsOf(rule, points) }: Evaluation,
): Evaluated {
  const evaluated: Evaluated = { changed: [], transitions: [], gone: [] }
  const seen = new Set<string>()
  for (const rule of rules) {
    const slotBefore = rule.isRelative ? before?.(rule) : undefined
    for (const observation of observed(rule)) {
      const key = keyOf(rule.name, observation.subject)
      const { verdict, threshold, base } = judge(rule, observation, slotBefore?.(observation.subject))
      const known = former.get(key)
      if (known !== undefined) seen.add(key)
      // Most of most services are well: nothing is kept of them, unless it is told when they have no data any more.
      if (known === undefined && verdict.kind !== 'breach' && rule.noData !== 'alert') continue
      advance(evaluated, rule, { key, observation, threshold, before: base }, known, verdict, at)
    }
  }
  endOthers(evaluated, rules, former, seen, { at, isKnown, teamOf })
  return evaluated
}

interface Seen {
  key: string
  observation: Observation
  threshold: number | undefined
  before: number | undefined
}

function advance(
  evaluated: Evaluated,
  rule: Rule,
  { key, observation, threshold, before }: Seen,
  known: Instance | undefined,
  verdict: Verdict,
  at: number,
): void {
  const { subject, value, n } = observation
  const { state, transitions } = step(known?.state, verdict, timingOf(rule), at)
  if (state === known?.state || (isWell(state) && known !== undefined && isWell(known.state))) return
  const isKnown = verdict.kind !== 'unknown' || known === undefined
  const instance: Instance = {
    key,
    rule: rule.name,
    subject,
    labels: labelsNow(rule, subject, state, known),
    state,
    value: isKnown ? value : known.value,
    n: isKnown ? n : known.n,
    threshold: isKnown ? threshold : known.threshold,
    before: isKnown ? before : known.before,
  }
  record(evaluated, rule, instance, transitions, known)
}

function isWell({ state, unknownSince }: InstanceState): boolean {
  return state === 'inactive' && unknownSince === undefined
}

/** What a rule or its subject is no more, or the rule no longer asks for, ends; what only has no point, stays as it is. */
function endOthers(
  evaluated: Evaluated,
  rules: readonly Rule[],
  former: ReadonlyMap<string, Instance>,
  seen: ReadonlySet<string>,
  { at, isKnown, teamOf }: Pick<Evaluation, 'at' | 'isKnown' | 'teamOf'>,
): void {
  const byName = new Map(rules.map((rule) => [rule.name, rule]))
  for (const [key, instance] of former) {
    if (seen.has(key)) continue
    const rule = byName.get(instance.rule)
    const reason = whyOver(rule, instance.subject, { isKnown, teamOf })
    if (reason !== undefined) {
      const { state, transitions } = endInstance(instance.state, reason, at)
      evaluated.gone.push(key)
      for (const transition of transitions)
        evaluated.transitions.push({ instance: { ...instance, state }, transition })
      continue
    }
    const verdict: Verdict = { kind: 'unknown', reason: 'no point' }
    const { state, transitions } = step(instance.state, verdict, timingOf(rule!), at)
    if (state === instance.state) continue
    const labels = labelsNow(rule!, instance.subject, state, instance)
    record(evaluated, rule!, { ...instance, labels, state }, transitions, instance)
  }
}

/** Why a rule says nothing of a subject any more; undefined where it would. */
function whyOver(
  rule: Rule | undefined,
  subject: Subject,
  { isKnown, teamOf }: Pick<Evaluation, 'isKnown' | 'teamOf'>,
): string | undefined {
  if (rule === undefined) return 'rule removed'
  if (!isKnown(subject)) return 'removed'
  const { service, team } = subject
  // Services change teams, and points of some metrics have none.
  const isOfTeam = service !== '*' && team !== '*'
  const now = isOfTeam && teamOf ? { ...subject, team: teamOf(service) } : subject
  return isStillAsked(rule, now) ? undefined : 'rule no longer covers it'
}

function record(
  evaluated: Evaluated,
  { noData }: Rule,
  instance: Instance,
  transitions: readonly Transition[],
  known: Instance | undefined,
): void {
  const { state, episode } = instance.state
  // Who has no point any more is only missed where it is known that there were some.
  if (state === 'inactive' && episode === 0 && noData !== 'alert') evaluated.gone.push(instance.key)
  else evaluated.changed.push(instance)
  for (const transition of transitions) {
    // What fired for want of data ends with the labels that it had.
    const hadLabels = transition.kind === 'resolved' && known?.state.firedReason !== undefined
    const of = hadLabels ? { ...instance, labels: known.labels } : instance
    evaluated.transitions.push({ instance: of, transition })
  }
}

function timingOf({ forMs, keepFiringForMs, noData, noDataForMs, thresholds }: Rule): Timing {
  // What nobody knows may be no worse than what the rule tells of first.
  return { forMs, keepFiringForMs, noData, noDataForMs, severity: thresholds.at(-1)!.severity }
}
