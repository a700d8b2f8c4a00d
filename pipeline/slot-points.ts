import { metricOf } from '../alerts/metrics.ts'
import type { SlotPoint, SlotPoints } from '../alerts/observation.ts'
import type { Rule } from '../alerts/rule.ts'
import { calendarOf, hourMs } from '../core/calendar.ts'
import { fieldText } from '../core/field-names.ts'
import { decodeSeries } from '../core/line-protocol.ts'
import type { OutboxPoint, Store } from '../store/store.ts'
import { hourOf } from '../transforms/window-points.ts'
import type { Owners } from './owners.ts'

/** How far back the last point of a measurement is looked for that is not written every hour. */
const lookBackDays = 8

/** The stored points that these rules read at a slot: those of its full hour, and the last ones of what is written less often. */
export async function slotPoints(
  store: Store,
  rules: readonly Rule[],
  slot: number,
  owners: Pick<Owners, 'zones' | 'zoneOf'>,
): Promise<SlotPoints> {
  const measurements = new Set(rules.map((rule) => metricOf(rule.metric).measurement))
  const found = new Map<string, readonly SlotPoint[]>()
  for (const measurement of measurements) {
    const points = await pointsOf(store, measurement, slot, owners)
    found.set(measurement, points.map(readable))
  }
  return byWindow(found)
}

/** Points by measurement, and by window where one is asked for: they are parted once, and not for every rule. */
export function byWindow(points: ReadonlyMap<string, readonly SlotPoint[]>): SlotPoints {
  const parted = new Map<string, Map<string | undefined, SlotPoint[]>>()
  return {
    of(measurement, window) {
      const all = points.get(measurement) ?? []
      if (window === undefined) return all
      let windows = parted.get(measurement)
      if (!windows) parted.set(measurement, (windows = Map.groupBy(all, ({ tags }) => tags['window'])))
      return windows.get(window) ?? []
    },
  }
}

async function pointsOf(
  store: Store,
  measurement: string,
  slot: number,
  { zones, zoneOf }: Pick<Owners, 'zones' | 'zoneOf'>,
): Promise<OutboxPoint[]> {
  // How the pipeline is doing is told at the end of a pass; what nobody finds any more is written once, as nothing.
  if (measurement === 'dora_pipeline' || measurement === 'dora_quality')
    return store.points.latest(measurement, slot + hourMs - 1)
  const read = new Map<number, ReadonlyMap<string, OutboxPoint[]>>()
  /** Of all whose days end in a zone. */
  async function standingAt(at: number, zone: string): Promise<OutboxPoint[]> {
    let byZone = read.get(at)
    if (!byZone) {
      const points = await store.points.standing({ measurement, at, nanos: 0 })
      byZone =
        zones.length === 1
          ? new Map([[zone, points]])
          : Map.groupBy(points, ({ series }) => zoneOf(tagsOf(series)['service'] ?? '*'))
      read.set(at, byZone)
    }
    return byZone.get(zone) ?? []
  }
  const found: OutboxPoint[][] = []
  for (const zone of zones) {
    for (const at of timesOf(measurement, slot, zone)) {
      const points = await standingAt(at, zone)
      if (points.length === 0) continue
      found.push(points)
      break
    }
  }
  return found.flat()
}

/** Where the last points of a measurement may be: windows and states are written at every full hour, or a day ended with it. */
function timesOf(measurement: string, slot: number, zone: string): ReadonlySet<number> {
  const calendar = calendarOf(zone)
  const day = calendar.dayOf(slot)
  const days = measurement === 'dora_flow' ? lookBackDays : 0
  const earlier = Array.from({ length: days }, (_, index) => calendar.daysBefore(day, index + 1))
  return new Set([hourOf(slot), day, ...earlier])
}

/** A stored point as rules read it. */
export function readable({ series, fields }: OutboxPoint): SlotPoint {
  return {
    tags: tagsOf(series),
    number(field) {
      const text = fieldText(fields!, field)
      // An integer ends in i, which no number does.
      return text === undefined ? undefined : Number.parseFloat(text)
    },
  }
}

const remembered = new Map<string, Readonly<Record<string, string>>>()

/** The tags of a series; remembered, for it is the same series hour after hour. */
export function tagsOf(series: string): Readonly<Record<string, string>> {
  let tags = remembered.get(series)
  if (!tags) {
    if (remembered.size > 100_000) remembered.clear()
    tags = decodeSeries(series).tags
    remembered.set(series, tags)
  }
  return tags
}
