import { alertmanager } from './channels/alertmanager.ts'
import { email } from './channels/email.ts'
import { pagerduty } from './channels/pagerduty.ts'
import { slack } from './channels/slack.ts'
import { teams } from './channels/teams.ts'
import { webhook } from './channels/webhook.ts'

/** Every kind of channel that a configuration may name. */
export const channels = [slack, teams, webhook, pagerduty, email, alertmanager]
