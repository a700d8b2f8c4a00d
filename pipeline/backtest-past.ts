import type { History } from '../alerts/history.ts'
import { metricOf, type MetricField } from '../alerts/metrics.ts'
import { keyOf, type Subject } from '../alerts/observation.ts'
import type { Rule } from '../alerts/rule.ts'
import { hourMs } from '../core/calendar.ts'
import { fieldText } from '../core/field-names.ts'
import { lowerBound } from '../core/statistics.ts'
import type { OutboxPoint, Store } from '../store/store.ts'
import { hourOf } from '../transforms/window-points.ts'
import { inOneZone, type Owners } from './owners.ts'
import { tagsOf } from './slot-points.ts'
import { sampleOf, storedHistory } from './stored-history.ts'

/** The points that a rule is tried on, of all subjects whose days end at the same time. */
export interface PastPoints {
  timezone: string
  /** The instants in the span at which there are points. */
  slots: number[]
  /** The store, with these points at hand: what the engine asks for hour by hour is answered from memory. */
  store: Store
  history: History
}

export interface PastAsked {
  /** The span that is tried. Epoch ms, both included. */
  from: number
  to: number
  /** Only this service. */
  service?: string | undefined
  owners: Owners
}

/** Of each zone, the points by their instants. */
type Zones = Map<string, Map<number, OutboxPoint[]>>

/**
 * Reads what a rule needs in one pass, a series after the other, and keeps the fields that it reads: a year of a
 * thousand services is some dozen megabytes. Of a rule that compares all that is stored is read, and other windows
 * when they are asked for.
 */
export async function readPast(store: Store, rule: Rule, asked: PastAsked): Promise<PastPoints[]> {
  const { measurement } = metricOf(rule.metric)
  // How the pipeline is doing is told at the end of a pass, and evaluated as of its hour.
  const isOfPasses = measurement === 'dora_pipeline'
  const span = { from: rule.isRelative ? 0 : asked.from, to: isOfPasses ? asked.to + hourMs - 1 : asked.to }
  const zones: Zones = new Map()
  await addWindow(zones, store, rule, { ...asked, ...span })
  const windows = new Set([rule.windowDays])
  const samples = samplesOf(store, asked.owners, asked.to)
  return [...zones].map(([timezone, instants]) => {
    const slots = new Set([...instants.keys()].map((at) => (isOfPasses ? hourOf(at) : at)))
    const standing: Store['points']['standing'] = (place) =>
      place.measurement === measurement
        ? Promise.resolve(instants.get(place.at) ?? [])
        : store.points.standing(place)
    const past = { ...store, points: { ...store.points, standing } }
    let known = storedHistory(past, inOneZone(timezone))
    return {
      timezone,
      slots: [...slots].filter((at) => at >= asked.from).sort((a, b) => a - b),
      store: past,
      history: {
        async at(other, instant) {
          if (!windows.has(other.windowDays)) {
            windows.add(other.windowDays)
            await addWindow(zones, store, other, { ...asked, ...span })
            known = storedHistory(past, inOneZone(timezone))
          }
          return known.at(other, instant)
        },
        samples,
      },
    }
  })
}

async function addWindow(
  zones: Zones,
  store: Store,
  { metric: name, windowDays }: Rule,
  { from, to, service: only, owners }: PastAsked,
): Promise<void> {
  const metric = metricOf(name)
  const names = [...Object.values(metric.fields), metric.n, metric.count].filter(
    (field) => field !== undefined,
  )
  const window = windowDays === undefined ? undefined : `${windowDays}d`
  const tags: [string, string | undefined] = only === undefined ? ['window', window] : ['service', only]
  const [tagName, tagValue] = tags
  const found = store.points.scan(metric.measurement, {
    ...(tagValue === undefined ? {} : { tag: [tagName, tagValue] }),
    from,
    to,
  })
  for await (const { series, points } of found) {
    const { service = '*', window: own } = tagsOf(series)
    if (window !== undefined && own !== window) continue
    const timezone = owners.zoneOf(service)
    let instants = zones.get(timezone)
    if (!instants) zones.set(timezone, (instants = new Map()))
    for (const { at, fields } of points) {
      const point = { rev: 0, series, at, nanos: 0, losses: 0, fields: withOnly(fields, names) }
      const others = instants.get(at)
      if (others) others.push(point)
      else instants.set(at, [point])
    }
  }
}

/** What a number is made of: instants and values, in order. */
interface Samples {
  instants: Float64Array
  values: Float64Array
}

/** What numbers are made of, read once for each subject that is asked for, and kept as bare numbers. */
function samplesOf(store: Store, owners: Owners, until: number): History['samples'] {
  const kept = new Map<string, Promise<Samples>>()
  return async (rule, subject, from, to) => {
    const { samples } = metricOf(rule.metric)
    if (samples === undefined) return undefined
    const key = keyOf(rule.metric, subject)
    let whole = kept.get(key)
    if (!whole) kept.set(key, (whole = readSamples(store, owners, { samples, subject, until })))
    const { instants, values } = await whole
    return values.subarray(lowerBound(instants, from), lowerBound(instants, to))
  }
}

async function readSamples(
  store: Store,
  owners: Owners,
  {
    samples,
    subject,
    until,
  }: { samples: NonNullable<MetricField['samples']>; subject: Subject; until: number },
): Promise<Samples> {
  const found: [at: number, value: number][] = []
  for (const service of await owners.servicesOf(subject)) {
    for (const point of await store.points.between(samples.measurement, ['service', service], 0, until + 1)) {
      const value = sampleOf(point, samples, subject.environment)
      if (value !== undefined) found.push([point.at, value])
    }
  }
  found.sort(([a], [b]) => a - b)
  return {
    instants: Float64Array.from(found, ([at]) => at),
    values: Float64Array.from(found, ([, value]) => value),
  }
}

/** A point without the fields that nobody reads. Joined, for a piece of the text would keep the whole of it. */
function withOnly(fields: string, names: readonly string[]): string {
  const kept: string[] = []
  for (const name of names) {
    const value = fieldText(fields, name)
    if (value !== undefined) kept.push(name, '=', value, ',')
  }
  kept.pop()
  return kept.join('')
}
