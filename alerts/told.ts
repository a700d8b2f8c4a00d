import type { Alert } from './message.ts'
import type { Route } from './route.ts'

/** An alert that fires, and the channels that are to be told of it, whether or not it is kept quiet. */
export interface Place {
  alert: Alert
  channels: ReadonlySet<string>
  routes: readonly Route[]
}

/** All that fires, by fingerprint. */
export function placesOf(
  groups: Iterable<{ channel: string; route: Route; alerts: readonly Alert[] }>,
  firing: readonly Alert[],
): Map<string, Place> {
  const places = new Map(
    firing.map((alert) => [
      alert.fingerprint,
      { alert, channels: new Set<string>(), routes: new Array<Route>() },
    ]),
  )
  for (const { channel, route, alerts } of groups) {
    for (const { fingerprint } of alerts) {
      const place = places.get(fingerprint)
      place?.channels.add(channel)
      place?.routes.push(route)
    }
  }
  return places
}

/** An alert as a channel was told of it. */
export interface ToldAlert extends Alert {
  /** Nobody knows whether it has heard of it: it is told once more, and its end in any case. */
  isUnsure?: true
}

export interface Changes {
  /** All that fires, as the channel knows it once it is told: what is kept quiet as it was told before. */
  told: ToldAlert[]
  /** Whether any of it is not known yet, or not as it is. */
  isNews: boolean
  /** Whether any of it was known and is not kept quiet. */
  isHeard: boolean
  /** Known to the channel, and over. */
  over: ToldAlert[]
  /** Known to the channel, and told elsewhere from now on. */
  moved: { known: ToldAlert; place: Place }[]
}

/** The difference between what a group was told and what it is of now. */
export function changesOf(
  before: readonly ToldAlert[],
  now: readonly Alert[],
  places: ReadonlyMap<string, Place>,
  {
    isQuietHere,
    isQuietAt,
  }: { isQuietHere: (alert: Alert) => boolean; isQuietAt: (place: Place) => boolean },
): Changes {
  const changes: Changes = { told: [], isNews: false, isHeard: false, over: [], moved: [] }
  const left = new Map(before.map((alert) => [keyOfEpisode(alert), alert]))
  const present = new Set(now.map(({ fingerprint }) => fingerprint))
  for (const alert of now) {
    const known = left.get(keyOfEpisode(alert))
    left.delete(keyOfEpisode(alert))
    if (isQuietHere(alert)) {
      if (known) changes.told.push(known)
      continue
    }
    changes.told.push(alert)
    if (known?.severity !== alert.severity || known.isUnsure) changes.isNews = true
    if (known) changes.isHeard = true
  }
  for (const known of left.values()) {
    const place = present.has(known.fingerprint) ? undefined : places.get(known.fingerprint)
    if (place === undefined) changes.over.push(known)
    else if (!isQuietAt(place)) changes.moved.push({ known, place })
    // Where it has gone is told when it is no more kept quiet; what began again has ended in any case.
    else if (place.alert.episode === known.episode) changes.told.push(known)
    else changes.over.push(known)
  }
  return changes
}

/** As a channel is told of an alert that its group is no more told of. */
export function movedOf(
  { known, place: { alert, channels } }: Changes['moved'][number],
  channel: string,
): Alert {
  const isHere = channels.has(channel)
  const elsewhere = channels.size === 0 ? 'no route takes it' : `told to ${[...channels].join(', ')}`
  // With the same severity it is the configuration that has changed.
  const now = known.severity === alert.severity ? [] : [`now ${alert.severity}`]
  const reason = [...now, isHere ? 'told in another message' : elsewhere].join(', ')
  return { ...alert, status: 'resolved', moved: isHere ? 'here' : 'elsewhere', reason }
}

/** What a channel knows to fire, by what it has taken, and what it may have taken since; without what was behind it. */
export function heardOf(taken: readonly Alert[], unsure: readonly Alert[]): ToldAlert[] {
  const firing = ({ status }: Alert) => status === 'firing'
  const heard = new Map<string, ToldAlert>(
    taken.filter(firing).map((alert) => [keyOfEpisode(alert), bare(alert)]),
  )
  for (const alert of unsure.filter(firing)) {
    const known = heard.get(keyOfEpisode(alert))
    if (known?.severity !== alert.severity) heard.set(keyOfEpisode(alert), { ...bare(alert), isUnsure: true })
  }
  return [...heard.values()]
}

function bare(alert: Alert): Alert {
  return { ...alert, values: alert.values.filter(({ isEvidence }) => !isEvidence), facts: [] }
}

export function keyOfEpisode({ fingerprint, episode }: Pick<Alert, 'fingerprint' | 'episode'>): string {
  return `${fingerprint} ${episode}`
}
