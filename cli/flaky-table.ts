import Table from 'cli-table3'
import type { FlakyTest } from '../pipeline/flaky-report.ts'
import { percent } from './table.ts'

/** Flaky tests, the worst of each repository first. */
export function flakyTable(tests: readonly FlakyTest[], until: string): string {
  const title = `Flaky tests, 14d ${until}`
  if (tests.length === 0) return `${title}\nNone is known: at least 20 runs, of which 5 to 95 % failed.`
  const table = new Table({
    head: ['Service', 'Repository', 'Suite', 'Test', 'Failed', 'Last failed', 'In run'],
    style: { head: [], border: [], compact: true },
  })
  for (const { service, repository, suite, test, ...counted } of tests)
    table.push([service, repository, short(suite), short(test), ...cellsOf(counted)])
  return `${title}\n${table.toString()}`
}

/** The counts of a test, when it failed last, and in which run. */
export function cellsOf(
  counted: Omit<FlakyTest, 'service' | 'repository' | 'suite' | 'test' | 'team'>,
): string[] {
  const { failureRate, failures, runs, lastFailedAt, lastFailedRun } = counted
  return [
    `${percent(failureRate.value)} (${failures}/${runs})`,
    lastFailedAt.replace('T', ' ').slice(0, 16),
    lastFailedRun ?? '',
  ]
}

/** Names of parametrised tests can be pages long. */
export function short(name: string): string {
  return name.length > 80 ? `${name.slice(0, 79)}…` : name
}

export function flakyRows(tests: readonly FlakyTest[]): string[][] {
  const rows = [
    [
      'service',
      'team',
      'repository',
      'suite',
      'test',
      'runs',
      'failures',
      'failureRate',
      'low',
      'high',
      'lastFailedAt',
      'lastFailedRun',
    ],
  ]
  for (const each of tests) {
    const { value, low, high } = each.failureRate
    rows.push([
      each.service,
      each.team ?? '',
      each.repository,
      each.suite,
      each.test,
      ...[each.runs, each.failures, value, low, high].map(String),
      each.lastFailedAt,
      each.lastFailedRun ?? '',
    ])
  }
  return rows
}
