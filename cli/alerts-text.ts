import { matchText, type Silence } from '../alerts/silence.ts'
import { isoOf } from '../core/calendar.ts'
import type { AlertStatus, ListedAlert } from '../pipeline/alert-status.ts'
import type { QuietReason } from '../pipeline/alerts-quiet.ts'

/** How alerts stand, a line each; what keeps an alert quiet below it. */
export function statusText(
  { slot, alerts, silences, muteTimes }: AlertStatus,
  { rules, notifiers, now }: { rules: number; notifiers: number; now: number },
): string {
  const firing = alerts.filter(({ state }) => state !== 'pending')
  const pending = alerts.filter(({ state }) => state === 'pending')
  const asOf =
    slot === null ? 'not evaluated yet (dorado alerts test shows what they say)' : `as of ${isoOf(slot)}`
  return [
    `${rules} rules, ${notifiers} channels, ${asOf}`,
    firing.length === 0 ? 'Nothing fires.' : `${firing.length} firing:`,
    ...firing.flatMap(alertLines),
    ...(pending.length === 0 ? [] : [`${pending.length} pending:`]),
    ...pending.flatMap(alertLines),
    ...silences.map((silence) => silenceLine(silence, now)),
    ...muteTimes.map(({ name, activeIn }) =>
      activeIn.length === 0
        ? `mute time ${name}: not now`
        : `mute time ${name}: now in ${activeIn.join(', ')}`,
    ),
  ].join('\n')
}

function alertLines({ state, since, alert, quiet }: ListedAlert): string[] {
  const isOver = state === 'recovering' ? ', good again' : ''
  return [
    `  ${alert.severity}: ${alert.summary} (since ${isoOf(since)}${isOver})`,
    ...quiet.map((reason) => `    ${reasonText(reason)}`),
  ]
}

export function reasonText(reason: QuietReason): string {
  switch (reason.kind) {
    case 'silenced':
      return `silenced by ${reason.silence.id} until ${isoOf(reason.silence.until)}`
    case 'unrouted':
      return 'told to nobody: no route takes it'
    case 'inhibited':
      return `inhibited by ${reason.by.severity}: ${reason.by.summary}`
    case 'muted':
      return `muted by ${reason.muteTime} on ${reason.channels.join(', ')}`
  }
}

function silenceLine({ id, match, from, until, comment, author, createdAt }: Silence, now: number): string {
  const begins = from > now ? ` from ${isoOf(from)}` : ''
  const set = [
    ...(author === undefined ? [] : [`by ${author}`]),
    ...(createdAt === undefined ? [] : [`set ${isoOf(createdAt)}`]),
  ]
  const told = `silence ${id}: ${matchText(match)}${begins} until ${isoOf(until)}`
  return `${told}${comment === '' ? '' : `: ${comment}`}${set.length === 0 ? '' : ` (${set.join(', ')})`}`
}
