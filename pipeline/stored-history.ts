import type { History } from '../alerts/history.ts'
import { metricOf } from '../alerts/metrics.ts'
import { fieldTexts } from '../core/field-names.ts'
import type { Store } from '../store/store.ts'
import { slotPoints } from './slot-points.ts'

/** The past as the store has it now: restated where facts came late. */
export function storedHistory(store: Store, timezone: string): History {
  return {
    at: (rule, instant) => slotPoints(store, [rule], instant, timezone),
    async samples(rule, { service, environment }, from, to) {
      const { samples } = metricOf(rule.metric)
      if (samples === undefined) return undefined
      const points = await store.points.between(samples.measurement, ['service', service], from, to)
      const texts = points
        .filter(({ series }) => environment === '*' || series.includes(`,environment=${environment},`))
        .map(({ fields }) => fieldTexts(fields!))
      // What is excluded, such as changes by bots, is in no percentile.
      const values = texts.filter((each) => !each.has('excluded')).map((each) => each.get(samples.field))
      return Float64Array.from(values.filter((value) => value !== undefined).map(Number.parseFloat))
    },
  }
}
