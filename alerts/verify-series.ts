import { metricOf, type MetricName } from './metrics.ts'
import type { SlotPoint, SlotPoints } from './observation.ts'
import type { Cell } from './verify-values.ts'

/** A made-up series: a metric of a subject, value by value. */
export interface TrialSeries {
  metric: MetricName
  aggregate: string
  windowDays: number | undefined
  service?: string | undefined
  team?: string | undefined
  environment?: string | undefined
  workflow?: string | undefined
  source?: string | undefined
  kind?: string | undefined
  cells: readonly Cell[]
  /** What the values are made of, where they do not say it; one number stands for all. */
  counts: readonly (number | undefined)[] | undefined
}

function madeOf({ cells, counts }: TrialSeries, index: number): number | undefined {
  const cell = cells[index]
  return (typeof cell === 'object' ? cell.n : undefined) ?? counts?.[counts.length === 1 ? 0 : index]
}

/** Series that are one and the same, or say of the same point that it counts different numbers. */
export function clashesAmong(series: readonly TrialSeries[]): { index: number; message: string }[] {
  const clashes: { index: number; message: string }[] = []
  const places = series.map((each) => JSON.stringify(tagsOf(each)))
  for (const [index, each] of series.entries()) {
    const metric = metricOf(each.metric)
    for (const [earlier, other] of series.slice(0, index).entries()) {
      if (places[earlier] !== places[index]) continue
      if (other.metric === each.metric && other.aggregate === each.aggregate) {
        clashes.push({ index, message: `is the same series as series[${earlier}]` })
        continue
      }
      const theirs = metricOf(other.metric)
      if (metric.n === undefined || theirs.n !== metric.n || theirs.measurement !== metric.measurement)
        continue
      const at = each.cells.findIndex((_, step) => {
        const [own, others] = [madeOf(each, step), madeOf(other, step)]
        return own !== undefined && others !== undefined && own !== others
      })
      if (at === -1) continue
      const numbers = `${madeOf(each, at)} and in series[${earlier}] ${madeOf(other, at)}`
      clashes.push({ index, message: `value ${at + 1} is of ${numbers}: both count the same` })
    }
  }
  return clashes
}

/** What the series say together, each at its value of that number. */
export function pointsOf(series: readonly TrialSeries[], index: number): SlotPoints {
  const points = new Map<string, SlotPoint & { measurement: string; fields: Map<string, number> }>()
  for (const each of series) {
    const cell = each.cells[index]
    if (cell === undefined) continue
    const metric = metricOf(each.metric)
    const tags = tagsOf(each)
    const key = JSON.stringify([metric.measurement, tags])
    let point = points.get(key)
    if (!point) {
      const fields = new Map<string, number>()
      point = { measurement: metric.measurement, tags, fields, number: (field) => fields.get(field) }
      points.set(key, point)
    }
    if (cell === 'held') continue
    const n = madeOf(each, index)
    const count = cell.count ?? (n === undefined ? undefined : Math.round(cell.value * n))
    if (!Number.isNaN(cell.value)) point.fields.set(metric.fields[each.aggregate]!, cell.value)
    if (metric.n !== undefined && n !== undefined) point.fields.set(metric.n, n)
    if (metric.count !== undefined && count !== undefined) point.fields.set(metric.count, count)
  }
  return { of: (measurement) => [...points.values()].filter((point) => point.measurement === measurement) }
}

/** The tags that the pipeline gives such a point. */
export function tagsOf(series: TrialSeries): Readonly<Record<string, string>> {
  const { measurement, tags = {} } = metricOf(series.metric)
  if (measurement === 'dora_pipeline') return { ...tags, source: series.source! }
  const { service = '*', team = service === '*' ? '*' : 'none' } = series
  const owner = { service, team }
  const window = series.windowDays === undefined ? {} : { window: `${series.windowDays}d` }
  if (measurement === 'dora_ci') return { ...owner, ...window, workflow: series.workflow ?? '*' }
  if (measurement === 'dora_quality') return { ...owner, kind: series.kind ?? 'unknown' }
  if (measurement === 'dora_flaky') return owner
  const environment = series.environment ?? (service === '*' ? '*' : 'production')
  return { environment, ...owner, ...window }
}
