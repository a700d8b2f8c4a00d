import { randomBytes } from 'node:crypto'
import { consoleChannel } from '../alerts/channels/console.ts'
import { highest } from '../alerts/notify.ts'
import type { AlertMessage } from '../alerts/message.ts'
import type { Config } from '../config/config.ts'
import { isoOf } from '../core/calendar.ts'
import { parseDuration } from '../core/duration.ts'
import { ConfigError, messageOf } from '../core/errors.ts'
import { alertAt, readSilences, type Silence } from '../pipeline/alerts.ts'
import { hourOf } from '../transforms/window-points.ts'
import { channelChecks, untoldLines } from './channel-lines.ts'
import { open } from './context.ts'
import { latest } from './report.ts'

/** So far back it is listed what channels were told nothing of. */
const untoldForMs = 7 * 86_400_000

/** `dorado alerts`: what fires, who is told, what is silenced, and what waits to be sent. */
export async function alertsCommand(config: Config): Promise<void> {
  const { pipeline, io, close } = open(config, { command: 'alerts', readOnly: true })
  try {
    const { store, alerts } = pipeline
    const slot = (await store.alerts.lastSlot()) ?? hourOf(await latest(pipeline))
    const { firing } = await alertAt(pipeline, alerts.settings, slot, io, { isDry: true })
    const out = (text: string) => void process.stdout.write(`${text}\n`)
    out(`${alerts.settings.rules.length} rules, ${alerts.notifiers.length} channels, as of ${isoOf(slot)}`)
    out(firing.length === 0 ? 'Nothing fires.' : `${firing.length} firing:`)
    for (const { severity, summary, startedAt } of firing)
      out(`  ${severity}: ${summary} (since ${isoOf(startedAt)})`)
    for (const { id, match, until, comment } of await readSilences(store)) {
      if (until > io.clock())
        out(`silence ${id}: ${matchText(match)} until ${isoOf(until)}${comment && `: ${comment}`}`)
    }
    for (const [channel, { ok, detail }] of await channelChecks(store, io.clock()))
      out(`channel ${channel}: ${ok ? '' : 'DOWN: '}${detail}`)
    for (const line of await untoldLines(store, io.clock() - untoldForMs)) out(`  ${line}`)
  } finally {
    close()
  }
}

/** `dorado alerts test`: what all rules say of the last refresh, and what would be sent. Writes and sends nothing. */
export async function alertsTestCommand(config: Config): Promise<void> {
  const { pipeline, io, close } = open(config, { command: 'alerts test', readOnly: true })
  try {
    const { settings } = pipeline.alerts
    const slot = hourOf(await latest(pipeline))
    // As if it had been bad for long enough, and nobody knew.
    const rules = settings.rules.map((rule) => ({ ...rule, forMs: 0 }))
    const routes = settings.routes.length > 0 ? settings.routes : [everythingToTheConsole]
    const store = { ...pipeline.store, alerts: { ...pipeline.store.alerts, instances: none, groups: none } }
    const { firing, planned } = await alertAt({ ...pipeline, store }, { rules, routes }, slot, io, {
      isDry: true,
    })
    process.stdout.write(
      `${rules.length} rules on the points of ${isoOf(slot)}: ${firing.length} would fire, ${planned.messages.length} messages.\n`,
    )
    const shown = consoleChannel((text) => void process.stdout.write(text)).make('console', {})
    for (const { channel, message } of planned.messages) {
      process.stdout.write(`\nto ${channel}:\n`)
      await shown.send(message, io)
    }
  } finally {
    close()
  }
}

const everythingToTheConsole = {
  match: {},
  channels: ['console'],
  groupBy: ['team', 'rule'],
  repeatMs: Infinity,
  goesOn: false,
}
const none = () => Promise.resolve([])

/** `dorado alerts send-test CHANNEL`: a message that says that it is a test. Returns the exit code. */
export async function sendTestCommand(config: Config, channel: string): Promise<number> {
  const { pipeline, io, close } = open(config, {
    command: 'alerts send-test',
    readOnly: true,
    mustExist: false,
  })
  try {
    const { notifiers } = pipeline.alerts
    const notifier = notifiers.find(({ name }) => name === channel)
    if (!notifier) {
      const names = notifiers.map(({ name }) => name).join(', ') || 'none'
      throw new ConfigError(`no channel ${channel}; there is ${names}`)
    }
    await notifier.send(testMessage(io.clock()), io)
    process.stdout.write(`channel ${channel}: the test message was taken\n`)
    return 0
  } catch (error) {
    if (error instanceof ConfigError) throw error
    process.stderr.write(`channel ${channel}: FAILED: ${messageOf(error)}\n`)
    return 1
  } finally {
    close()
  }
}

function testMessage(at: number): AlertMessage {
  const alert = {
    fingerprint: 'test',
    episode: 1,
    rule: 'test',
    status: 'firing',
    severity: 'info',
    labels: { rule: 'test' },
    summary: 'This is a test of the channel: nothing is wrong',
    values: [{ name: 'Value', text: '42' }],
    facts: [],
    startedAt: at,
  } as const
  const key = randomBytes(6).toString('hex')
  return {
    key,
    groupKey: key,
    status: 'firing',
    severity: highest([alert]),
    title: alert.summary,
    labels: {},
    alerts: [alert],
    at,
    isTest: true,
  }
}

/** `dorado alerts silence`: keeps alerts with these labels from being told for a while. */
export async function silenceCommand(
  config: Config,
  { match, for: duration, comment = '' }: { match: string[]; for: string; comment?: string },
): Promise<void> {
  const { pipeline, io, close } = open(config, { command: 'alerts silence', mustExist: true })
  try {
    const from = io.clock()
    const silence: Silence = {
      id: randomBytes(4).toString('hex'),
      match: matchOf(match),
      from,
      until: from + durationOf(duration),
      comment,
    }
    await pipeline.store.alerts.setSilence({ key: silence.id, body: JSON.stringify(silence) })
    process.stdout.write(`silence ${silence.id}: ${matchText(silence.match)} until ${isoOf(silence.until)}\n`)
  } finally {
    close()
  }
}

/** `dorado alerts unsilence ID`. */
export async function unsilenceCommand(config: Config, id: string): Promise<void> {
  const { pipeline, close } = open(config, { command: 'alerts unsilence', mustExist: true })
  try {
    if (!(await pipeline.store.alerts.removeSilence(id))) throw new ConfigError(`no silence ${id}`)
    process.stdout.write(`silence ${id} removed\n`)
  } finally {
    close()
  }
}

function durationOf(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw new ConfigError(`--for ${messageOf(error)}`)
  }
}

function matchOf(pairs: readonly string[]): Record<string, string[]> {
  const match: Record<string, string[]> = {}
  for (const pair of pairs) {
    const [, name, value] = /^(\w+)=(.+)$/.exec(pair) ?? []
    if (name === undefined)
      throw new ConfigError(`--match ${pair}: write a label and its value, such as team=storefront`)
    match[name] = [...(match[name] ?? []), value!]
  }
  return match
}

function matchText(match: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(match)
    .map(([name, values]) => `${name}=${values.join('|')}`)
    .join(', ')
}
