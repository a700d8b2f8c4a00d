import { isOfNoData, severities, type Alert, type Labels } from './message.ts'
import type { MetricName } from './metrics.ts'
import { matches, type Match } from './route.ts'

/**
 * While an alert fires that matches `when`, those that match `quiet` and have the same values of the labels `equal` are
 * not told, as with Alertmanager's inhibit_rules: a label that neither has is the same, and where an alert matches both
 * sides, only one that does not can keep it quiet. So none keeps itself quiet, and by one rule no two keep each other.
 */
export interface InhibitRule {
  when: Match
  quiet: Match
  equal: readonly string[]
}

export interface Inhibition {
  rules: readonly InhibitRule[]
  /** Whether what needs no configuration holds, too: see `inhibitorsOf`. */
  isByDefault: boolean
}

/** What labels do not tell of an alert. */
export interface AlertKnowledge {
  /** Undefined where its rule is no more. */
  metricOf(alert: Alert): MetricName | undefined
  /** Whether what it is about is made of what this source tells. */
  needsSource(alert: Alert, source: string): boolean
}

/**
 * Which of the firing alerts keeps another one quiet, if any does. By default that is one about a source that is behind,
 * for all that is made of its facts; and a more severe one about the same metric of the same service and environment,
 * unless it only says that there is no data.
 */
export function inhibitorsOf(
  { rules, isByDefault }: Inhibition,
  firing: readonly Alert[],
  known: AlertKnowledge,
): (alert: Alert) => Alert | undefined {
  const finders = rules.map((rule) => finderOf(rule, firing))
  if (isByDefault) finders.push(sourceBehind(firing, known), moreSevere(firing, known))
  return (alert) => {
    for (const find of finders) {
      const found = find(alert)
      if (found) return found
    }
    return undefined
  }
}

type Finder = (alert: Alert) => Alert | undefined

function finderOf({ when, quiet, equal }: InhibitRule, firing: readonly Alert[]): Finder {
  const keyOf = (labels: Labels) => JSON.stringify(equal.map((name) => labels[name] ?? ''))
  const sources = firing
    .filter(({ labels }) => matches(when, labels))
    .map((alert) => ({ alert, isBoth: matches(quiet, alert.labels) }))
  const byKey = Map.groupBy(sources, ({ alert }) => keyOf(alert.labels))
  return ({ fingerprint, labels }) => {
    const candidates = byKey.get(keyOf(labels))
    if (candidates === undefined || !matches(quiet, labels)) return undefined
    const isSource = matches(when, labels)
    return candidates.find(({ alert, isBoth }) => alert.fingerprint !== fingerprint && !(isSource && isBoth))
      ?.alert
  }
}

function sourceBehind(firing: readonly Alert[], { metricOf, needsSource }: AlertKnowledge): Finder {
  const behind = firing.filter((alert) => metricOf(alert) === 'sourceLag')
  return (alert) => behind.find(({ labels }) => needsSource(alert, labels['detail'] ?? ''))
}

function moreSevere(firing: readonly Alert[], { metricOf }: AlertKnowledge): Finder {
  const keyOf = (alert: Alert) => {
    const { service, team, environment, detail } = alert.labels
    return JSON.stringify([metricOf(alert), service, team, environment, detail])
  }
  const rank = ({ severity }: Alert) => severities.indexOf(severity)
  const critical = Map.groupBy(
    firing.filter((alert) => alert.severity === 'critical'),
    keyOf,
  )
  return (alert) =>
    metricOf(alert) === undefined
      ? undefined
      : critical
          .get(keyOf(alert))
          ?.find((other) => rank(other) > rank(alert) && (!isOfNoData(other) || isOfNoData(alert)))
}
