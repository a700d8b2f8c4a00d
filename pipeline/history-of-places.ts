import type { History } from '../alerts/history.ts'
import { metricOf } from '../alerts/metrics.ts'
import type { SlotPoints } from '../alerts/observation.ts'
import { placeOf } from './as-told.ts'

/** The past windows of some subjects only: little enough to be kept at hand, where the same days are asked for again and again. */
export function historyOfPlaces(history: History, places: ReadonlySet<string>): History {
  const slots = new Map<string, Promise<SlotPoints>>()
  return {
    at(rule, instant) {
      const { measurement } = metricOf(rule.metric)
      const key = `${measurement} ${rule.windowDays} ${instant}`
      const kept = slots.get(key)
      if (kept) return kept
      const points = history.at(rule, instant).then((all) => {
        const found = all
          .of(measurement, `${rule.windowDays}d`)
          .filter(({ tags }) => places.has(placeOf(tags)))
        return { of: (wanted: string) => (wanted === measurement ? found : []) }
      })
      slots.set(key, points)
      return points
    },
    samples: (rule, subject, from, to) => history.samples(rule, subject, from, to),
  }
}
