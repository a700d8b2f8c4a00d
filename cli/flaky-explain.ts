import Table from 'cli-table3'
import type { Config } from '../config/config.ts'
import { ConfigError } from '../core/errors.ts'
import { flakyOf, type FlakyRepository, type FlakyTest } from '../pipeline/flaky-report.ts'
import { optionsAt } from '../pipeline/refresh.ts'
import { servicesWith } from '../pipeline/service-names.ts'
import { cellsOf, short } from './flaky-table.ts'
import { instantOf, latest, openUpToDate } from './report.ts'

const formula =
  'tests with at least 20 runs in the last 14 days, of which 5 to 95 % failed; skipped is no run'

export function isFlakyTests(metric: string): boolean {
  return metric.toLowerCase().replaceAll(/[^a-z]/g, '') === 'flakytests'
}

/** `dorado explain SERVICE flakyTests`: the flaky tests, and those that failed and are none, with the reason. */
export async function explainFlakyCommand(
  config: Config,
  service: string,
  { asOf: until, format }: { asOf?: string; format: string },
): Promise<void> {
  if (format !== 'json' && format !== 'table')
    throw new ConfigError(`--format ${format}: write table or json`)
  const { pipeline, close } = await openUpToDate(config, 'explain')
  try {
    const asOf = until === undefined ? await latest(pipeline) : instantOf(until)
    const options = await optionsAt(pipeline, asOf)
    const names = [...(await servicesWith(pipeline.store, options.catalogue, 'testReport')).keys()]
    if (!names.includes(service))
      throw new ConfigError(
        `no service with test reports ${service}; there are ${names.join(', ') || 'none'}`,
      )
    const repositories = await flakyOf(pipeline.store, options, service, asOf, { all: true })
    const told = { service, metric: 'flakyTests', formula, repositories }
    const text = format === 'json' ? JSON.stringify(told, null, 2) : textOf(service, repositories)
    process.stdout.write(`${text}\n`)
  } finally {
    close()
  }
}

function textOf(service: string, repositories: readonly FlakyRepository[]): string {
  return repositories
    .flatMap(({ repository, window, flaky, others }) => [
      `flakyTests of ${service} (${repository}), 14d from ${window.from} to ${window.to}`,
      `= ${flaky.length} of ${window.tests} tests, in ${window.reports} reports`,
      formula,
      flaky.length === 0
        ? 'Nothing counts in this window.'
        : tableOf(flaky.map((test) => ({ ...test, rule: 'flaky' }))),
      ...(others.length === 0 ? [] : ['Left out:', tableOf(others)]),
    ])
    .join('\n')
}

function tableOf(tests: readonly (FlakyTest & { rule: string })[]): string {
  const table = new Table({
    head: ['Suite', 'Test', 'Failed', 'Last failed', 'In run', 'Rule'],
    style: { head: [], border: [], compact: true },
  })
  for (const { suite, test, rule, ...counted } of tests)
    table.push([short(suite), short(test), ...cellsOf(counted), rule])
  return table.toString()
}
