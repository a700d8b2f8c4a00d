import { metricOf } from '../alerts/metrics.ts'
import type { Rule } from '../alerts/rule.ts'
import { fieldText } from '../core/field-names.ts'
import { lowerBound } from '../core/statistics.ts'
import type { OutboxPoint, Store } from '../store/store.ts'
import { tagsOf } from './slot-points.ts'

/** The points that a rule is tried on, of all subjects whose days end at the same time. */
export interface PastPoints {
  timezone: string
  /** The instants in the span at which there are points. */
  slots: number[]
  /** The store, with these points at hand: what the engine asks for hour by hour is answered from memory. */
  store: Store
}

export interface PastAsked {
  /** The span that is tried. Epoch ms, both included. */
  from: number
  to: number
  /** Only this service. */
  service?: string | undefined
  /** The zone in which the days of a service end, or of pools (`*`). */
  timezoneOf(service: string): string
}

/**
 * Reads what a rule needs in one pass, a series after the other, and keeps the fields that it reads: a year of a
 * thousand services is some dozen megabytes. Where the rule compares, all windows are read from the beginning.
 */
export async function readPast(store: Store, rule: Rule, asked: PastAsked): Promise<PastPoints[]> {
  const metric = metricOf(rule.metric)
  const { measurement } = metric
  const names = [...Object.values(metric.fields), metric.n, metric.count].filter((name) => name !== undefined)
  const zones = new Map<string, Map<number, OutboxPoint[]>>()
  const isOfWindow = rule.windowDays !== undefined && !rule.isRelative
  const found = store.points.scan(measurement, {
    ...(isOfWindow ? { tag: ['window', `${rule.windowDays}d`] as [string, string] } : {}),
    from: rule.isRelative ? 0 : asked.from,
    to: asked.to,
  })
  for await (const { series, points } of found) {
    const { service = '*' } = tagsOf(series)
    if (asked.service !== undefined && service !== asked.service) continue
    const timezone = asked.timezoneOf(service)
    let instants = zones.get(timezone)
    if (!instants) zones.set(timezone, (instants = new Map()))
    for (const { at, fields } of points) {
      const point = { rev: 0, series, at, nanos: 0, losses: 0, fields: only(fields, names) }
      const others = instants.get(at)
      if (others) others.push(point)
      else instants.set(at, [point])
    }
  }
  const between = samplesOf(store, rule, asked.to)
  return [...zones].map(([timezone, instants]) => ({
    timezone,
    slots: [...instants.keys()].filter((at) => at >= asked.from).sort((a, b) => a - b),
    store: {
      ...store,
      points: {
        ...store.points,
        between,
        standing: (place) =>
          place.measurement === measurement
            ? Promise.resolve(instants.get(place.at) ?? [])
            : store.points.standing(place),
      },
    },
  }))
}

/** What numbers are made of, read once for each service that is asked for. */
function samplesOf(store: Store, rule: Rule, until: number): Store['points']['between'] {
  const { samples } = metricOf(rule.metric)
  const kept = new Map<string, Promise<{ points: OutboxPoint[]; instants: number[] }>>()
  return async (measurement, tag, from, to) => {
    if (measurement !== samples?.measurement) return store.points.between(measurement, tag, from, to)
    const key = tag.join('=')
    let whole = kept.get(key)
    if (!whole) kept.set(key, (whole = readSamples(store, measurement, tag, until, samples.field)))
    const { points, instants } = await whole
    return points.slice(lowerBound(instants, from), lowerBound(instants, to))
  }
}

async function readSamples(
  store: Store,
  measurement: string,
  tag: [name: string, value: string],
  until: number,
  field: string,
) {
  const found = await store.points.between(measurement, tag, 0, until + 1)
  const points = found
    .map((point) => ({ ...point, fields: only(point.fields!, [field, 'excluded']) }))
    .sort((a, b) => a.at - b.at)
  return { points, instants: points.map(({ at }) => at) }
}

/** A point without the fields that nobody reads. */
function only(fields: string, names: readonly string[]): string {
  let text = ''
  for (const name of names) {
    const value = fieldText(fields, name)
    if (value !== undefined) text += `${text === '' ? '' : ','}${name}=${value}`
  }
  return text
}
