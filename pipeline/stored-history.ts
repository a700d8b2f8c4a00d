import type { History } from '../alerts/history.ts'
import { metricOf, type MetricField } from '../alerts/metrics.ts'
import type { SlotPoints } from '../alerts/observation.ts'
import { calendarOf, dayMs } from '../core/calendar.ts'
import { fieldText } from '../core/field-names.ts'
import type { OutboxPoint, Store } from '../store/store.ts'
import type { Owners } from './owners.ts'
import { readable, slotPoints, tagsOf } from './slot-points.ts'

/** How many slots are kept at hand: rules with the same window compare with the same ones, a dozen for deviations. */
const slotsKept = 16

/** The past as the store has it now: restated where facts came late. */
export function storedHistory(store: Store, owners: Owners): History {
  const slots = new Map<string, Promise<SlotPoints>>()
  return {
    at(rule, instant) {
      const { measurement } = metricOf(rule.metric)
      const key = `${measurement} ${instant}`
      const kept = slots.get(key)
      if (kept) return kept
      const points =
        measurement === 'dora_quality'
          ? qualityPoints(store, owners.zones[0]!, instant)
          : slotPoints(store, [rule], instant, owners)
      if (slots.size >= slotsKept) slots.delete(slots.keys().next().value!)
      slots.set(key, points)
      return points
    },
    async samples(rule, subject, from, to) {
      const { samples } = metricOf(rule.metric)
      if (samples === undefined) return undefined
      const values: number[] = []
      for (const service of await owners.servicesOf(subject)) {
        const points = await store.points.between(samples.measurement, ['service', service], from, to)
        for (const point of points) {
          const value = sampleOf(point, samples, subject.environment)
          if (value !== undefined) values.push(value)
        }
      }
      return Float64Array.from(values)
    },
  }
}

/** What a point counts for among the samples of a metric in an environment; undefined where it is none. */
export function sampleOf(
  { series, fields }: OutboxPoint,
  { field, ones }: NonNullable<MetricField['samples']>,
  environment: string,
): number | undefined {
  // Incidents have no environment: they are of the service.
  const { environment: own = environment } = tagsOf(series)
  if (environment !== '*' && own !== environment) return undefined
  const value = fieldText(fields!, field)
  // What is excluded, such as changes by bots, is in no percentile.
  if (value === undefined || fieldText(fields!, 'excluded') !== undefined) return undefined
  return ones ? Number(ones.includes(value)) : Number.parseFloat(value)
}

async function qualityPoints(store: Store, timezone: string, instant: number): Promise<SlotPoints> {
  const found = (await store.points.latest('dora_quality', endOfDay(timezone, instant))).map(readable)
  return { of: (measurement) => (measurement === 'dora_quality' ? found : []) }
}

/** Of the findings of a day those of its last hour are kept, or of an earlier day, where none changed since. */
function endOfDay(timezone: string, instant: number): number {
  const [next] = calendarOf(timezone).midnights(instant + 1, instant + 2 * dayMs)
  return next! - 1
}
