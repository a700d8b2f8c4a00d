import type { Config } from '../config/config.ts'
import { isoOf } from '../core/calendar.ts'
import { ConfigError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { qualityAt, type Quality } from '../pipeline/quality.ts'
import { plainFinding } from '../pipeline/report.ts'
import type { Finding } from '../transforms/finding.ts'
import { groupFindings, type QualityGroup } from '../transforms/quality-groups.ts'
import { maskFindings } from './mask.ts'
import { qualityTable, widthOf } from './quality-table.ts'
import { openUpToDate, type ReportFlags } from './report.ts'

/** `dorado report --quality --format json`. */
export interface QualityReport {
  asOf: string
  /** All findings of the groups together. */
  count: number
  /** The most useful first. */
  groups: QualityGroup[]
}

/** `dorado report --quality`: what was found, grouped by what can be done about it. */
export async function qualityCommand(config: Config, flags: ReportFlags): Promise<void> {
  checkFlags(flags)
  const { pipeline, io, close } = await openUpToDate(config, 'report')
  try {
    const now = io.clock()
    const quality = await qualityAt(pipeline, now)
    const kept = servicesKept(quality, flags)
    const findings = maskFindings(
      quality.findings.filter((finding) => kept === undefined || concernsOneOf(finding, kept)),
      config.secrets,
    )
    const isService = (name: string) => (kept ?? quality.teams).has(name)
    const groups = groupFindings(findings, isService)
    const report: QualityReport = { asOf: isoOf(now), count: findings.length, groups: groups.map(plain) }
    process.stdout.write(`${flags.format === 'json' ? safeJson(report) : textOf(report)}\n`)
  } finally {
    close()
  }
}

function checkFlags({ format, asOf, window }: ReportFlags): void {
  if (format !== 'table' && format !== 'json') {
    throw new ConfigError(`--format ${format}: --quality writes table or json`)
  }
  if (asOf !== undefined) throw new ConfigError('--as-of: --quality tells what is so now; leave it out')
  if (window !== undefined) {
    throw new ConfigError(
      '--window: --quality is about all stored facts, not those of a window; leave it out',
    )
  }
}

/** The services that are asked for; undefined where nothing is left out. */
function servicesKept({ teams }: Quality, { service, team }: ReportFlags): Set<string> | undefined {
  if (service !== undefined && !teams.has(service)) throw unknown('service', service, [...teams.keys()])
  const known = [...new Set([...teams.values()].filter((each) => each !== null))].sort()
  if (team !== undefined && !known.includes(team)) throw unknown('team', team, known)
  if (service === undefined && team === undefined) return undefined
  const kept = [...teams].filter(
    ([name, of]) => (service === undefined || name === service) && (team === undefined || of === team),
  )
  if (kept.length === 0) throw new ConfigError(`service ${service} is not of team ${team}`)
  return new Set(kept.map(([name]) => name))
}

function unknown(what: string, given: string, known: readonly string[]): ConfigError {
  const near = nearest(given, known)
  const all = known.length === 0 ? 'none' : known.join(', ')
  return new ConfigError(
    `no ${what} ${given}${near ? `: did you mean ${near}? There are ${all}` : `; there are ${all}`}`,
  )
}

function concernsOneOf({ service, services }: Finding, kept: ReadonlySet<string>): boolean {
  return kept.has(service) || (services ?? []).some((name) => kept.has(name))
}

/** Without the services of each finding: those of the group say it once. */
function plain(group: QualityGroup): QualityGroup {
  return { ...group, example: plainFinding(group.example), findings: group.findings.map(plainFinding) }
}

function textOf({ asOf, count, groups }: QualityReport): string {
  if (count === 0) return 'Data quality: nothing found.'
  const title = `Data quality at ${asOf.slice(0, 16).replace('T', ' ')} (UTC): ${count} ${count === 1 ? 'finding' : 'findings'}, the most useful to mend first`
  const rest = 'dorado report --quality --format json lists every finding.'
  return [title, qualityTable(groups, widthOf(process.stdout)), rest].join('\n')
}

/** JSON that a terminal shows as it is: what JSON leaves unescaped and a terminal obeys is escaped too. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}
