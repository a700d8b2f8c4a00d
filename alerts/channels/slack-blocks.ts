import type { AlertMessage, Severity } from '../message.ts'
import { fitting } from './fitting.ts'
import { andMore, cut, tell, type Linked, type State, type Telling, type Told } from './text.ts'

/** What chat.postMessage, chat.update and an incoming webhook have in common. */
export interface SlackContent {
  /** What a notification shows. */
  text: string
  blocks: readonly object[]
  unfurl_links: false
  unfurl_media: false
}

/** Of the text of a section: https://docs.slack.dev/reference/block-kit/blocks/section-block */
const mostOfSection = 3000
const mostBlocks = 50
/** All blocks as JSON: from about 13,200 characters on Slack answers `msg_blocks_too_long`, which it documents nowhere. */
const mostOfBlocks = 12_000
const most = { summary: 900, values: 500, runbook: 500, link: 600, notification: 1000 }

export function slackContent(message: AlertMessage): SlackContent {
  const { title, alerts } = tell(message, 0)
  const notification = [title, ...alerts.slice(0, 3).map(({ summary }) => summary)].join('\n')
  const blocks = fitting(message, blocksOf, (built) => {
    return built.length <= mostBlocks && JSON.stringify(built).length <= mostOfBlocks
  })
  return {
    text: cut(notification, most.notification, escape),
    blocks,
    unfurl_links: false,
    unfurl_media: false,
  }
}

function blocksOf({ state, severity, title, alerts, moreAlerts, key }: Telling): object[] {
  const end = [andMore(moreAlerts, 'alert'), `key ${cut(key, 200, escape)}`].filter((text) => text !== '')
  return [
    {
      type: 'section',
      text: markup(`${markOf(state, severity)} *${cut(title, mostOfSection / 3, escape)}*`),
    },
    ...alerts.map((alert) => ({ type: 'section', text: markup(linesOf(alert).join('\n')) })),
    { type: 'context', elements: [markup(end.join(' · '))] },
  ]
}

/** `verbatim`: Slack makes no link or mention out of a plain word such as @here or #general. */
function markup(text: string): object {
  return { type: 'mrkdwn', text, verbatim: true }
}

function linesOf({
  state,
  severity,
  heading,
  summary,
  values,
  when,
  facts,
  moreFacts,
  runbook,
  url,
}: Told): string[] {
  const lines = [`${markOf(state, severity)} *${escaped(heading)}* ${cut(summary, most.summary, escape)}`]
  const pairs = values.map(({ name, text }) => `${name} ${text}`).join(' · ')
  if (pairs !== '') lines.push(cut(pairs, most.values, escape))
  lines.push(when)
  const links = [
    ...(runbook === undefined ? [] : [link(runbook, 'Runbook: ')]),
    ...(url === undefined ? [] : [link({ text: 'Dashboard', url })]),
  ]
  let left = mostOfSection - [...lines, ...links].join('\n').length - 50
  let shown = 0
  for (const fact of facts) {
    const line = `• ${link(fact)}`
    if (line.length + 1 > left) break
    left -= line.length + 1
    shown += 1
    lines.push(line)
  }
  const more = andMore(moreFacts + facts.length - shown, 'fact')
  return [...lines, ...(more === '' ? [] : [more]), ...links]
}

function link({ text, url }: Linked, before = ''): string {
  const address = url === undefined ? '' : escaped(url)
  if (address === '' || address.length > most.link) return `${before}${cut(text, most.runbook, escape)}`
  return `<${address}|${cut(text, most.runbook, escape)}>`
}

function markOf(state: State, severity: Severity): string {
  if (state === 'TEST') return '🧪'
  if (state === 'RESOLVED') return '✅'
  if (state === 'MOVED') return '↪️'
  return { critical: '🔴', warning: '🟠', info: '🔵' }[severity]
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** The three characters that begin everything Slack does not take literally: links, mentions, entities. */
function escape(character: string): string {
  return entities[character] ?? character
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>]/g, escape)
}
