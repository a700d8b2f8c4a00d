import { Temporal } from 'temporal-polyfill'
import { at, type IncidentFact } from './facts.ts'
import { flowReport, labelOf, type FlowReport, type Label } from './flow.ts'
import type { Note } from './rules.ts'
import type { Attributed } from './attribution.ts'
import { bands, percentile, rate, type Bands, type Rate } from './numbers.ts'
import { hasFailed, type Recovery } from './remediation.ts'
import type { Entry, Story } from './replay.ts'

const dayMs = 86_400_000

export interface WindowReport extends FlowReport {
  from: string
  to: string
  coverageDays: number
  deployments: number
  successful: number
  failed: number
  rework: number
  rollbacks: number
  deploymentDays: number
  deploymentFrequency: number
  leadTime: {
    n: number
    p50: number | null
    p90: number | null
    p95: number | null
    bots: Label
    excludedBots: number
  }
  changeFailRate: Rate
  recoveryTime: Spread & { open: number; unknown: number; fromDeployment: Spread }
  reworkRate: Rate
  incidents: { started: number; attributed: number; recoveryTime: Spread }
  bands: Bands
}

interface Spread {
  n: number
  p50: number | null
  p90: number | null
}

/** A window's calendar, before coverage. */
export interface Span {
  from: number
  to: number
  days: number
  timezone: string
}

/**
 * "`7d`, `30d`, `90d` end at an instant (`asOf`) and start that many *calendar days* earlier at the same
 * wall-clock time in the service's time zone".
 */
export function span(name: string, asOf: string, timezone: string, note: Note): Span {
  const days = Number(/^(\d+)d$/.exec(name)?.[1])
  if (!Number.isInteger(days)) throw new Error(`not a window: ${name}`)
  const end = Temporal.Instant.from(asOf).toZonedDateTimeISO(timezone)
  const start = end.subtract({ days })
  if (start.offset !== end.offset) note('window: across a clock change')
  if (!start.toPlainTime().equals(end.toPlainTime())) note('window: from a local time that does not exist')
  return { from: start.epochMilliseconds, to: end.epochMilliseconds, days, timezone }
}

/** An entry of the report with what was found for it, and since when it is observed (null: never). */
export interface Observed {
  entry: Entry
  since: number | null
  recoveries: Map<Story, Recovery>
}

/** The covered part of a window: where it begins, and its length in days. Null: no coverage. */
function covered(window: Span, since: number | null): { from: number; days: number } | null {
  if (since === null || since >= window.to) return null
  // "A window covered from end to end covers its calendar days, whatever their hours; the covered part of
  // one that starts before the data is counted in days of 24 h."
  if (since <= window.from) return { from: window.from, days: window.days }
  return { from: since, days: (window.to - since) / dayMs }
}

/**
 * The report of one window over one or several entries: pooled samples, "never … averages of medians";
 * "A deployment and an incident count once each". Null where nothing is covered.
 */
export function windowReport(
  observed: Observed[],
  incidents: Attributed[],
  window: Span,
  level: { edition: '2023' | '2021'; isService: boolean },
  note: Note,
): WindowReport | null {
  const parts = observed.flatMap((one) => {
    const coverage = covered(window, one.since)
    return coverage === null ? [] : [{ ...one, coverage }]
  })
  // "a team is covered as long as the longest covered of its services"
  const coverageDays = Math.max(...parts.map((part) => part.coverage.days))
  if (parts.length === 0) {
    note('window: not covered')
    return null
  }
  note(coverageDays === window.days ? 'window: covered' : 'window: covered in part')

  // A service that nothing covers yet is in the pool, too, and says what it does with bots.
  const pool = observed.filter(({ since }) => since !== null).map(({ entry }) => entry.settings)
  const stories: { story: Story; part: (typeof parts)[number] }[] = []
  for (const part of parts) {
    for (const story of part.entry.stories) {
      // "Half-open `[from, to)`. A deployment belongs to the window in which it **finished**". "Facts from
      // before `since` … count in no window."
      if (story.finishedAt < part.coverage.from || story.finishedAt >= window.to) continue
      stories.push({ story, part })
    }
  }
  const count = (holds: (story: Story) => boolean) => stories.filter(({ story }) => holds(story)).length
  const successful = count((story) => story.success)
  const failed = count(hasFailed)
  const rework = count((story) => story.isRework)
  const localDays = new Set(
    stories
      .filter(({ story }) => story.success)
      .map(({ story }) =>
        Temporal.Instant.fromEpochMilliseconds(story.finishedAt)
          .toZonedDateTimeISO(window.timezone)
          .toPlainDate()
          .toString(),
      ),
  )

  const leadTimes = stories.flatMap(({ story }) => story.leadTimes)
  const leadTime = {
    n: leadTimes.length,
    p50: seconds(leadTimes, 0.5),
    p90: seconds(leadTimes, 0.9),
    p95: seconds(leadTimes, 0.95),
    bots: labelOf('leadTime', pool),
    excludedBots: stories.reduce((sum, { story }) => sum + story.excludedBots, 0),
  }
  const recoveryTime = recoveryOf(stories, note)
  const changeFailRate = rate(failed, stories.length)
  const deploymentFrequency = successful / coverageDays

  return {
    from: new Date(window.from).toISOString(),
    to: new Date(window.to).toISOString(),
    coverageDays,
    deployments: stories.length,
    successful,
    failed,
    rework,
    rollbacks: count((story) => story.isRollback),
    deploymentDays: localDays.size,
    deploymentFrequency,
    leadTime,
    changeFailRate,
    recoveryTime,
    reworkRate: rate(rework, stories.length),
    incidents: incidentsOf(parts, incidents, window),
    ...flowReport(
      parts.map((part) => ({
        entry: part.entry,
        from: part.coverage.from,
        stories: stories.filter((one) => one.part === part).map(({ story }) => story),
      })),
      window,
      { days: coverageDays, pool },
    ),
    bands: bands(level.edition, {
      // "There is no frequency band above the service"
      deploymentFrequency: level.isService ? deploymentFrequency : null,
      leadTime: leadTime.p50,
      changeFailRate: changeFailRate.value,
      recoveryTime: recoveryTime.p50,
    }),
  }
}

/** Milliseconds in, seconds out. */
function seconds(samples: number[], share: number): number | null {
  const value = percentile(samples, share)
  return value === null ? null : value / 1000
}

function spread(samples: number[]): Spread {
  return { n: samples.length, p50: seconds(samples, 0.5), p90: seconds(samples, 0.9) }
}

/** Each failed deployment is a sample, open or unknown, "so that n + open + unknown = failed". */
function recoveryOf(stories: { story: Story; part: Observed }[], note: Note): WindowReport['recoveryTime'] {
  const leading: number[] = []
  const fromDeployment: number[] = []
  let open = 0
  let unknown = 0
  for (const { story, part } of stories) {
    const recovery = part.recoveries.get(story)
    if (recovery === undefined) continue
    if (recovery.state === 'open') open += 1
    if (recovery.state === 'unknown') unknown += 1
    if (recovery.state !== 'recovered') continue
    // "The clock from the deployment's finish is kept beside it (`fromDeployment`, with its own n: a recovery
    // that ended before the rollout did is none of its samples)"
    const sinceFinish = recovery.to - story.finishedAt
    if (sinceFinish >= 0) fromDeployment.push(sinceFinish)
    else note('recovery: before the rollout ended')
    // "which one leads is configurable (`recoveryClock: impact | deployment`, default impact)"
    if (part.entry.settings.recoveryClock === 'impact') leading.push(recovery.to - recovery.from)
    else {
      note('recovery: the deployment clock leads')
      if (sinceFinish >= 0) leading.push(sinceFinish)
      else unknown += 1
    }
  }
  return { ...spread(leading), open, unknown, fromDeployment: spread(fromDeployment) }
}

/** "an incident [belongs] to the [window] in which it **started**"; it counts once however many it concerns. */
function incidentsOf(
  parts: (Observed & { coverage: { from: number } })[],
  incidents: Attributed[],
  window: Span,
): WindowReport['incidents'] {
  const counts = (attributed: Attributed, part: (typeof parts)[number]) => {
    const startedAt = at(attributed.incident.startedAt)
    return (
      attributed.concerned.includes(part.entry) && startedAt >= part.coverage.from && startedAt < window.to
    )
  }
  const within = incidents.filter((one) => parts.some((part) => counts(one, part)))
  // What an incident did to a service is told by that service, where the incident counts for it.
  const failedIn = (one: Attributed, { entry }: (typeof parts)[number]) =>
    parts.some(
      (part) =>
        part.entry.settings.name === entry.settings.name &&
        one.failed.some((story) => part.entry.stories.includes(story)),
    )
  return {
    started: within.length,
    attributed: within.filter((one) => parts.some((part) => counts(one, part) && failedIn(one, part))).length,
    recoveryTime: spread(within.flatMap((one) => recoveryOfIncident(one.incident))),
  }
}

/** "**Incident recovery time** over all incidents (attributed or not)": none while open, none if negative. */
function recoveryOfIncident(incident: IncidentFact): number[] {
  if (incident.resolvedAt === undefined) return []
  const duration = at(incident.resolvedAt) - at(incident.startedAt)
  return duration < 0 ? [] : [duration]
}
