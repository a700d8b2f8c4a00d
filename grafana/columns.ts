/** How a field is shown, wherever it is. */
export interface Column {
  title: string
  unit?: string
  decimals?: number
  kind?: 'band' | 'link' | 'fail' | 'hidden'
}

const seconds = { unit: 's' }
const share = { unit: 'percentunit', decimals: 1 }
const count = { unit: 'none', decimals: 0 }
const number = { unit: 'none', decimals: 1 }

const rate = (field: string, title: string): Record<string, Column> => ({
  [field]: { title, ...share },
  [`${field}_low`]: { title: `${title}: low`, ...share },
  [`${field}_high`]: { title: `${title}: high`, ...share },
})

const time = (field: string, title: string): Record<string, Column> => ({
  [`${field}_n`]: { title: `${title}: samples`, ...count },
  [`${field}_p50_s`]: { title: `${title} p50`, ...seconds },
  [`${field}_p90_s`]: { title: `${title} p90`, ...seconds },
  [`${field}_band`]: { title: `${title} band`, kind: 'band' },
})

export const columns: Record<string, Column> = {
  Time: { title: 'As of', unit: 'dateTimeAsIso' },
  service: { title: 'Service' },
  team: { title: 'Team' },
  environment: { title: 'Environment' },
  window: { title: 'Window' },
  workflow: { title: 'Workflow' },
  repository: { title: 'Repository' },
  source: { title: 'Source' },
  kind: { title: 'Kind' },

  deployments: { title: 'Deployments', ...count },
  deployment_frequency_per_day: { title: 'Per day', ...number, decimals: 2 },
  deployment_frequency_band: { title: 'Frequency band', kind: 'band' },
  deployment_days: { title: 'Days with a deployment', ...count },
  coverage_days: { title: 'Days observed', ...number },
  ...time('lead_time', 'Lead time'),
  ...rate('change_fail_rate', 'Change fail rate'),
  change_fail_rate_band: { title: 'Fail rate band', kind: 'band' },
  failed: { title: 'Failed', ...count },
  ...time('recovery_time', 'Recovery'),
  recovery_time_open: { title: 'Not recovered yet', ...count },
  ...rate('rework_rate', 'Rework rate'),
  rework: { title: 'Rework', ...count },

  ...time('coding', 'Coding'),
  ...time('pickup', 'Pickup'),
  ...time('review', 'Review'),
  ...time('deploy', 'Deploy'),
  ...time('review_time_xs', 'Review time XS'),
  ...time('review_time_s', 'Review time S'),
  ...time('review_time_m', 'Review time M'),
  ...time('review_time_l', 'Review time L'),
  ...time('batch_age', 'Batch age'),
  deployment_size_n: { title: 'Batches', ...count },
  deployment_size_p50: { title: 'Changes a batch p50', ...number },
  deployment_size_p90: { title: 'Changes a batch p90', ...number },
  merged_changes: { title: 'Merged', ...count },
  merged_per_week: { title: 'Merged a week', ...number },
  large_merges: { title: 'Large', ...count },
  weekend_merges: { title: 'On a weekend', ...count },
  hotfixes: { title: 'Hotfixes', ...count },
  ...rate('labelled_fail_rate', 'Labelled fail rate'),
  labelled_fail_rate_n: { title: 'Labelled fail rate: of', ...count },

  runs: { title: 'Runs', ...count },
  ...rate('failure_rate', 'Failure rate'),
  ...rate('rerun_rate', 'Rerun rate'),
  ...time('duration', 'Duration'),
  ...time('time_to_green', 'Time to green'),
  time_to_green_red: { title: 'Still red', ...count },
  n: { title: 'Test reports', ...count },
  tests: { title: 'Tests', ...count },
  flaky: { title: 'Flaky', ...count },
  worst: { title: 'Worst' },
  worst_runs: { title: 'Worst: runs', ...count },
  worst_failures: { title: 'Worst: failures', ...count },
  since_last_deployment_s: { title: 'Since the last deployment', ...seconds },
  open_failures: { title: 'Open failures', ...count, kind: 'fail' },
  oldest_open_failure_s: { title: 'Open for', ...seconds },
  failure_streak: { title: 'Failed in a row', ...count, kind: 'fail' },

  id: { title: 'Id', kind: 'link' },
  deployment: { title: 'Deployment' },
  url: { title: 'Link', kind: 'hidden' },
  outcome: { title: 'Outcome' },
  changes: { title: 'Changes', ...count },
  version: { title: 'Version' },
  recovery_s: { title: 'Recovered in', ...seconds },
  lead_time_s: { title: 'Lead time', ...seconds },
  coding_s: { title: 'Coding', ...seconds },
  pickup_s: { title: 'Pickup', ...seconds },
  review_s: { title: 'Review', ...seconds },
  deploy_s: { title: 'Deploy', ...seconds },
  size: { title: 'Lines', ...count },
  excluded: { title: 'No sample, because' },
  severity: { title: 'Severity' },
  rule: { title: 'Held against it by' },
  attributed_to: { title: 'Caused by' },
  open: { title: 'Open' },

  duration_s: { title: 'Took', ...seconds },
  facts: { title: 'Facts', ...count },
  requests: { title: 'Requests', ...count },
  errors: { title: 'Failed', ...count, kind: 'fail' },
  rate_limit_remaining: { title: 'Requests left', ...count },
  lag_s: { title: 'Behind', ...seconds },
  points: { title: 'Points', ...count },
  rejected: { title: 'Set aside', ...count, kind: 'fail' },
  backlog: { title: 'Backlog', ...count },
  count: { title: 'Findings', ...count },
}
