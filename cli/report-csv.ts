import type { Report } from '../transforms/report.ts'

const columns = [
  'deployments',
  'successful',
  'failed',
  'rework',
  'rollbacks',
  'coverageDays',
  'deploymentFrequency',
  'leadTime.n',
  'leadTime.p50',
  'leadTime.p90',
  'changeFailRate.value',
  'changeFailRate.low',
  'changeFailRate.high',
  'recoveryTime.n',
  'recoveryTime.p50',
  'recoveryTime.p90',
  'recoveryTime.open',
  'recoveryTime.unknown',
  'reworkRate.value',
  'incidents.started',
  'incidents.attributed',
  ...['coding', 'pickup', 'review', 'deploy'].flatMap((phase) => [
    `flow.${phase}.n`,
    `flow.${phase}.p50`,
    `flow.${phase}.p90`,
  ]),
  ...['XS', 'S', 'M', 'L'].flatMap((bucket) => [`reviewTime.${bucket}.n`, `reviewTime.${bucket}.p50`]),
  'deploymentSize.n',
  'deploymentSize.p50',
  'deploymentSize.p90',
  'batchAge.n',
  'batchAge.p50',
  'batchAge.p90',
  'merged.changes',
  'merged.perWeek',
  'merged.large',
  'merged.weekend',
  'merged.hotfixes',
  'merged.labelled',
  'labelledFailRate.value',
]

/** One row a service, environment and window; empty where there is no value. */
export function reportCsv(report: Report): string {
  const rows = [['service', 'team', 'environment', 'window', 'from', 'to', ...columns]]
  for (const { service, team, environment, windows } of report.services) {
    for (const [window, value] of Object.entries(windows)) {
      const cells = columns.map((path) => `${(valueAt(value, path) as number | null | undefined) ?? ''}`)
      rows.push([service, team ?? '', environment, window, value?.from ?? '', value?.to ?? '', ...cells])
    }
  }
  return csvOf(rows)
}

export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map(quoted).join(',')).join('\n')
}

function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], value)
}

function quoted(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
