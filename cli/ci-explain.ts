import Table from 'cli-table3'
import type { Config } from '../config/config.ts'
import { ConfigError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { ciServices, explainCiMetric, runsOf, type CiExplanation } from '../pipeline/ci-explain.ts'
import { optionsAt } from '../pipeline/refresh.ts'
import { ciMetrics, type CiEvidence, type CiMetric } from '../transforms/ci-explain.ts'
import { all } from '../transforms/window-points.ts'
import { instantOf, latest, mainWindow, openUpToDate, windowsOf } from './report.ts'
import { duration, percent } from './table.ts'

export interface CiExplainFlags {
  window?: string
  asOf?: string
  workflow?: string
  format: string
}

/** A metric of CI by its name in any spelling: ciDuration, ci-duration. */
export function ciMetricOf(text: string): CiMetric | undefined {
  const plain = text.toLowerCase().replaceAll(/[^a-z]/g, '')
  return ciMetrics.find((metric) => metric.toLowerCase() === plain)
}

/** `dorado explain SERVICE ciDuration`: the runs behind a number of CI, and those that were left out. */
export async function explainCiCommand(
  config: Config,
  service: string,
  metric: CiMetric,
  flags: CiExplainFlags,
): Promise<void> {
  const windows = flags.window === undefined ? [mainWindow(config.windowsDays)] : windowsOf(flags.window)
  if (windows.length !== 1) throw new ConfigError(`--window ${flags.window}: write one window, such as 30d`)
  if (flags.format !== 'json' && flags.format !== 'table')
    throw new ConfigError(`--format ${flags.format}: write table or json`)
  const { pipeline, close } = await openUpToDate(config, 'explain')
  try {
    const asOf = flags.asOf === undefined ? await latest(pipeline) : instantOf(flags.asOf)
    const options = await optionsAt(pipeline, asOf)
    const services = await ciServices(pipeline.store, options)
    const group = services.find((each) => each.service === service)
    if (!group)
      throw unknown(
        'service with CI runs',
        service,
        services.map((each) => each.service),
      )
    const runs = await runsOf(pipeline.store, group)
    const workflows = [...new Set(runs.map(({ workflow }) => workflow))].sort()
    const workflow = flags.workflow ?? all
    if (workflow !== all && !workflows.includes(workflow)) throw unknown('workflow', workflow, workflows)
    const asked = { metric, workflow, asOf, days: windows[0]! }
    const told = await explainCiMetric(pipeline.store, options, group, runs, asked)
    process.stdout.write(`${flags.format === 'json' ? JSON.stringify(told, null, 2) : textOf(told)}\n`)
  } finally {
    close()
  }
}

function unknown(what: string, given: string, known: readonly string[]): ConfigError {
  const near = nearest(given, known)
  const there = known.length === 0 ? 'none' : known.join(', ')
  return new ConfigError(
    `no ${what} ${given}${near ? `: did you mean ${near}? There are ${there}` : `; there are ${there}`}`,
  )
}

function textOf({
  service,
  workflow,
  metric,
  window,
  value,
  formula,
  evidence,
  leftOut,
}: CiExplanation): string {
  const covered =
    window.coverageDays === null ? 'not covered' : `${Number(window.coverageDays.toFixed(2))} days covered`
  const of = workflow === all ? 'all workflows' : workflow
  return [
    `${metric} of ${service} (${of}), ${window.days}d from ${window.from} to ${window.to}, ${covered}`,
    `= ${shown(value)}`,
    formula,
    evidence.length === 0 ? 'Nothing counts in this window.' : evidenceTable(evidence),
    ...(leftOut.length === 0 ? [] : ['Left out:', evidenceTable(leftOut)]),
  ].join('\n')
}

function shown(value: unknown): string {
  if (value === null) return 'no value'
  const parts = value as Record<string, number | null>
  const { n, p50 = null, p90 = null, red, runs, failed, reruns, low = null, high = null } = parts
  if (n !== undefined)
    return `p50 ${duration(p50)}, p90 ${duration(p90)} (n ${n}${red === undefined ? '' : `, ${red} red`})`
  const rate = parts['value'] ?? null
  if (rate === null) return 'no value (0 runs)'
  return `${percent(rate)} (${failed ?? reruns} of ${runs}; 95 %: ${percent(low)} to ${percent(high)})`
}

function evidenceTable(evidence: readonly CiEvidence[]): string {
  const table = new Table({
    head: ['At', 'Kind', 'Id', 'Workflow', 'Time', 'Rule', 'Link'],
    style: { head: [], border: [], compact: true },
  })
  for (const { at, kind, id, workflow, seconds, rule, url } of evidence)
    table.push([at, kind, id, workflow, seconds === undefined ? '' : duration(seconds), rule, url ?? ''])
  return table.toString()
}
