import type { History } from '../alerts/history.ts'
import { metricOf } from '../alerts/metrics.ts'
import type { SlotPoints } from '../alerts/observation.ts'
import { fieldText } from '../core/field-names.ts'
import type { Store } from '../store/store.ts'
import { slotPoints } from './slot-points.ts'

/** How many slots are kept at hand: rules with the same window compare with the same one. */
const slotsKept = 4

/** The past as the store has it now: restated where facts came late. */
export function storedHistory(store: Store, timezone: string): History {
  const slots = new Map<string, Promise<SlotPoints>>()
  return {
    at(rule, instant) {
      const key = `${metricOf(rule.metric).measurement} ${instant}`
      const kept = slots.get(key)
      if (kept) return kept
      const points = slotPoints(store, [rule], instant, timezone)
      if (slots.size >= slotsKept) slots.delete(slots.keys().next().value!)
      slots.set(key, points)
      return points
    },
    async samples(rule, { service, environment }, from, to) {
      const { samples } = metricOf(rule.metric)
      if (samples === undefined) return undefined
      const points = await store.points.between(samples.measurement, ['service', service], from, to)
      const values: number[] = []
      for (const { series, fields } of points) {
        if (environment !== '*' && !series.includes(`,environment=${environment},`)) continue
        // What is excluded, such as changes by bots, is in no percentile.
        if (fieldText(fields!, 'excluded') !== undefined) continue
        const value = fieldText(fields!, samples.field)
        if (value !== undefined) values.push(Number.parseFloat(value))
      }
      return Float64Array.from(values)
    },
  }
}
