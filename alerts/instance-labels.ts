import type { Instance } from './evaluate.ts'
import { ofNoData, type Labels } from './message.ts'
import type { Subject } from './observation.ts'
import type { Rule } from './rule.ts'
import type { InstanceState } from './state.ts'

/**
 * What routes, silences and messages know an instance by: its rule's labels and what it is of, and while it fires for want
 * of data that, too. The key of an instance is of none of it, so it stays the same alert.
 */
export function labelsNow(
  rule: Rule,
  subject: Subject,
  state: InstanceState,
  known: Instance | undefined,
): Labels {
  const isOfNoData = state.firedReason !== undefined
  // The very same subject, and so the same evaluation of a past: it has its labels.
  if (known?.subject === subject && (known.state.firedReason !== undefined) === isOfNoData)
    return known.labels
  const labels = labelsOf(rule, subject)
  return isOfNoData ? { ...labels, ...ofNoData } : labels
}

/** All that stands for all is left out. */
function labelsOf(rule: Rule, { service, team, environment, detail }: Subject): Labels {
  const labels: Record<string, string> = { rule: rule.name, ...rule.labels }
  for (const [name, value] of Object.entries({ service, team, environment, detail })) {
    if (value !== '*' && value !== '') labels[name] = value
  }
  return labels
}
