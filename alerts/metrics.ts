/** What a number is, and so how a threshold for it is written. */
export type Unit = 'rate' | 'duration' | 'perDay' | 'count'

/** Where a metric stands among the stored points. */
export interface MetricField {
  measurement:
    | 'dora_window'
    | 'dora_flow'
    | 'dora_state'
    | 'dora_ci'
    | 'dora_flaky'
    | 'dora_quality'
    | 'dora_pipeline'
  unit: Unit
  /** The field with the value; of several aggregates one each, the first is the usual one. */
  fields: Readonly<Record<string, string>>
  /** The field that counts what it is made of; what has no such field is there or not. */
  n?: string
  /** Of rates what is counted out of n, of frequencies what happened in the window. */
  count?: string
  /** Tags that the points must have, beside service, team and environment. */
  tags?: Readonly<Record<string, string>>
  /** Its points have a tag `window`. */
  hasWindow: boolean
  /**
   * The points that it is made of, with their field: of percentiles these are tested for a rise. Of rates the values,
   * as line protocol writes them, that count as 1; all others are 0.
   */
  samples?: { measurement: string; field: string; ones?: readonly string[] }
}

const percentiles = (name: string) => ({ p50: `${name}_p50_s`, p90: `${name}_p90_s` })
const change = (field: string) => ({ measurement: 'dora_change', field })
const value = (field: string) => ({ value: field })
const window = { measurement: 'dora_window', hasWindow: true } as const
const flow = { measurement: 'dora_flow', hasWindow: true } as const
const ci = { measurement: 'dora_ci', hasWindow: true } as const
const state = { measurement: 'dora_state', hasWindow: false } as const
const pipeline = { measurement: 'dora_pipeline', hasWindow: false } as const

/** How long reviews take of changes of one size. */
const reviewTimeOf = (size: string) =>
  ({
    ...flow,
    unit: 'duration',
    fields: percentiles(`review_time_${size}`),
    n: `review_time_${size}_n`,
  }) as const

/** Every metric that a rule may ask for, by the name that reports and explanations use. */
export const metrics = {
  deploymentFrequency: {
    ...window,
    unit: 'perDay',
    fields: value('deployment_frequency_per_day'),
    count: 'successful',
  },
  deployments: { ...window, unit: 'count', fields: value('deployments'), count: 'deployments' },
  leadTime: {
    ...window,
    unit: 'duration',
    fields: { ...percentiles('lead_time'), p95: 'lead_time_p95_s' },
    n: 'lead_time_n',
    samples: { measurement: 'dora_change', field: 'lead_time_s' },
  },
  changeFailRate: {
    ...window,
    unit: 'rate',
    fields: value('change_fail_rate'),
    n: 'n',
    count: 'failed',
    samples: { measurement: 'dora_deployment', field: 'failed', ones: ['true'] },
  },
  recoveryTime: {
    ...window,
    unit: 'duration',
    fields: percentiles('recovery_time'),
    n: 'recovery_time_n',
    samples: { measurement: 'dora_deployment', field: 'recovery_s' },
  },
  reworkRate: {
    ...window,
    unit: 'rate',
    fields: value('rework_rate'),
    n: 'n',
    count: 'rework',
    // A rollback that says it is no rework is the only one that this takes for one.
    samples: { measurement: 'dora_deployment', field: 'kind', ones: ['"rework"', '"rollback"'] },
  },
  rollbacks: { ...window, unit: 'count', fields: value('rollbacks'), count: 'rollbacks' },
  incidents: { ...window, unit: 'count', fields: value('incidents_started'), count: 'incidents_started' },
  incidentRecovery: {
    ...window,
    unit: 'duration',
    fields: percentiles('incident_recovery_time'),
    n: 'incident_recovery_time_n',
    samples: { measurement: 'dora_incident', field: 'recovery_s' },
  },
  coding: {
    ...flow,
    unit: 'duration',
    fields: percentiles('coding'),
    n: 'coding_n',
    samples: change('coding_s'),
  },
  pickup: {
    ...flow,
    unit: 'duration',
    fields: percentiles('pickup'),
    n: 'pickup_n',
    samples: change('pickup_s'),
  },
  review: {
    ...flow,
    unit: 'duration',
    fields: percentiles('review'),
    n: 'review_n',
    samples: change('review_s'),
  },
  deploy: {
    ...flow,
    unit: 'duration',
    fields: percentiles('deploy'),
    n: 'deploy_n',
    samples: change('deploy_s'),
  },
  deploymentSize: {
    ...flow,
    unit: 'count',
    fields: { p50: 'deployment_size_p50', p90: 'deployment_size_p90' },
    n: 'deployment_size_n',
  },
  batchAge: { ...flow, unit: 'duration', fields: percentiles('batch_age'), n: 'batch_age_n' },
  reviewTimeXs: reviewTimeOf('xs'),
  reviewTimeS: reviewTimeOf('s'),
  reviewTimeM: reviewTimeOf('m'),
  reviewTimeL: reviewTimeOf('l'),
  merged: { ...flow, unit: 'count', fields: value('merged_changes'), count: 'merged_changes' },
  large: { ...flow, unit: 'count', fields: value('large_merges'), count: 'large_merges' },
  labelledFailRate: {
    ...flow,
    unit: 'rate',
    fields: value('labelled_fail_rate'),
    n: 'labelled_fail_rate_n',
    count: 'labelled_changes',
  },
  weekendMerges: { ...flow, unit: 'count', fields: value('weekend_merges'), count: 'weekend_merges' },
  hotfixes: { ...flow, unit: 'count', fields: value('hotfixes'), count: 'hotfixes' },
  sinceLastDeployment: { ...state, unit: 'duration', fields: value('since_last_deployment_s') },
  openFailures: { ...state, unit: 'count', fields: value('open_failures') },
  oldestOpenFailure: { ...state, unit: 'duration', fields: value('oldest_open_failure_s') },
  failureStreak: { ...state, unit: 'count', fields: value('failure_streak') },
  ciDuration: { ...ci, unit: 'duration', fields: percentiles('duration'), n: 'duration_n' },
  ciFailureRate: { ...ci, unit: 'rate', fields: value('failure_rate'), n: 'n', count: 'failed' },
  ciRerunRate: { ...ci, unit: 'rate', fields: value('rerun_rate'), n: 'n', count: 'reruns' },
  ciTimeToGreen: { ...ci, unit: 'duration', fields: percentiles('time_to_green'), n: 'time_to_green_n' },
  flakyTests: { measurement: 'dora_flaky', hasWindow: false, unit: 'count', fields: value('flaky') },
  qualityFindings: { measurement: 'dora_quality', hasWindow: false, unit: 'count', fields: value('count') },
  sourceLag: { ...pipeline, unit: 'duration', fields: value('lag_s'), tags: { step: 'extract' } },
  sinkLag: { ...pipeline, unit: 'duration', fields: value('lag_s'), tags: { step: 'deliver' } },
  sinkBacklog: { ...pipeline, unit: 'count', fields: value('backlog'), tags: { step: 'deliver' } },
} as const satisfies Record<string, MetricField>

export type MetricName = keyof typeof metrics

export const metricNames = Object.keys(metrics) as MetricName[]

export function metricOf(name: MetricName): MetricField {
  return metrics[name]
}
