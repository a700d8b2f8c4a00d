import { isoOf } from '../core/calendar.ts'
import type { Check } from '../core/check.ts'
import { isDown } from '../pipeline/outages.ts'
import type { ChannelState } from '../store/channel-state.ts'
import type { CollapsedEvent } from '../pipeline/collapsed-event.ts'
import type { Store } from '../store/store.ts'

/** So far back it is listed what channels were told nothing of. */
const untoldForMs = 7 * 86_400_000

/** The channels that something was sent to, a line each, and what they were told nothing of. */
export async function channelLines(store: Store, now: number): Promise<string[]> {
  const checks = [...(await channelChecks(store, now))]
  return [
    ...checks.map(([channel, { ok, detail }]) => `channel ${channel}: ${ok ? '' : 'DOWN: '}${detail}`),
    ...(await untoldLines(store, now - untoldForMs)).map((line) => `  ${line}`),
  ]
}

/** How the channels that something was sent to are doing, by their name. */
export async function channelChecks(store: Store, now: number): Promise<Map<string, Check>> {
  const states = new Map((await store.alerts.channels()).map((state) => [state.name, state]))
  const checks = new Map<string, Check>()
  for (const { channel, waiting, givenUp, collapsed, error } of await store.alerts.outbox()) {
    const state = states.get(channel)
    const counts = [
      `${waiting} wait`,
      `${givenUp} given up`,
      ...(collapsed > 0 ? [`${collapsed} collapsed`] : []),
    ]
    const last = state?.failingSince === undefined ? error : (state.error ?? error)
    const detail = [counts.join(', '), ...outageOf(state), ...(last === null ? [] : [`last: ${last}`])].join(
      '; ',
    )
    const isBad = state !== undefined && (state.told !== undefined || isDown(state, now))
    checks.set(channel, { name: 'messages', ok: !isBad, detail })
  }
  return checks
}

/** What channels were told nothing of, for it was over before they took anything: the latest last. */
export async function untoldLines(store: Store, since: number): Promise<string[]> {
  const events = (await store.alerts.history(since)).map(
    ({ body }) => JSON.parse(body) as Partial<CollapsedEvent>,
  )
  return events.flatMap(({ kind, channel, untold = [] }) =>
    kind === 'collapsed'
      ? untold.map(
          ({ summary, startedAt, endedAt }) =>
            `never told to ${channel}: ${summary} (${isoOf(startedAt)} to ${isoOf(endedAt)})`,
        )
      : [],
  )
}

function outageOf(state: ChannelState | undefined): string[] {
  if (state?.failingSince === undefined) return []
  const { failingSince, restingUntil, told } = state
  const rests = restingUntil > 0 ? [`asked to wait until ${isoOf(restingUntil)}`] : []
  const whom = told?.to === undefined ? [] : [`told to ${told.to}`]
  return [[`takes nothing since ${isoOf(failingSince)}`, ...rests, ...whom].join(', ')]
}
