import type { History } from '../alerts/history.ts'
import { metricOf } from '../alerts/metrics.ts'
import { calendarOf, dayMs } from '../core/calendar.ts'
import { fieldTexts } from '../core/field-names.ts'
import type { Store } from '../store/store.ts'
import { readable, slotPoints } from './slot-points.ts'

/** The past as the store has it now: restated where facts came late. */
export function storedHistory(store: Store, timezone: string): History {
  return {
    async at(rule, instant) {
      if (rule.metric !== 'qualityFindings') return slotPoints(store, [rule], instant, timezone)
      const found = (await store.points.latest('dora_quality', endOfDay(timezone, instant))).map(readable)
      return { of: (measurement) => (measurement === 'dora_quality' ? found : []) }
    },
    async samples(rule, { service, environment }, from, to) {
      const { samples } = metricOf(rule.metric)
      if (samples === undefined) return undefined
      const { measurement, field, ones } = samples
      const points = await store.points.between(measurement, ['service', service], from, to)
      const texts = points
        .filter(({ series }) => environment === '*' || series.includes(`,environment=${environment},`))
        .map(({ fields }) => fieldTexts(fields!))
      // What is excluded, such as changes by bots, is in no percentile.
      const values = texts.filter((each) => !each.has('excluded')).map((each) => each.get(field))
      const known = values.filter((value) => value !== undefined)
      return Float64Array.from(known, (value) =>
        ones ? Number(ones.includes(value)) : Number.parseFloat(value),
      )
    },
  }
}

/** Of the findings of a day those of its last hour are kept, or of an earlier day, where none changed since. */
function endOfDay(timezone: string, instant: number): number {
  const [next] = calendarOf(timezone).midnights(instant + 1, instant + 2 * dayMs)
  return next! - 1
}
