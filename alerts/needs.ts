import type { FactKind } from '../core/fact.ts'
import { metricOf, type MetricField, type MetricName } from './metrics.ts'

const history: readonly FactKind[] = ['deployment', 'change', 'commit']
const outcomes: readonly FactKind[] = ['deployment', 'incident']

/** What the metrics of a measurement are made of, and those of its metrics that are made of other facts. */
const needs: Readonly<Record<MetricField['measurement'], readonly FactKind[]>> = {
  dora_window: ['deployment'],
  dora_flow: history,
  dora_state: outcomes,
  dora_ci: ['run'],
  dora_flaky: ['testReport'],
  // How sources, sinks and data are doing is known all the same.
  dora_quality: [],
  dora_pipeline: [],
}
const others: Partial<Record<MetricName, readonly FactKind[]>> = {
  leadTime: history,
  reworkRate: history,
  changeFailRate: outcomes,
  recoveryTime: outcomes,
  incidents: outcomes,
  incidentRecovery: outcomes,
  sinceLastDeployment: ['deployment'],
}

/** The facts without which a metric is not known: while a source of one of them is behind, it is held. */
export function factsBehind(metric: MetricName): readonly FactKind[] {
  return others[metric] ?? needs[metricOf(metric).measurement]
}
