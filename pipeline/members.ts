import type { Member } from '../transforms/members.ts'
import { clip } from '../transforms/window-events.ts'
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
  return state.events.map((events) => ({
    service,
    team: state.team,
    environment: events.environment,
    timezone: state.timezone,
    events: from === null ? events : clip(events, { ...observed, from }),
    coverage: { from, ...observed },
  }))
}
