import type { Config } from '../config/config.ts'
import type { BotChoice } from '../core/bots.ts'
import { parseDuration } from '../core/duration.ts'
import { ConfigError, Rejected } from '../core/errors.ts'
import { parseInstant } from '../core/instant.ts'
import { deriveChanges } from '../pipeline/derive.ts'
import { statusFindings } from '../pipeline/quality.ts'
import { optionsAt, type Pipeline } from '../pipeline/refresh.ts'
import { mergedListsFrom } from '../pipeline/merged-lists.ts'
import { reportFrom, type FullReport } from '../pipeline/report.ts'
import type { MergedLists } from '../transforms/merged-lists.ts'
import type { Report } from '../transforms/report.ts'
import { all } from '../transforms/window-points.ts'
import { ciRows, ciTable } from './ci-table.ts'
import { open, type Opened } from './context.ts'
import { csvOf, reportCsv } from './report-csv.ts'
import { flowTables } from './flow-table.ts'
import { flakyRows, flakyTable } from './flaky-table.ts'
import { maskFindings } from './mask.ts'
import { reportTable } from './table.ts'

export interface ReportFlags {
  format: string
  asOf?: string
  window?: string
  service?: string
  team?: string
  /** CI instead of the five metrics; JSON has both. */
  ci?: boolean
  /** Flaky tests instead; JSON has them too. */
  flaky?: boolean
  /** The tables of what goes on before deployments, instead of the five metrics. */
  flow?: boolean
  includeBots?: boolean
  excludeBots?: boolean
}

const formats = ['table', 'json', 'csv']

/** What is said of bots on the command line, for all metrics made of changes. */
export function botsOf({
  includeBots,
  excludeBots,
}: Pick<ReportFlags, 'includeBots' | 'excludeBots'>): BotChoice | undefined {
  if (includeBots && excludeBots) {
    throw new ConfigError('--include-bots and --exclude-bots: write one of them')
  }
  if (includeBots) return 'included'
  return excludeBots ? 'excluded' : undefined
}

/** `dorado report`: the numbers as a table, JSON or CSV. */
export async function reportCommand(config: Config, flags: ReportFlags): Promise<void> {
  // A person is shown one window unless more are asked for; a program gets them all.
  const usual = flags.format === 'table' ? [mainWindow(config.windowsDays)] : config.windowsDays
  const windowsDays = flags.window === undefined ? usual : windowsOf(flags.window)
  if (flags.flow && flags.format === 'csv') {
    throw new ConfigError('--flow --format csv: the csv has the columns of --flow already; leave out --flow')
  }
  if (!formats.includes(flags.format))
    throw new ConfigError(`--format ${flags.format}: write table, json or csv`)
  const bots = botsOf(flags)
  const { pipeline, io, close } = await openUpToDate(config, 'report')
  try {
    const asOf = flags.asOf === undefined ? await latest(pipeline) : instantOf(flags.asOf)
    const options = { ...(await optionsAt(pipeline, asOf)), bots }
    const status = await statusFindings(pipeline, io.clock())
    const whole = await reportFrom(pipeline.store, options, { asOf, windowsDays }, status)
    const report = narrowed({ ...whole, dataQuality: maskFindings(whole.dataQuality, config.secrets) }, flags)
    if (flags.format !== 'json' && !flags.flow) {
      const text = flags.ci ? ciFormatted : flags.flaky ? flakyFormatted : formatted
      process.stdout.write(`${text(report, flags.format, windowsDays)}\n`)
      return
    }
    const days = windowsDays.at(-1)!
    const lists = narrowedLists(await mergedListsFrom(pipeline.store, options, { asOf, days }), report)
    const text =
      flags.format === 'json'
        ? formatted({ ...report, ...lists }, 'json', windowsDays)
        : flowTables(report, lists, `${days}d`)
    process.stdout.write(`${text}\n`)
  } finally {
    close()
  }
}

/**
 * Opens the store to read from it, with everything derived: by this process, or where another one holds the
 * store, by that one.
 */
export async function openUpToDate(config: Config, command: string): Promise<Opened> {
  try {
    const { pipeline, io, close } = open(config, { command, mustExist: true })
    try {
      await deriveChanges(pipeline.store, await optionsAt(pipeline, io.clock()))
    } finally {
      // Not held any longer: a slow reader of the output would keep a refresh from beginning.
      close()
    }
  } catch (error) {
    if (!(error instanceof ConfigError) || !error.message.includes('is in use by')) throw error
  }
  return open(config, { command, readOnly: true })
}

/** When the sources were last complete, so that a report covers its window to the end; now where nothing is extracted. */
export async function latest({ store, extractors }: Pick<Pipeline, 'store' | 'extractors'>): Promise<number> {
  const states = await Promise.all(extractors.map(({ name }) => store.meta.source(name)))
  const complete = states.map(({ completeUntil }) => completeUntil).filter((until) => until !== null)
  return complete.length === 0 ? Date.now() : Math.max(...complete)
}

export function instantOf(text: string): number {
  try {
    return parseInstant(text, '--as-of')
  } catch (error) {
    throw error instanceof Rejected ? new ConfigError(error.message) : error
  }
}

/** The window that is shown where only one is: a month, if it is configured. */
export function mainWindow(windowsDays: readonly number[]): number {
  return windowsDays.includes(30) ? 30 : windowsDays.at(-1)!
}

/** `7d,30d` as days. */
export function windowsOf(text: string): number[] {
  const days = text.split(',').map((part) => {
    try {
      return parseDuration(part.trim()) / 86_400_000
    } catch {
      return NaN
    }
  })
  if (days.some((each) => !Number.isInteger(each) || each < 1)) {
    throw new ConfigError(`--window ${text}: write whole days, such as 7d or 7d,30d,90d`)
  }
  return [...new Set(days)].sort((a, b) => a - b)
}

function narrowed(report: FullReport, { service, team }: ReportFlags): FullReport {
  const services = report.services.filter(
    (each) =>
      (service === undefined || each.service === service) && (team === undefined || each.team === team),
  )
  const ci = report.ci.filter(
    (each) =>
      (service === undefined || each.service === service) && (team === undefined || each.team === team),
  )
  const serviceNames = [...report.services, ...report.ci, ...report.flakyTests]
    .map((each) => each.service)
    .filter((name) => name !== all)
  const teamNames = report.teams.map((each) => each.team)
  if (service !== undefined && !serviceNames.includes(service)) {
    throw new ConfigError(`no service ${service}; there are ${named(serviceNames)}`)
  }
  if (team !== undefined && !teamNames.includes(team)) {
    throw new ConfigError(`no team ${team}; there are ${named(teamNames)}`)
  }
  if (service === undefined && team === undefined) return report
  if (services.length + ci.length === 0) throw new ConfigError(`service ${service} is not of team ${team}`)
  const kept = new Set(services.map((each) => each.service))
  return {
    ...report,
    services,
    ci,
    flakyTests: report.flakyTests.filter(
      (each) =>
        (service === undefined || each.service === service) && (team === undefined || each.team === team),
    ),
    teams: team === undefined ? [] : report.teams.filter((each) => each.team === team),
    dataQuality: report.dataQuality.filter((finding) => kept.has(finding.service)),
  }
}

/** The entries of the services that are shown. */
function narrowedLists({ weekendMerges, hotfixes }: MergedLists, { services }: Report): MergedLists {
  const shown = new Set(services.map(({ service }) => service))
  return {
    weekendMerges: weekendMerges.filter(({ service }) => shown.has(service)),
    hotfixes: hotfixes.filter(({ service }) => shown.has(service)),
  }
}

function named(names: readonly string[]): string {
  return names.length === 0 ? 'none' : [...new Set(names)].join(', ')
}

export function formatted(report: Report, format: string, windowsDays: readonly number[]): string {
  if (format === 'json') return JSON.stringify(report, null, 2)
  if (format === 'csv') return reportCsv(report)
  if (format !== 'table') throw new ConfigError(`--format ${format}: write table, json or csv`)
  const color = process.stdout.isTTY && process.env['NO_COLOR'] === undefined
  return windowsDays.map((days) => reportTable(report, { window: `${days}d`, color })).join('\n\n')
}

function flakyFormatted(report: FullReport, format: string): string {
  if (format === 'json') return JSON.stringify(report, null, 2)
  if (format === 'csv') return csvOf(flakyRows(report.flakyTests))
  if (format !== 'table') throw new ConfigError(`--format ${format}: write table, json or csv`)
  return flakyTable(
    report.flakyTests,
    `to ${report.asOf.replace('T', ' ').slice(0, 16)} (${report.timezone})`,
  )
}

function ciFormatted(report: FullReport, format: string, windowsDays: readonly number[]): string {
  if (format === 'json') return JSON.stringify(report, null, 2)
  if (format === 'csv') return csvOf(ciRows(report.ci))
  if (format !== 'table') throw new ConfigError(`--format ${format}: write table, json or csv`)
  const until = `to ${report.asOf.replace('T', ' ').slice(0, 16)} (${report.timezone})`
  return windowsDays.map((days) => ciTable(report.ci, `${days}d`, `CI, ${days}d ${until}`)).join('\n\n')
}
