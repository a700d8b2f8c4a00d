import type { ChannelCase } from './channel-case.ts'
import { alertmanagerCase } from './alertmanager-server.ts'
import { emailCase } from './email-case.ts'
import { pagerdutyCase } from './pagerduty-server.ts'
import { slackBotCase, slackWebhookCase } from './slack-server.ts'
import { teamsCase } from './teams-server.ts'
import { webhookCase } from './webhook-server.ts'

/** Every channel that reaches out, with the server that it is tried against. */
export const cases: readonly ChannelCase[] = [
  slackWebhookCase,
  slackBotCase,
  teamsCase,
  webhookCase,
  pagerdutyCase,
  alertmanagerCase,
  emailCase,
]
