import type { Alert, AlertMessage } from './message.ts'
import { highest, titleOf } from './notify.ts'
import { keyOfEpisode } from './told.ts'

/** What a channel has heard of a group. */
export interface Heard {
  /** The last message that it took; undefined where it took none, null where that is not known. */
  taken: AlertMessage | undefined | null
  /** Messages that it may have taken, although it did not say so. */
  unsure: readonly AlertMessage[]
}

export interface Collapse {
  /** Nothing, where the channel knows all that there is to tell. */
  message: AlertMessage | undefined
  /** What began and ended without the channel having heard of it. */
  untold: Alert[]
}

/**
 * One message for several of a group that waited too long, in their order: all that fires now, and the end of what the
 * channel has heard of, or may have. What it surely has not heard of and what is over is not told as if it were news.
 */
export function collapseMessages(messages: readonly AlertMessage[], { taken, unsure }: Heard): Collapse {
  const newest = messages.at(-1)!
  const firing = newest.alerts.filter(isFiring)
  const known = firingOf(taken ? [taken] : [])
  const believed = unsure.map((message) => firingOf([message]))
  const ends = new Map<string, Alert>()
  for (const alert of messages.flatMap((message) => message.alerts)) {
    if (isFiring(alert)) ends.delete(keyOfEpisode(alert))
    else ends.set(keyOfEpisode(alert), alert)
  }
  const isBelieved = (alert: Alert) => {
    const key = keyOfEpisode(alert)
    return taken === null || known.has(key) || believed.some((each) => each.has(key))
  }
  /** Surely so, and not told otherwise in what it may have taken. */
  const isKnown = (alert: Alert) => {
    const key = keyOfEpisode(alert)
    const isAsIs = (severity = alert.severity) => severity === alert.severity
    return known.get(key) === alert.severity && believed.every((each) => isAsIs(each.get(key)))
  }
  const over = [...ends.values()].filter(isBelieved)
  const untold = [...ends.values()].filter((alert) => !isBelieved(alert))
  const isNews = firing.some((alert) => !isKnown(alert))
  if (over.length === 0 && !isNews && !hasReminder(messages, known)) return { message: undefined, untold }

  const beganAgain = new Set(firing.map(({ fingerprint }) => fingerprint))
  const alerts = [
    ...over.filter(({ fingerprint }) => beganAgain.has(fingerprint)),
    ...firing,
    ...over.filter(({ fingerprint }) => !beganAgain.has(fingerprint)),
  ]
  const status = firing.length > 0 ? 'firing' : 'resolved'
  const severity = highest(firing.length > 0 ? firing : alerts)
  const title = titleOf(status, alerts, newest.labels)
  return { message: { ...newest, status, severity, title, alerts }, untold }
}

function isFiring({ status }: Alert): boolean {
  return status === 'firing'
}

/** Severities by episode. */
function firingOf(messages: readonly AlertMessage[]): Map<string, Alert['severity']> {
  const alerts = messages.flatMap((message) => message.alerts).filter(isFiring)
  return new Map(alerts.map((alert) => [keyOfEpisode(alert), alert.severity]))
}

/** Whether one of them says what the one before it said: that it still is so. */
function hasReminder(messages: readonly AlertMessage[], known: ReadonlyMap<string, string>): boolean {
  let before = known
  for (const message of messages) {
    const now = firingOf([message])
    const isSame =
      now.size === before.size && [...now].every(([key, severity]) => before.get(key) === severity)
    if (isSame && message.alerts.every(isFiring)) return true
    before = now
  }
  return false
}
