import { inhibitorsOf, type AlertKnowledge } from '../alerts/inhibit.ts'
import type { Alert } from '../alerts/message.ts'
import { isMuteTime } from '../alerts/mute.ts'
import { factsBehind } from '../alerts/needs.ts'
import { matches, routesOf, type Route } from '../alerts/route.ts'
import type { AlertSettings } from '../alerts/settings.ts'
import type { Silence } from '../alerts/silence.ts'
import { calendarOf } from '../core/calendar.ts'
import { concerns } from './observed.ts'
import type { Pipeline } from './refresh.ts'
import { readSilences } from './silences.ts'
import { teamZones } from './team-zones.ts'

/** What keeps an alert from being told. */
export type QuietReason =
  | { kind: 'silenced'; silence: Silence }
  /** By another alert that fires. */
  | { kind: 'inhibited'; by: Alert }
  /** Told to nobody, for no route takes it. */
  | { kind: 'unrouted' }
  /** On the way to these channels. */
  | { kind: 'muted'; muteTime: string; channels: string[] }

export interface Quiet {
  /** Whether nothing is told of an alert now, on a route or where there is none. */
  isQuiet(alert: Alert, route: Route | undefined): boolean
  /** Everything that keeps it quiet, on whichever route. */
  reasonsOf(alert: Alert): QuietReason[]
}

/** Of a pipeline what is asked here: without its sources nothing is known to depend on them. */
type Asked = Pick<Pipeline, 'store' | 'derivation'> & Partial<Pick<Pipeline, 'extractors'>>

/** What is kept quiet among the alerts that fire, at an instant: the one at which they would be told. */
export async function quietOf(
  pipeline: Asked,
  settings: AlertSettings,
  firing: readonly Alert[],
  at: number,
): Promise<Quiet> {
  const silences = (await readSilences(pipeline.store.alerts)).filter(
    ({ from, until }) => from <= at && at < until,
  )
  const { inhibition = { rules: [], isByDefault: true } } = settings
  const inhibitorOf = inhibitorsOf(inhibition, firing, knowledgeOf(pipeline, settings))
  const muteTimes = new Map(settings.muteTimes?.map((mute) => [mute.name, mute]))
  const { catalogue, timezone } = pipeline.derivation
  const { zoneOf } = teamZones(catalogue, timezone)
  const mutesOf = ({ labels }: Alert, { mute = [] }: Route) =>
    mute.filter((name) => {
      const time = muteTimes.get(name)
      return time !== undefined && isMuteTime(time, at, calendarOf(time.timezone ?? zoneOf(labels)))
    })

  return {
    isQuiet: (alert, route) =>
      silences.some(({ match }) => matches(match, alert.labels)) ||
      inhibitorOf(alert) !== undefined ||
      (route !== undefined && mutesOf(alert, route).length > 0),
    reasonsOf(alert) {
      const by = inhibitorOf(alert)
      const taken = routesOf(settings.routes, alert.labels)
      return [
        // Where there are no channels, nobody expects to be told.
        ...(taken.length === 0 && settings.routes.length > 0 ? [{ kind: 'unrouted' as const }] : []),
        ...silences
          .filter(({ match }) => matches(match, alert.labels))
          .map((silence) => ({ kind: 'silenced' as const, silence })),
        ...(by === undefined ? [] : [{ kind: 'inhibited' as const, by }]),
        ...taken.flatMap((route) =>
          mutesOf(alert, route).map((muteTime) => ({
            kind: 'muted' as const,
            muteTime,
            channels: [...route.channels],
          })),
        ),
      ]
    },
  }
}

/** A source is needed by the services that it concerns, and by the teams and the organisation that they belong to. */
function knowledgeOf(
  { derivation: { catalogue }, extractors = [] }: Asked,
  { rules }: AlertSettings,
): AlertKnowledge {
  const metrics = new Map(rules.map(({ name, metric }) => [name, metric]))
  const sources = new Map(extractors.map((extractor) => [extractor.name, extractor]))
  const metricOf = ({ rule }: Alert) => metrics.get(rule)
  return {
    metricOf,
    needsSource(alert, name) {
      const metric = metricOf(alert)
      const source = sources.get(name)
      if (metric === undefined || source === undefined) return false
      const kinds = factsBehind(metric).filter((kind) => source.yields.includes(kind))
      if (kinds.length === 0) return false
      const { service, team } = alert.labels
      if (service !== undefined) return concerns(source, catalogue.settingsOf(service), kinds)
      if (team === undefined) return true
      return [...catalogue.configured.values()].some(
        (settings) => settings.team === team && concerns(source, settings, kinds),
      )
    },
  }
}
