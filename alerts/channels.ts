import { slack } from './channels/slack.ts'
import { teams } from './channels/teams.ts'

/** Every kind of channel that a configuration may name. */
export const channels = [slack, teams]
