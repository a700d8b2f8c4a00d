import type { History } from '../alerts/history.ts'
import { metricOf } from '../alerts/metrics.ts'
import type { SlotPoints } from '../alerts/observation.ts'
import { calendarOf, dayMs } from '../core/calendar.ts'
import { fieldText } from '../core/field-names.ts'
import type { Store } from '../store/store.ts'
import { readable, slotPoints, tagsOf } from './slot-points.ts'

/** How many slots are kept at hand: rules with the same window compare with the same ones, a dozen for deviations. */
const slotsKept = 16

/** The past as the store has it now: restated where facts came late. */
export function storedHistory(store: Store, timezone: string): History {
  const slots = new Map<string, Promise<SlotPoints>>()
  return {
    at(rule, instant) {
      const { measurement } = metricOf(rule.metric)
      const key = `${measurement} ${instant}`
      const kept = slots.get(key)
      if (kept) return kept
      const points =
        measurement === 'dora_quality'
          ? qualityPoints(store, timezone, instant)
          : slotPoints(store, [rule], instant, timezone)
      if (slots.size >= slotsKept) slots.delete(slots.keys().next().value!)
      slots.set(key, points)
      return points
    },
    async samples(rule, { service, environment }, from, to) {
      const { samples } = metricOf(rule.metric)
      if (samples === undefined) return undefined
      const { measurement, field, ones } = samples
      const points = await store.points.between(measurement, ['service', service], from, to)
      const values: number[] = []
      for (const { series, fields } of points) {
        // Incidents have no environment: they are of the service.
        const { environment: own = environment } = tagsOf(series)
        if (environment !== '*' && own !== environment) continue
        // What is excluded, such as changes by bots, is in no percentile.
        if (fieldText(fields!, 'excluded') !== undefined) continue
        const value = fieldText(fields!, field)
        if (value !== undefined) values.push(ones ? Number(ones.includes(value)) : Number.parseFloat(value))
      }
      return Float64Array.from(values)
    },
  }
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
