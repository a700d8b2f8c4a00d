import { severities, type Alert, type AlertMessage, type Labels, type Severity } from './message.ts'
import { routeKeys, routesOf, type Route } from './route.ts'
import { changesOf, keyOfEpisode, movedOf, placesOf, type ToldAlert } from './told.ts'

/** What a channel was told of a group, from the first alert that fired in it to the last that was resolved. */
export interface Group {
  /** Of this time of trouble: what its messages have as groupKey. */
  key: string
  channel: string
  /** Channel, route and the labels it is grouped by. */
  id: string
  labels: Labels
  /** As they were told: of what is missing among the present ones, it is told that it is over. */
  told: readonly ToldAlert[]
  /** When it was last told of. */
  toldAt: number
}

/** How an alert ended. */
export interface Ended {
  /** Where that is not what the numbers say. */
  reason?: string | undefined
  /** What the number is now, as people read it, and for programs. */
  now?: string | undefined
  value?: number | undefined
}

export interface Planned {
  /** Those of one queue, which is of a group whenever it is told of, have to reach the channel in their order. */
  messages: { channel: string; queue: string; message: AlertMessage }[]
  /** Groups as they are after these messages; where nothing is told any more, they are over. */
  groups: Group[]
}

/**
 * What has to be told so that every channel knows of all alerts that fire and are not kept from it: the difference
 * between what it was told and what is. So an alert that was silenced is told when the silence ends, an end is only
 * told to whom the beginning was, and nothing is told twice. An alert that another route takes from now on is not over:
 * who was told of it is told who is told from now on. `fingerprint` makes ids that are short and stable.
 */
export function planMessages({
  routes,
  firing,
  ended,
  groups,
  isQuiet,
  at,
  fingerprint,
}: {
  routes: readonly Route[]
  firing: readonly Alert[]
  /** Those that ended now, by fingerprint. */
  ended: ReadonlyMap<string, Ended>
  groups: readonly Group[]
  /** Whether an alert is silenced or inhibited, or the route muted, where there is one. */
  isQuiet: (alert: Alert, route: Route | undefined) => boolean
  at: number
  fingerprint: (text: string) => string
}): Planned {
  const wanted = wantedGroups(routes, firing, fingerprint)
  const places = placesOf(wanted.values(), firing)
  const planned: Planned = { messages: [], groups: [] }
  for (const { id, group, isLeft } of formerAndWanted(groups, wanted.keys())) {
    const now = isLeft ? undefined : wanted.get(id)
    const { channel, labels } = (now ?? group)!
    // What is left of a time before is over, or told in the present one, whether or not that is kept quiet.
    const changes = changesOf(group?.told ?? [], now?.alerts ?? [], places, {
      isQuietHere: (alert) => !isLeft && isQuiet(alert, now?.route),
      isQuietAt: ({ alert, routes: others }) =>
        !isLeft &&
        (others.length === 0 ? isQuiet(alert, undefined) : others.every((route) => isQuiet(alert, route))),
    })
    const { told, isNews, isHeard, over, moved } = changes
    const isDue = isHeard && at - group!.toldAt >= now!.route.repeatMs
    if (!isNews && over.length + moved.length === 0 && !isDue) continue

    const ends = over.map((alert) => overOf(alert, ended.get(alert.fingerprint), at))
    const beganAgain = new Set(told.map((alert) => alert.fingerprint))
    const alerts = [
      // Where the end is an event of its own, it must not end what began after it.
      ...ends.filter((alert) => beganAgain.has(alert.fingerprint)),
      ...told,
      ...ends.filter((alert) => !beganAgain.has(alert.fingerprint)),
      ...moved.map((each) => movedOf(each, channel)),
    ]
    const status = told.length > 0 ? 'firing' : 'resolved'
    const groupKey = group?.key ?? fingerprint(`${id} ${at}`)
    const message: AlertMessage = {
      // What goes back to how it was before is news, too: with its time it is another message.
      key: fingerprint(
        JSON.stringify([groupKey, alerts.map((a) => [keyOfEpisode(a), a.status, a.severity]), at]),
      ),
      groupKey,
      status,
      severity: highest(told.length > 0 ? told : alerts),
      title: titleOf(status, alerts, labels),
      labels,
      alerts,
      at,
    }
    planned.messages.push({ channel, queue: id, message })
    planned.groups.push({ key: groupKey, channel, id, labels, told, toldAt: at })
  }
  return planned
}

/** Every group that was told of or has something to tell; first what is left of a time before the present one. */
function formerAndWanted(
  groups: readonly Group[],
  wanted: Iterable<string>,
): { id: string; group: Group | undefined; isLeft: boolean }[] {
  const former = new Map(groups.toSorted((a, b) => a.toldAt - b.toldAt).map((group) => [group.id, group]))
  const left = groups.filter((group) => former.get(group.id) !== group)
  return [
    ...left.map((group) => ({ id: group.id, group, isLeft: true })),
    ...[...new Set([...former.keys(), ...wanted])].map((id) => ({
      id,
      group: former.get(id),
      isLeft: false,
    })),
  ]
}

interface Wanted {
  channel: string
  route: Route
  labels: Labels
  alerts: Alert[]
}

/** What the routes make of all that fires, by the id of the group. */
function wantedGroups(
  routes: readonly Route[],
  firing: readonly Alert[],
  fingerprint: (text: string) => string,
): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>()
  const keys = routeKeys(routes)
  for (const alert of firing) {
    for (const route of routesOf(routes, alert.labels)) {
      for (const channel of route.channels) {
        const labels = picked(alert.labels, route.groupBy)
        const id = fingerprint(JSON.stringify([keys.get(route)!.get(channel), labels]))
        const group = wanted.get(id)
        if (group) group.alerts.push(alert)
        else wanted.set(id, { channel, route, labels, alerts: [alert] })
      }
    }
  }
  return wanted
}

function overOf(alert: Alert, ended: Ended | undefined, at: number): Alert {
  const { reason, now, value } = ended ?? {}
  return {
    ...alert,
    status: 'resolved',
    endedAt: at,
    ...(reason === undefined ? {} : { reason }),
    // What it was told with says how it was: here it stands after what it is now.
    ...(now === undefined ? {} : { values: [{ name: 'Now', text: now }, ...alert.values] }),
    ...(alert.numbers === undefined || value === undefined
      ? {}
      : { numbers: { ...alert.numbers, now: value } }),
  }
}

export function highest(alerts: readonly { severity: Severity }[]): Severity {
  return severities.findLast((severity) => alerts.some((alert) => alert.severity === severity)) ?? 'info'
}

function picked(labels: Labels, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]]])),
  )
}

export function titleOf(status: Alert['status'], alerts: readonly Alert[], labels: Labels): string {
  const of = Object.values(labels).join(', ')
  const firing = alerts.filter((alert) => alert.status === 'firing')
  const [first] = status === 'firing' ? firing : alerts
  const count = status === 'firing' ? firing.length : alerts.length
  const what = count === 1 ? first!.summary : `${count} alerts`
  return of === '' || count === 1 ? what : `${of}: ${what}`
}
