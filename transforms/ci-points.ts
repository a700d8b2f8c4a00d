import { calendarOf } from '../core/calendar.ts'
import { encodeSeries } from '../core/line-protocol.ts'
import type { CiEvents } from './ci.ts'
import { ciSeries, type CiCoverage, type CiValue } from './ci-windows.ts'
import { all, type EncodedPoint } from './window-points.ts'
import type { Rate } from './measures.ts'

/** Whose CI: a service's, a team's or the organisation's, with the events of its repositories, clipped to coverage. */
export interface CiOwner {
  service: string
  team: string
  timezone: string
  coverage: CiCoverage
  /** Every workflow of every repository, each repository once. */
  events: readonly CiEvents[]
}

/**
 * The `dora_ci` points of an owner at the given ends: of all workflows together, and of a service also of each
 * workflow that ran in the longest of the windows.
 */
export function ciPoints(
  owner: CiOwner,
  windowsDays: readonly number[],
  ends: readonly number[],
): EncodedPoint[] {
  const points: EncodedPoint[] = []
  for (const { workflow, events } of workflowsOf(owner))
    addPoints(points, owner, workflow, events, windowsDays, ends)
  return points
}

/** The series of an owner: `*`, and of a service each workflow. */
export function workflowsOf({ service, events }: Pick<CiOwner, 'service' | 'events'>): {
  workflow: string
  events: readonly CiEvents[]
}[] {
  const together = { workflow: all, events }
  // What workflows of different services are called says nothing.
  if (service === all) return [together]
  const each = Map.groupBy(events, ({ workflow }) => workflow)
  return [together, ...[...each].map(([workflow, of]) => ({ workflow, events: of })).sort(byWorkflow)]
}

function byWorkflow(a: { workflow: string }, b: { workflow: string }): number {
  return a.workflow < b.workflow ? -1 : 1
}

export function ciSeriesName(
  owner: Pick<CiOwner, 'service' | 'team'>,
  workflow: string,
  days: number,
): string {
  const { service, team } = owner
  return encodeSeries('dora_ci', { service, team, window: `${days}d`, workflow })
}

function addPoints(
  points: EncodedPoint[],
  owner: CiOwner,
  workflow: string,
  events: readonly CiEvents[],
  windowsDays: readonly number[],
  ends: readonly number[],
): void {
  const calendar = calendarOf(owner.timezone)
  const lengths = windowsDays.toSorted((a, b) => b - a)
  const named = lengths.map((days) => ciSeriesName(owner, workflow, days))
  const asked = lengths.map((days) => ({ days, ends }))
  // A single window needs no order, and the shorter ones are a small part of the longest.
  const apart = ends.length === 1 ? asked.map((each) => [each]) : [asked]
  const values = apart.flatMap((each) => ciSeries(events, owner.coverage, each, calendar))
  for (const [index, at] of ends.entries()) {
    const told = values.map((valueOf) => valueOf(index))
    if (workflow !== all && (told[0]?.runs ?? 0) === 0) continue
    for (const [which, series] of named.entries()) {
      const value = told[which]
      if (!value) continue
      const point: EncodedPoint = { series, at, nanos: 0, fields: ciFields(value) }
      // Only the last can be the running day's: all others are midnights.
      if (index === ends.length - 1 && calendar.dayOf(at) !== at) point.passing = true
      points.push(point)
    }
  }
}

/**
 * The fields of `dora_ci` in line protocol, put together at once, for there are millions; a test compares them with
 * the general encoder. What is null is absent, and its n is there.
 */
export function ciFields({ runs, failed, reruns, coverageDays, ...value }: CiValue): string {
  const { duration, timeToGreen } = value
  return (
    `n=${runs}i,coverage_days=${coverageDays},runs=${runs}i,failed=${failed}i,reruns=${reruns}i` +
    rate('failure_rate', value.failureRate) +
    rate('rerun_rate', value.rerunRate) +
    `,duration_n=${duration.n}i${float('duration_p50_s', duration.p50)}${float('duration_p90_s', duration.p90)}` +
    `,time_to_green_n=${timeToGreen.n}i${float('time_to_green_p50_s', timeToGreen.p50)}` +
    `${float('time_to_green_p90_s', timeToGreen.p90)},time_to_green_red=${timeToGreen.red}i`
  )
}

function rate(name: string, { value, low, high }: Rate): string {
  return value === null ? '' : `,${name}=${value},${name}_low=${low},${name}_high=${high}`
}

function float(name: string, value: number | null): string {
  return value === null ? '' : `,${name}=${value}`
}
