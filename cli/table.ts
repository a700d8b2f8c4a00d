import { styleText } from 'node:util'
import Table from 'cli-table3'
import type { Finding } from '../transforms/finding.ts'
import type { Report } from '../transforms/report.ts'
import { kindLines, widthOf } from './quality-table.ts'

type Windows = Report['organization']
type ReportedWindow = NonNullable<Windows['windows'][string]>

export interface TableOptions {
  /** Which window is shown: '30d'. */
  window: string
  color: boolean
}

/** The five metrics per service, team and organisation as a table, then what data quality found. */
export function reportTable(report: Report, { window, color }: TableOptions): string {
  const paint = painter(color)
  const table = new Table({
    head: ['Service', 'Team', 'Deployments', 'Lead time p50', 'Change fail rate', 'Recovery p50', 'Rework'],
    style: { head: [], border: [], compact: true },
  })
  const environments = Map.groupBy(report.services, ({ service }) => service)
  for (const { service, environment, team, windows } of report.services) {
    const name = environments.get(service)!.length === 1 ? service : `${service} (${environment})`
    table.push([name, team ?? '–', ...cellsOf(windows[window] ?? null, paint)])
  }
  const pools = report.teams.map(({ team, windows }) => ({ name: `team ${team}`, windows }))
  for (const { name, windows } of [
    ...pools,
    { name: 'organisation', windows: report.organization.windows },
  ]) {
    table.push([paint('bold', name), '', ...cellsOf(windows[window] ?? null, paint)])
  }
  const title = `${window} to ${report.asOf.replace('T', ' ').slice(0, 16)} (${report.timezone}), bands of ${report.edition}`
  const rest = `  ${report.dataQuality.length} in all: dorado report --quality tells what to do about them`
  return `${title}\n${table.toString()}\n${quality(report.dataQuality, [rest])}`
}

type Painter = (style: 'bold' | 'green' | 'cyan' | 'yellow' | 'red' | 'gray', text: string) => string

function painter(color: boolean): Painter {
  return (style, text) => (color ? styleText(style, text, { validateStream: false }) : text)
}

const bandStyles = { elite: 'green', high: 'cyan', medium: 'yellow', low: 'red' } as const

function cellsOf(value: ReportedWindow | null, paint: Painter): string[] {
  if (value === null) return Array<string>(5).fill(paint('gray', 'not covered'))
  const { bands, leadTime, changeFailRate, recoveryTime, reworkRate } = value
  const band = (name: string | null | undefined) =>
    name ? ` ${paint(bandStyles[name as keyof typeof bandStyles], name)}` : ''
  const held = (metric: string) => value.held?.includes(metric)
  const openFailures = recoveryTime.open > 0 ? `, ${recoveryTime.open} open` : ''
  return [
    `${value.deployments} (${frequency(value.deploymentFrequency)})${band(bands['deploymentFrequency'])}`,
    held('leadTime') ? 'held' : `${duration(leadTime.p50)} (n ${leadTime.n})${band(bands['leadTime'])}`,
    held('incidents')
      ? 'held'
      : `${percent(changeFailRate.value)}${value.failed === null || value.deployments === 0 ? '' : ` (${value.failed}/${value.deployments})`}${band(bands['changeFailRate'])}`,
    held('incidents')
      ? 'held'
      : `${duration(recoveryTime.p50)} (n ${recoveryTime.n}${openFailures})${band(bands['recoveryTime'])}`,
    held('leadTime') ? 'held' : percent(reworkRate.value),
  ]
}

function frequency(perDay: number): string {
  if (perDay === 0) return '0/d'
  if (perDay >= 1) return `${perDay.toFixed(1)}/d`
  if (perDay * 7 >= 1) return `${(perDay * 7).toFixed(1)}/wk`
  return `${(perDay * 30).toFixed(1)}/30d`
}

/** Seconds as a person says it; nothing is a dash and never zero. */
export function duration(seconds: number | null): string {
  if (seconds === null) return '–'
  if (seconds < 60) return `${Math.round(seconds)} s`
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`
  if (seconds < 48 * 3600) return `${(seconds / 3600).toFixed(1)} h`
  return `${(seconds / 86_400).toFixed(1)} d`
}

export function percent(rate: number | null): string {
  return rate === null ? '–' : `${(rate * 100).toFixed(1)} %`
}

/** A line for each kind of finding: how many, and one example. */
function quality(findings: readonly Finding[], rest: readonly string[]): string {
  if (findings.length === 0) return 'Data quality: nothing found.'
  return ['Data quality:', ...kindLines(findings, widthOf(process.stdout)), ...rest].join('\n')
}

/** What was read of a repository. */
export interface RepositoryTold {
  path: string
  counts: Record<string, number>
  skipped: readonly { row: string; reason: string }[]
  skippedCount: number
}

/**
 * Without the bands of failures and recovery: git sees only what was taken back, and a change fail rate of zero
 * that nobody could have seen rise would be a lie.
 */
function gitCellsOf(value: ReportedWindow | null, paint: Painter): string[] {
  if (value === null) return cellsOf(value, paint).slice(1)
  const [deployments = '', leadTime = '', , , rework = ''] = cellsOf(value, paint)
  const takenBack = value.deployments === 0 ? '–' : `${value.failed} of ${value.deployments}`
  return [deployments, leadTime, takenBack, rework]
}

/** One repository's metrics, a row a window. */
export function repositoryTable(report: Report, told: RepositoryTold, color: boolean): string {
  const paint = painter(color && process.env['NO_COLOR'] === undefined)
  const { counts } = told
  const read = `${told.path}: ${counts['commit']} commits, ${counts['change']} pull requests, ${counts['deployment']} deployments`
  const skips = told.skipped.slice(0, 3).map(({ row, reason }) => `  ${row}: ${reason}`)
  const skipped = told.skippedCount === 0 ? [] : [`Skipped ${told.skippedCount}:`, ...skips]
  if (report.services.length === 0) {
    return [
      read,
      ...skipped,
      'No deployment found: name the tags with --tags REGEXP, or count merges with --merges.',
    ].join('\n')
  }
  const tables = report.services.map(({ service, windows }) => {
    const table = new Table({
      head: [service, 'Deployments', 'Lead time p50', 'Taken back or hotfixed', 'Rework'],
      style: { head: [], border: [], compact: true },
    })
    for (const [window, value] of Object.entries(windows)) table.push([window, ...gitCellsOf(value, paint)])
    return table.toString()
  })
  const note =
    'Git alone knows no incidents and no failed rollouts: what was taken back or hotfixed is the least that failed.'
  return [
    read,
    ...skipped,
    `To ${report.asOf.replace('T', ' ').slice(0, 16)} (${report.timezone})`,
    ...tables,
    note,
    quality(report.dataQuality, []),
  ].join('\n')
}
