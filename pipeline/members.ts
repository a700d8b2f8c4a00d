import { botsEverywhere } from '../core/bots.ts'
import type { Member } from '../transforms/members.ts'
import { counted, type CountedEvents } from '../transforms/counted-events.ts'
import { countedMerges, type MergedEvents } from '../transforms/merged-events.ts'
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
  const coverage = { from, ...observed }
  const bots = override === undefined ? state.bots : botsEverywhere(override)
  // Where nothing is covered, nothing is in it.
  const begin = from ?? Infinity
  const until = Math.min(observed.until, observed.changesUntil)
  let merged: MergedEvents | undefined
  return state.events.map((known) => {
    let events: CountedEvents | undefined
    return {
      service,
      team: state.team,
      environment: known.environment,
      timezone: state.timezone,
      // Most members of most hours are never looked into.
      get events() {
        return (events ??= counted(known, { ...observed, from: begin }, bots))
      },
      known,
      get merged() {
        return (merged ??= countedMerges(state.merged, { from: begin, until }, bots))
      },
      mergedAt: state.merged.at,
      bots,
      coverage,
    }
  })
}
