import { botsEverywhere } from '../core/bots.ts'
import type { Member } from '../transforms/members.ts'
import { counted } from '../transforms/counted-events.ts'
import { countedMerges } from '../transforms/merged-events.ts'
import type { DeriveOptions } from './derive-options.ts'
import type { EventState } from './kept-state.ts'
import type { Observed } from './window-update.ts'

/** The kept events of a service as the members that windows are made of: one for each environment. */
export function membersOf(
  service: string,
  state: EventState,
  observed: Observed,
  { since, bots: override }: Pick<DeriveOptions, 'since' | 'bots'>,
): Member[] {
  const from = since ?? state.firstAt
  const bots = override === undefined ? state.bots : botsEverywhere(override)
  // Where nothing is covered, nothing is in it.
  const begin = from ?? Infinity
  const until = Math.min(observed.until, observed.changesUntil)
  const merged = countedMerges(state.merged, { from: begin, until }, bots)
  return state.events.map((events) => ({
    service,
    team: state.team,
    environment: events.environment,
    timezone: state.timezone,
    events: counted(events, { ...observed, from: begin }, bots),
    known: events,
    merged,
    bots,
    coverage: { from, ...observed },
  }))
}
