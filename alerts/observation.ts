import { metricOf, type MetricField } from './metrics.ts'
import type { Rule } from './rule.ts'

/** A stored point as rules read it. */
export interface SlotPoint {
  tags: Readonly<Record<string, string>>
  number(field: string): number | undefined
}

/** The stored points of an instant. */
export interface SlotPoints {
  /** Those of a measurement; where a window is asked for, those of others may be left out. */
  of(measurement: string, window?: string): readonly SlotPoint[]
}

/** What an alert is of; `*` stands for all. */
export interface Subject {
  service: string
  team: string
  environment: string
  /** Of a source, a sink, a workflow or a kind of finding: what tells several points of one service apart. */
  detail: string
}

/** What a rule sees of a subject at an instant. */
export interface Observation {
  subject: Subject
  /** Undefined where there is none: held, not covered, or without a sample. */
  value: number | undefined
  /** What it is made of; undefined where the metric counts nothing. */
  n: number | undefined
  /** Of a rate: how many of n. */
  count: number | undefined
}

const all = '*'
const details = ['workflow', 'source', 'kind', 'repository'] as const

/** What a rule is about, of the points of an instant. */
export function observationsOf(rule: Rule, points: SlotPoints): Observation[] {
  const metric = metricOf(rule.metric)
  const window = rule.windowDays === undefined ? undefined : `${rule.windowDays}d`
  const field = metric.fields[rule.aggregate]!
  const wanted = Object.entries(metric.tags ?? {})
  const observations: Observation[] = []
  for (const point of points.of(metric.measurement, window)) {
    const { tags } = point
    if (window !== undefined && tags['window'] !== window) continue
    if (!wanted.every(([name, value]) => tags[name] === value)) continue
    const subject = subjectOf(tags)
    if (!isAsked(rule, subject, metric)) continue
    const n = metric.n === undefined ? undefined : point.number(metric.n)
    observations.push({
      subject,
      value: n === 0 ? undefined : point.number(field),
      n,
      count: metric.count === undefined ? undefined : point.number(metric.count),
    })
  }
  return observations
}

const subjects = new WeakMap<object, Subject>()

/** The same tags, hour after hour, are the same subject: remembered, as is what tells it apart. */
function subjectOf(tags: Readonly<Record<string, string>>): Subject {
  let subject = subjects.get(tags)
  if (!subject) subjects.set(tags, (subject = subjectIn(tags)))
  return subject
}

function subjectIn(tags: Readonly<Record<string, string>>): Subject {
  const detail = details.map((name) => tags[name]).find((value) => value !== undefined)
  return {
    service: tags['service'] ?? all,
    team: tags['team'] ?? all,
    environment: tags['environment'] ?? all,
    detail: detail ?? '',
  }
}

/**
 * Whether a rule asks for a subject still, of which it had a point once: what it chooses may be another now, and its
 * metric one whose points are of something else.
 */
export function isStillAsked(rule: Rule, subject: Subject): boolean {
  const metric = metricOf(rule.metric)
  const { measurement } = metric
  if (measurement === 'dora_pipeline' && subject.service !== all) return false
  return detailed.has(measurement) === (subject.detail !== '') && isAsked(rule, subject, metric)
}

/** What has several points of one service. */
const detailed = new Set<MetricField['measurement']>([
  'dora_ci',
  'dora_flaky',
  'dora_quality',
  'dora_pipeline',
])

/** Whether a rule is about a subject: it asks for one level, and of CI for all workflows together. */
function isAsked(
  rule: Rule,
  { service, team, environment, detail }: Subject,
  { measurement }: Pick<MetricField, 'measurement'>,
): boolean {
  if (measurement === 'dora_pipeline') return true
  if (rule.per === 'service' && service === all) return false
  if (rule.per === 'team' && (service !== all || team === all)) return false
  if (rule.per === 'organization' && team !== all) return false
  if (rule.services && !rule.services.includes(service)) return false
  if (rule.teams && !rule.teams.includes(team)) return false
  if (rule.environments && environment !== all && !rule.environments.includes(environment)) return false
  return rule.metric.startsWith('ci') ? detail === all : true
}

/** What tells a subject apart, and its last key: a rule that is tried on the past asks for the same again and again. */
interface Place {
  text: string
  rule: string
  key: string
}

const places = new WeakMap<Subject, Place>()

/** Tells subjects of a rule apart; the team of a service is no part of it, for services change teams. */
export function keyOf(rule: string, subject: Subject): string {
  let place = places.get(subject)
  if (place === undefined) {
    const { service, team, environment, detail } = subject
    const text = `\n${service}\n${service === all ? team : ''}\n${environment}\n${detail}`
    place = { text, rule, key: rule + text }
    places.set(subject, place)
  }
  if (place.rule !== rule) {
    place.rule = rule
    place.key = rule + place.text
  }
  return place.key
}
