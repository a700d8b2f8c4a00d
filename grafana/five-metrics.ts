import { newest } from './influxql.ts'

export interface Metric {
  title: string
  /** What it counts, in a sentence. */
  says: string
  /** Of `dora_window`. */
  fields: readonly string[]
  /** The value that is drawn over time, and the number of samples behind it. */
  leading: string
  counts: string
  lineTitle?: string
  having: readonly string[]
}

const counted = (counts: string, rest: Omit<Metric, 'counts' | 'having'>): Metric => ({
  ...rest,
  counts,
  having: [`"${counts}" > 0`],
})

/** The five, as every dashboard shows them: the value, its band, its bounds, and how many samples it has. */
export const metrics: readonly Metric[] = [
  counted('n', {
    title: 'Deployments',
    lineTitle: 'Deployment frequency',
    says: 'Finished deployments to production, and successful ones per observed day.',
    leading: 'deployment_frequency_per_day',
    fields: [
      'deployments',
      'deployment_frequency_per_day',
      'deployment_frequency_band',
      'deployment_days',
      'coverage_days',
    ],
  }),
  counted('lead_time_n', {
    title: 'Lead time for changes',
    says: 'From a change’s first commit to the end of the first deployment that shipped it. A sample is a change.',
    leading: 'lead_time_p50_s',
    fields: ['lead_time_p50_s', 'lead_time_band', 'lead_time_p90_s', 'lead_time_n'],
  }),
  counted('n', {
    title: 'Change fail rate',
    says: 'Failed of all finished deployments: their outcome, an incident, a rollback or a hotfix says so.',
    leading: 'change_fail_rate',
    fields: [
      'change_fail_rate',
      'change_fail_rate_band',
      'change_fail_rate_low',
      'change_fail_rate_high',
      'failed',
      // Told by every window: where nothing is recovered from yet, there is no sample of recovery.
      'recovery_time_open',
      'deployments',
    ],
  }),
  counted('recovery_time_n', {
    title: 'Failed deployment recovery time',
    says: 'From the start of a failed deployment’s impact to its end. A sample is a failure that was recovered from.',
    leading: 'recovery_time_p50_s',
    fields: ['recovery_time_p50_s', 'recovery_time_band', 'recovery_time_p90_s', 'recovery_time_n'],
  }),
  counted('n', {
    title: 'Deployment rework rate',
    says: 'Rollbacks, and deployments that shipped nothing but reverts and hotfixes, of all finished deployments.',
    leading: 'rework_rate',
    fields: ['rework_rate', 'rework_rate_low', 'rework_rate_high', 'rework', 'deployments'],
  }),
]

/**
 * Queries that together are a table of all five: one for each number of samples, so that a value without a sample is
 * a gap while the others are shown.
 */
export function standings({ where, tags }: { where: string; tags: readonly string[] }): string[] {
  const groups = Map.groupBy(metrics, ({ counts }) => counts)
  return [...groups.values()].map((group) =>
    newest({ from: 'dora_window', where, tags, fields: fieldsOf(group, tags), having: group[0]!.having }),
  )
}

/** The columns of that table, without the tags. */
export function fieldsOf(some: readonly Metric[], tags: readonly string[]): string[] {
  const fields = new Set(some.flatMap((metric) => metric.fields))
  // There is no frequency band above the service.
  if (!tags.includes('service') && !tags.includes('environment')) fields.delete('deployment_frequency_band')
  for (const detail of ['deployment_days', 'coverage_days']) fields.delete(detail)
  return [...fields]
}
