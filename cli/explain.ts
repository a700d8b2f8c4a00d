import Table from 'cli-table3'
import type { Config } from '../config/config.ts'
import { calendarOf, isoOf } from '../core/calendar.ts'
import { ConfigError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { analyse } from '../pipeline/analyse.ts'
import { serviceNames } from '../pipeline/derive.ts'
import { membersOf } from '../pipeline/members.ts'
import { optionsAt } from '../pipeline/refresh.ts'
import { observedSince, readWritten } from '../pipeline/written.ts'
import {
  explain,
  explainedMetrics,
  formulas,
  type Evidence,
  type ExplainedMetric,
} from '../transforms/explain.ts'
import { ciMetrics } from '../transforms/ci-explain.ts'
import { windowValues } from '../transforms/members.ts'
import type { WindowValue } from '../transforms/window-value.ts'
import { ciMetricOf, explainCiCommand } from './ci-explain.ts'
import { explainFlakyCommand, isFlakyTests } from './flaky-explain.ts'
import { instantOf, latest, mainWindow, openUpToDate, windowsOf } from './report.ts'
import { duration, percent } from './table.ts'

export interface ExplainFlags {
  window?: string
  asOf?: string
  environment?: string
  /** Only with the metrics of CI. */
  workflow?: string
  format: string
}

/** `dorado explain SERVICE METRIC`: the facts behind a number, and the rule that put each one there. */
export async function explainCommand(
  config: Config,
  service: string,
  metricText: string,
  flags: ExplainFlags,
): Promise<void> {
  const ciMetric = ciMetricOf(metricText)
  if (ciMetric) return explainCiCommand(config, service, ciMetric, flags)
  if (isFlakyTests(metricText)) return explainFlakyCommand(config, service, flags)
  const metric = metricOf(metricText)
  const windows = flags.window === undefined ? [mainWindow(config.windowsDays)] : windowsOf(flags.window)
  if (windows.length !== 1) throw new ConfigError(`--window ${flags.window}: write one window, such as 30d`)
  const days = windows[0]!
  const { pipeline, close } = await openUpToDate(config, 'explain')
  try {
    const asOf = flags.asOf === undefined ? await latest(pipeline) : instantOf(flags.asOf)
    const options = await optionsAt(pipeline, asOf)
    const names = await serviceNames(pipeline.store, options.catalogue)
    if (!names.includes(service)) throw unknown('service', service, names)
    const { derived, state } = (await analyse(pipeline.store, options, [service])).get(service)!
    const members = membersOf(
      service,
      state,
      observedSince(await readWritten(pipeline.store), options)(service),
      options,
    )
    const environments = members.map((member) => member.environment)
    if (flags.environment !== undefined && !environments.includes(flags.environment)) {
      throw unknown('production environment', flags.environment, environments)
    }

    const calendar = calendarOf(state.timezone)
    const span = { from: calendar.daysBefore(asOf, days), to: asOf }
    const explanations = members.flatMap((member, index) => {
      if (flags.environment !== undefined && member.environment !== flags.environment) return []
      const value = windowValues([member], [asOf], days, calendar)[0] ?? null
      const told = explain(derived.tracks[index]!, metric, span, member.coverage)
      const { environment } = member
      const window = {
        days,
        from: isoOf(span.from),
        to: isoOf(span.to),
        coverageDays: value?.coverageDays ?? null,
      }
      return [
        {
          service,
          environment,
          metric,
          window,
          value: valueOf(value, metric),
          formula: formulas[metric],
          ...told,
        },
      ]
    })
    if (flags.format === 'json') process.stdout.write(`${JSON.stringify(explanations, null, 2)}\n`)
    else if (flags.format === 'table') process.stdout.write(`${explanations.map(textOf).join('\n\n')}\n`)
    else throw new ConfigError(`--format ${flags.format}: write table or json`)
  } finally {
    close()
  }
}

const aliases: Record<string, ExplainedMetric> = {
  deployments: 'deploymentFrequency',
  frequency: 'deploymentFrequency',
  leadtimeforchanges: 'leadTime',
  cfr: 'changeFailRate',
  changefailurerate: 'changeFailRate',
  recovery: 'recoveryTime',
  faileddeploymentrecoverytime: 'recoveryTime',
  rework: 'reworkRate',
  deploymentreworkrate: 'reworkRate',
}

/** A metric by its name in any spelling: leadTime, lead-time, lead_time. */
function metricOf(text: string): ExplainedMetric {
  const plain = text.toLowerCase().replaceAll(/[^a-z]/g, '')
  const found = explainedMetrics.find((metric) => metric.toLowerCase() === plain) ?? aliases[plain]
  if (!found) throw unknown('metric', text, [...explainedMetrics, ...ciMetrics, 'flakyTests'])
  return found
}

function unknown(what: string, given: string, known: readonly string[]): ConfigError {
  const near = nearest(given, known)
  const all = known.length === 0 ? 'none' : known.join(', ')
  return new ConfigError(
    `no ${what} ${given}${near ? `: did you mean ${near}? There are ${all}` : `; there are ${all}`}`,
  )
}

function valueOf(value: WindowValue | null, metric: ExplainedMetric): unknown {
  return value && value[metric]
}

type Explanation = {
  service: string
  environment: string
  metric: ExplainedMetric
  window: { days: number; from: string; to: string; coverageDays: number | null }
  value: unknown
  formula: string
  evidence: Evidence[]
  leftOut: Evidence[]
}

function textOf({
  service,
  environment,
  metric,
  window,
  value,
  formula,
  evidence,
  leftOut,
}: Explanation): string {
  const covered =
    window.coverageDays === null ? 'not covered' : `${Number(window.coverageDays.toFixed(2))} days covered`
  const lines = [
    `${metric} of ${service} (${environment}), ${window.days}d from ${window.from} to ${window.to}, ${covered}`,
    `= ${shown(value)}`,
    formula,
  ]
  const counted = evidence.length === 0 ? 'Nothing counts in this window.' : tableOf(evidence)
  return [...lines, counted, ...(leftOut.length === 0 ? [] : ['Left out:', tableOf(leftOut)])].join('\n')
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'no value'
  if (typeof value === 'number') return `${Number(value.toFixed(4))} per day`
  const parts = value as {
    value?: number | null
    low?: number | null
    high?: number | null
    n?: number
    p50?: number | null
    p90?: number | null
    open?: number
    started?: number
    attributed?: number
  }
  if ('value' in parts) {
    return `${percent(parts.value ?? null)}${parts.value === null ? '' : ` (95 %: ${percent(parts.low ?? null)} to ${percent(parts.high ?? null)})`}`
  }
  if ('started' in parts) return `${parts.started} started, ${parts.attributed} attributed to a deployment`
  const open = parts.open === undefined ? '' : `, ${parts.open} open`
  return `p50 ${duration(parts.p50 ?? null)}, p90 ${duration(parts.p90 ?? null)} (n ${parts.n}${open})`
}

function tableOf(evidence: readonly Evidence[]): string {
  const table = new Table({
    head: ['At', 'Kind', 'Id', 'Time', 'Rule', 'Link'],
    style: { head: [], border: [], compact: true },
  })
  for (const { at, kind, id, seconds, rule, url } of evidence) {
    table.push([at, kind, id, seconds === undefined ? '' : duration(seconds), rule, url ?? ''])
  }
  return table.toString()
}
