import type { Member } from '../transforms/members.ts'
import type { DeriveOptions } from './derive-options.ts'
import type { EventState } from './histories.ts'
import type { Observed } from './window-update.ts'

/** The kept events of a service as the members that windows are made of: one for each environment. */
export function membersOf(
  service: string,
  state: EventState,
  observed: Observed,
  { since }: Pick<DeriveOptions, 'since'>,
): Member[] {
  return state.events.map((events) => ({
    service,
    team: state.team,
    environment: events.environment,
    timezone: state.timezone,
    events,
    coverage: { from: since ?? state.firstAt, ...observed },
  }))
}
