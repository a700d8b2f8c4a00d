import type { Alert } from '../alerts/message.ts'
import { isMuteTime, type MuteTime } from '../alerts/mute.ts'
import type { AlertSettings } from '../alerts/settings.ts'
import type { Silence } from '../alerts/silence.ts'
import { calendarOf } from '../core/calendar.ts'
import type { AlertStore } from '../store/alert-store.ts'
import { storedInstances } from './evaluate-slot.ts'
import { quietOf, type QuietReason } from './alerts-quiet.ts'
import type { Pipeline } from './refresh.ts'
import { readSilences } from './silences.ts'
import { teamZones } from './team-zones.ts'
import { toldAlert } from './told-alerts.ts'

/** An alert that fires, or will if what it is about goes on. */
export interface ListedAlert {
  state: 'firing' | 'recovering' | 'pending'
  alert: Alert
  /** Since when it fires; of one that is pending, since when it is past its threshold. Epoch ms. */
  since: number
  /** What would keep it from being told now. */
  quiet: QuietReason[]
}

/** How alerts stand, as of the last evaluation. */
export interface AlertStatus {
  /** The slot that was evaluated last; null where none was. */
  slot: number | null
  alerts: ListedAlert[]
  /** Those that hold now or later. */
  silences: Silence[]
  muteTimes: { name: string; activeIn: string[] }[]
  channels: Awaited<ReturnType<AlertStore['outbox']>>
}

type Asked = Pick<Pipeline, 'store' | 'derivation' | 'extractors'>

/** Reads what was evaluated; what is kept quiet is told as of `now`. */
export async function alertStatus(
  pipeline: Asked,
  settings: AlertSettings,
  now: number,
): Promise<AlertStatus> {
  const { store } = pipeline
  const listed = await listedAlerts(pipeline, settings)
  const firing = listed.filter(({ state }) => state !== 'pending').map(({ alert }) => alert)
  const { reasonsOf } = await quietOf(pipeline, settings, firing, now)
  return {
    slot: (await store.alerts.lastSlot()) ?? null,
    alerts: listed.map((each) => ({ ...each, quiet: reasonsOf(each.alert) })),
    silences: (await readSilences(store.alerts)).filter(({ until }) => until > now),
    muteTimes: (settings.muteTimes ?? []).map((mute) => ({
      name: mute.name,
      activeIn: zonesOf(pipeline, mute).filter((zone) => isMuteTime(mute, now, calendarOf(zone))),
    })),
    channels: await store.alerts.outbox(),
  }
}

/** What is stored of alerts that fire or are pending, as they would be told. */
export async function listedAlerts(
  pipeline: Pick<Asked, 'store' | 'derivation'>,
  settings: AlertSettings,
): Promise<Omit<ListedAlert, 'quiet'>[]> {
  const byName = new Map(settings.rules.map((rule) => [rule.name, rule]))
  const listed: Omit<ListedAlert, 'quiet'>[] = []
  for (const instance of (await storedInstances(pipeline.store)).values()) {
    const rule = byName.get(instance.rule)
    const { state, activeSince, firedAt, at } = instance.state
    // Of a rule that is no more, the next evaluation ends what fires.
    if (rule === undefined || state === 'inactive') continue
    const alert = toldAlert(pipeline, settings, rule, instance)
    listed.push({ state, alert, since: (state === 'pending' ? activeSince : firedAt) ?? at })
  }
  return listed
}

function zonesOf({ derivation: { catalogue, timezone } }: Asked, mute: MuteTime): readonly string[] {
  return mute.timezone === undefined ? teamZones(catalogue, timezone).all : [mute.timezone]
}
