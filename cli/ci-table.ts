import Table from 'cli-table3'
import type { CiEntry } from '../transforms/ci-report.ts'
import { all } from '../transforms/window-points.ts'
import { duration, percent } from './table.ts'

/** CI of each service and workflow, team and organisation as a table. */
export function ciTable(entries: readonly CiEntry[], window: string, title: string): string {
  const table = new Table({
    head: [
      'Service',
      'Team',
      'Workflow',
      'Runs',
      'Failed',
      'Reruns',
      'Duration p50',
      'p90',
      'Time to green p50',
      'Red',
    ],
    style: { head: [], border: [], compact: true },
  })
  for (const { service, team, workflow, windows } of entries) {
    const name = service !== all ? service : team === all ? 'organisation' : `team ${team}`
    const value = windows[window]
    const cells = value
      ? [
          value.runs,
          `${percent(value.failureRate.value)}${value.runs === 0 ? '' : ` (${value.failed}/${value.runs})`}`,
          percent(value.rerunRate.value),
          `${duration(value.duration.p50)} (n ${value.duration.n})`,
          duration(value.duration.p90),
          `${duration(value.timeToGreen.p50)} (n ${value.timeToGreen.n})`,
          value.timeToGreen.red,
        ]
      : Array<string>(7).fill('not covered')
    table.push([name, service === all ? '' : (team ?? '–'), workflow, ...cells])
  }
  return entries.length === 0 ? `${title}\nNo CI runs are known.` : `${title}\n${table.toString()}`
}

/** Entries as CSV rows: one an entry and window; empty where there is no value. */
export function ciRows(entries: readonly CiEntry[]): string[][] {
  const columns = [
    'runs',
    'failed',
    'reruns',
    'coverageDays',
    'failureRate.value',
    'failureRate.low',
    'failureRate.high',
    'rerunRate.value',
    'rerunRate.low',
    'rerunRate.high',
    'duration.n',
    'duration.p50',
    'duration.p90',
    'timeToGreen.n',
    'timeToGreen.p50',
    'timeToGreen.p90',
    'timeToGreen.red',
  ]
  const rows = [['service', 'team', 'workflow', 'window', 'from', 'to', ...columns]]
  for (const { service, team, workflow, windows } of entries) {
    for (const [window, value] of Object.entries(windows)) {
      const cells = columns.map((path) => `${valueAt(value, path) ?? ''}`)
      rows.push([service, team ?? '', workflow, window, value?.from ?? '', value?.to ?? '', ...cells])
    }
  }
  return rows
}

function valueAt(value: unknown, path: string): number | null | undefined {
  const at = path
    .split('.')
    .reduce((of, key) => (of as Record<string, unknown> | null | undefined)?.[key], value)
  return at as number | null | undefined
}
