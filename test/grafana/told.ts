/** The JSON of `dorado report`, as far as dashboards show it. */
export interface Report {
  services: (Standing & { service: string; team: string; environment: string })[]
  teams: (Standing & { team: string })[]
  organization: Standing
  ci: { service: string; team: string | null; workflow: string; windows: Record<string, Ci | null> }[]
  flakyTests: { repository: string; suite: string; test: string; runs: number; failures: number }[]
}

interface Standing {
  sinceLastDeployment: number | null
  openFailures: number | null
  oldestOpenFailure: number | null
  failureStreak: number | null
  windows: Record<string, Window | null>
}

type Rate = { value: number | null; low: number | null; high: number | null }
type Time = { n: number; p50: number | null; p90: number | null }

interface Window {
  coverageDays: number
  deployments: number
  failed: number
  rework: number
  deploymentDays: number
  deploymentFrequency: number
  leadTime: Time
  changeFailRate: Rate
  recoveryTime: Time & { open: number }
  reworkRate: Rate
  flow: Record<'coding' | 'pickup' | 'review' | 'deploy', Time>
  reviewTime: Record<'XS' | 'S' | 'M' | 'L', Time>
  deploymentSize: Time
  batchAge: Time
  merged: { changes: number; perWeek: number; large: number; weekend: number; hotfixes: number }
  labelledFailRate: Rate & { n: number }
  bands: Record<string, string | null>
}

interface Ci {
  runs: number
  duration: Time
  failureRate: Rate
  rerunRate: Rate
  timeToGreen: Time
}

export type Fields = Record<string, unknown>

const rate = (name: string, { value, low, high }: Rate): Fields => ({
  [name]: value,
  [`${name}_low`]: low,
  [`${name}_high`]: high,
})
const time = (name: string, { n, p50, p90 }: Time, unit = '_s'): Fields => ({
  [`${name}_n`]: n,
  [`${name}_p50${unit}`]: p50,
  [`${name}_p90${unit}`]: p90,
})

/** What the fields of `dora_window` have to be for a window of the report. */
export function windowFields(window: Window): Fields {
  const { bands } = window
  return {
    n: window.deployments,
    deployments: window.deployments,
    deployment_frequency_per_day: window.deploymentFrequency,
    deployment_frequency_band: bands['deploymentFrequency'],
    deployment_days: window.deploymentDays,
    coverage_days: window.coverageDays,
    ...time('lead_time', window.leadTime),
    lead_time_band: bands['leadTime'],
    ...rate('change_fail_rate', window.changeFailRate),
    change_fail_rate_band: bands['changeFailRate'],
    failed: window.failed,
    ...time('recovery_time', window.recoveryTime),
    recovery_time_band: bands['recoveryTime'],
    recovery_time_open: window.recoveryTime.open,
    ...rate('rework_rate', window.reworkRate),
    rework: window.rework,
  }
}

/** And those of `dora_flow`, of which percentiles are rounded. */
export function flowFields({ flow, reviewTime, merged, ...window }: Window): Fields {
  const sizes = Object.entries(reviewTime).map(([size, value]) =>
    time(`review_time_${size.toLowerCase()}`, rounded(value)),
  )
  return Object.assign(
    {
      ...time('deployment_size', rounded(window.deploymentSize), ''),
      ...time('batch_age', rounded(window.batchAge)),
      merged_changes: merged.changes,
      merged_per_week: merged.perWeek,
      large_merges: merged.large,
      weekend_merges: merged.weekend,
      hotfixes: merged.hotfixes,
      ...rate('labelled_fail_rate', window.labelledFailRate),
      labelled_fail_rate_n: window.labelledFailRate.n,
    },
    ...Object.entries(flow)
      .filter(([, value]) => typeof value === 'object')
      .map(([phase, value]) => time(phase, rounded(value))),
    ...sizes,
  ) as Fields
}

function rounded({ n, p50, p90 }: Time): Time {
  const round = (value: number | null) => (value === null ? null : Math.round(value * 1000) / 1000)
  return { n, p50: round(p50), p90: round(p90) }
}

/** And those of `dora_ci`. */
export function ciFields(ci: Ci): Fields {
  return {
    n: ci.runs,
    runs: ci.runs,
    ...time('duration', ci.duration),
    ...rate('failure_rate', ci.failureRate),
    ...rate('rerun_rate', ci.rerunRate),
    ...time('time_to_green', ci.timeToGreen),
  }
}

/** And those of `dora_state`. */
export function stateFields(standing: Standing): Fields {
  const { sinceLastDeployment, openFailures, oldestOpenFailure, failureStreak } = standing
  return {
    since_last_deployment_s: sinceLastDeployment,
    open_failures: openFailures,
    oldest_open_failure_s: oldestOpenFailure,
    failure_streak: failureStreak,
  }
}
