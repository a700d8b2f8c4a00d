import { bandOf, type Edition } from '../core/bands.ts'
import { calendarOf, isoOf } from '../core/calendar.ts'
import type { ChangeValue } from './change-value.ts'
import { compareFindings, type Finding } from './finding.ts'
import { windowValues, type Member } from './members.ts'
import { standingAt, type Standing } from './standing.ts'
import type { WindowValue } from './window-value.ts'

export interface ReportOptions {
  asOf: number
  timezone: string
  edition: Edition
  windowsDays: readonly number[]
}

/** `dorado report --format json` (metrics, section 4). */
export interface Report {
  asOf: string
  timezone: string
  edition: Edition
  services: ({ service: string; team: string | null; environment: string } & Standing & Windows)[]
  teams: ({ team: string } & Standing & Windows)[]
  organization: Standing & Windows
  dataQuality: Finding[]
}

interface Windows {
  windows: Record<string, ReportedWindow | null>
}

type ReportedWindow = Omit<WindowValue, 'from' | 'to' | 'held' | 'changes'> &
  ChangeValue & {
    from: string
    to: string
    bands: Record<string, string | null>
    /** Present where a failed source holds values back. */
    held?: string[]
  }

/** The report over all members; services, teams and findings sorted by name. */
export function report(
  members: readonly Member[],
  findings: readonly Finding[],
  options: ReportOptions,
): Report {
  const sorted = members.toSorted((a, b) => compare([a.service, a.environment], [b.service, b.environment]))
  const teams = [...new Set(sorted.map(({ team }) => team).filter((team) => team !== null))].sort()
  return {
    asOf: isoOf(options.asOf),
    timezone: options.timezone,
    edition: options.edition,
    services: sorted.map((member) => ({
      service: member.service,
      team: member.team,
      environment: member.environment,
      ...standingAt([member], options.asOf),
      windows: windowsOf([member], member.timezone, options, true),
    })),
    teams: teams.map((team) => ({
      team,
      ...pooled(
        sorted.filter((member) => member.team === team),
        options,
      ),
    })),
    organization: pooled(sorted, options),
    dataQuality: findings.toSorted(compareFindings),
  }
}

function pooled(members: readonly Member[], options: ReportOptions): Standing & Windows {
  return {
    ...standingAt(members, options.asOf),
    windows: windowsOf(members, options.timezone, options, false),
  }
}

function windowsOf(
  members: readonly Member[],
  timezone: string,
  { asOf, edition, windowsDays }: ReportOptions,
  isService: boolean,
): Record<string, ReportedWindow | null> {
  const calendar = calendarOf(timezone)
  return Object.fromEntries(
    windowsDays.map((days) => {
      const value = windowValues(members, [asOf], days, calendar)[0]!
      return [`${days}d`, value && reported(value, edition, isService)]
    }),
  )
}

function reported(
  { held, changes, ...value }: WindowValue,
  edition: Edition,
  isService: boolean,
): ReportedWindow {
  return {
    ...value,
    ...changes!,
    from: isoOf(value.from),
    to: isoOf(value.to),
    bands: windowBands(value, edition, isService),
    ...(held.length > 0 ? { held } : {}),
  }
}

/** There is no frequency band above the service: forty monthly services are not one elite team. */
export function windowBands(
  value: Pick<WindowValue, 'deploymentFrequency' | 'leadTime' | 'changeFailRate' | 'recoveryTime'>,
  edition: Edition,
  isService: boolean,
): Record<'deploymentFrequency' | 'leadTime' | 'changeFailRate' | 'recoveryTime', string | null> {
  return {
    deploymentFrequency: isService ? bandOf('deploymentFrequency', value.deploymentFrequency, edition) : null,
    leadTime: bandOf('leadTime', value.leadTime.p50, edition),
    changeFailRate: bandOf('changeFailRate', value.changeFailRate.value, edition),
    recoveryTime: bandOf('recoveryTime', value.recoveryTime.p50, edition),
  }
}

function compare(a: readonly string[], b: readonly string[]): number {
  for (const [index, text] of a.entries()) {
    if (text < b[index]!) return -1
    if (text > b[index]!) return 1
  }
  return 0
}
