import { slack } from './channels/slack.ts'

/** Every kind of channel that a configuration may name. */
export const channels = [slack]
