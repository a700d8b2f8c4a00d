import type { Member } from '../transforms/members.ts'
import { clip, type WindowEvents } from '../transforms/window-events.ts'
import type { DeriveOptions } from './derive-options.ts'
import type { EventState } from './kept-state.ts'
import type { Observed } from './window-update.ts'

/** The kept events of a service as the members that windows are made of: one for each environment. */
export function membersOf(
  service: string,
  state: EventState,
  observed: Observed,
  { since }: Pick<DeriveOptions, 'since'>,
): Member[] {
  const from = since ?? state.firstAt
  const coverage = { from, ...observed }
  return state.events.map((events) => {
    let clipped: WindowEvents | undefined
    return {
      service,
      team: state.team,
      environment: events.environment,
      timezone: state.timezone,
      // Most members of most hours are never looked into.
      get events() {
        clipped ??= from === null ? events : clip(events, { ...observed, from })
        return clipped
      },
      coverage,
    }
  })
}
