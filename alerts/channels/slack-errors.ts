import { RateLimited, Unavailable } from '../../core/errors.ts'
import type { HttpResponse } from '../../core/http.ts'
import { refusal } from './post.ts'

const newToken = 'set token to the Bot User OAuth Token (xoxb-…) of an app that is installed in the workspace'
const newWebhook = "make a new incoming webhook in the app's settings and set url to it"
const invite = 'invite the app to the channel with /invite, or give it the scope chat:write.public'

/** Slack's names of what it will never do, and what to do about each. */
const remedies: Readonly<Record<string, string>> = {
  invalid_auth: newToken,
  not_authed: newToken,
  account_inactive: newToken,
  token_revoked: newToken,
  token_expired: newToken,
  invalid_token: newWebhook,
  no_service: newWebhook,
  no_service_id: newWebhook,
  no_active_hooks: newWebhook,
  no_team: newWebhook,
  team_disabled: newWebhook,
  channel_not_found: `set channel to the ID of a channel that the app can see, or ${invite}`,
  not_in_channel: invite,
  is_archived: 'the channel is archived: unarchive it, or choose another',
  channel_is_archived: 'the channel is archived: unarchive it, or choose another',
  missing_scope: 'give the app the scope chat:write and install it anew',
  not_allowed_token_type: newToken,
  restricted_action: 'a setting of the workspace keeps the app from posting there: let an admin allow it',
  action_prohibited: 'a setting of the workspace keeps the app from posting there: let an admin allow it',
  posting_to_general_channel_denied:
    'a setting of the workspace keeps the app from posting there: choose another channel',
  ekm_access_denied: 'the admins of the workspace have suspended posting',
  access_denied: invite,
}

const passing: ReadonlySet<string> = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'rollup_error',
  'team_added_to_org',
])

/** Where Slack names no time: chat.postMessage takes about one message a second a channel. */
const limitMs = 30_000

export function slackRemedy(_status: number | undefined, text: string): string | undefined {
  const name = /\b[a-z]+(?:_[a-z]+)+\b/.exec(text.slice(text.indexOf('answered')))?.[0]
  return name === undefined ? undefined : remedies[name]
}

/** The error for a name that Slack answered with 200. */
export function slackFailure(method: string, name: string, answer: HttpResponse): Error {
  if (name === 'ratelimited' || name === 'rate_limited') {
    const seconds = Number(answer.headers['retry-after'])
    return new RateLimited(`Slack asks to wait (${name})`, seconds > 0 ? seconds * 1000 : limitMs)
  }
  const problem = `Slack's ${method} answered ${name}`
  return passing.has(name) ? new Unavailable(problem) : refusal(problem, answer.status, remedies[name])
}
