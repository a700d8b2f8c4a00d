import type { Config } from '../config/config.ts'
import { calendarOf, isoOf } from '../core/calendar.ts'
import { ConfigError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { analyse } from '../pipeline/analyse.ts'
import { serviceNames } from '../pipeline/derive.ts'
import { membersOf } from '../pipeline/members.ts'
import { optionsAt } from '../pipeline/refresh.ts'
import { observedSince, readWritten } from '../pipeline/written.ts'
import { ciMetrics } from '../transforms/ci-explain.ts'
import {
  explain,
  explainedMetrics,
  formulas,
  isStanding,
  type ExplainedMetric,
} from '../transforms/explain.ts'
import { standingAt, type Standing } from '../transforms/standing.ts'
import { windowValues } from '../transforms/members.ts'
import type { WindowValue } from '../transforms/window-value.ts'
import { ciMetricOf, explainCiCommand } from './ci-explain.ts'
import { explanationText } from './explain-text.ts'
import { explainFlakyCommand, isFlakyTests } from './flaky-explain.ts'
import { botsOf, instantOf, latest, mainWindow, openUpToDate, windowsOf } from './report.ts'

export interface ExplainFlags {
  window?: string
  asOf?: string
  environment?: string
  /** Only with the metrics of CI. */
  workflow?: string
  format: string
  includeBots?: boolean
  excludeBots?: boolean
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
    const options = { ...(await optionsAt(pipeline, asOf)), bots: botsOf(flags) }
    const names = await serviceNames(pipeline.store, options.catalogue)
    if (!names.includes(service)) throw unknown('service', service, names)
    const { derived, merged, state } = (await analyse(pipeline.store, options, [service])).get(service)!
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
      const told = explain(
        { track: derived.tracks[index]!, merged, bots: member.bots, findings: derived.findings },
        metric,
        span,
        member.coverage,
      )
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
          value: valueOf(value, standingAt([member], asOf), metric),
          formula: formulas[metric],
          ...told,
        },
      ]
    })
    if (flags.format === 'json') process.stdout.write(`${JSON.stringify(explanations, null, 2)}\n`)
    else if (flags.format === 'table')
      process.stdout.write(`${explanations.map(explanationText).join('\n\n')}\n`)
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
  flowcoding: 'coding',
  flowpickup: 'pickup',
  flowreview: 'review',
  flowdeploy: 'deploy',
  reviewtimexs: 'reviewTime',
  reviewtimes: 'reviewTime',
  reviewtimem: 'reviewTime',
  reviewtimel: 'reviewTime',
  batchsize: 'deploymentSize',
  changes: 'merged',
  perweek: 'merged',
  mergedchanges: 'merged',
  mergedperweek: 'merged',
  mergedlarge: 'large',
  largeperweek: 'large',
  mergedlargeperweek: 'large',
  mergedweekend: 'weekend',
  weekendmerges: 'weekend',
  mergedhotfixes: 'hotfixes',
  openfailureage: 'oldestOpenFailure',
  failedinarow: 'failureStreak',
  labelled: 'labelledFailRate',
  mergedlabelled: 'labelledFailRate',
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

function valueOf(value: WindowValue | null, standing: Standing, metric: ExplainedMetric): unknown {
  if (isStanding(metric)) return standing[metric]
  if (value === null) return null
  const changes = value.changes!
  switch (metric) {
    case 'coding':
    case 'pickup':
    case 'review':
    case 'deploy': {
      const { bots, excludedBots } = changes.flow
      return { ...changes.flow[metric], bots, excludedBots }
    }
    case 'merged':
      return changes.merged
    case 'large': {
      const { large, largePerWeek, bots, excludedBots } = changes.merged
      return { large, largePerWeek, bots, excludedBots }
    }
    case 'weekend': {
      const { weekend, bots, excludedBots } = changes.merged
      return { weekend, bots, excludedBots }
    }
    case 'hotfixes':
      return { hotfixes: changes.merged.hotfixes, bots: changes.merged.hotfixesBots }
    case 'labelledFailRate':
      return { ...changes.labelledFailRate, labelled: changes.merged.labelled }
    case 'reviewTime':
    case 'deploymentSize':
    case 'batchAge':
      return changes[metric]
    default:
      return value[metric]
  }
}
