import { randomBytes } from 'node:crypto'
import { consoleChannel } from '../alerts/channels/console.ts'
import { highest } from '../alerts/notify.ts'
import type { AlertMessage } from '../alerts/message.ts'
import type { Config } from '../config/config.ts'
import { isoOf } from '../core/calendar.ts'
import { ConfigError, messageOf } from '../core/errors.ts'
import { alertAt } from '../pipeline/alerts.ts'
import { statusJson } from '../pipeline/alert-json.ts'
import { alertStatus } from '../pipeline/alert-status.ts'
import { hourOf } from '../transforms/window-points.ts'
import { quietOf } from '../pipeline/alerts-quiet.ts'
import { reasonText, statusText } from './alerts-text.ts'
import { channelLines } from './channel-lines.ts'
import { open } from './context.ts'
import { latest } from './report.ts'

/** `dorado alerts`: what fires and what is pending, what keeps it quiet, and what waits to be sent. */
export async function alertsCommand(config: Config, { format }: { format: string }): Promise<void> {
  if (format !== 'table' && format !== 'json')
    throw new ConfigError(`--format ${format}: write table or json`)
  const { pipeline, io, close } = open(config, { command: 'alerts', readOnly: true })
  try {
    const { settings, notifiers } = pipeline.alerts
    const now = io.clock()
    const status = await alertStatus(pipeline, settings, now)
    const counts = { rules: settings.rules.length, notifiers: notifiers.length, now }
    const text =
      format === 'json'
        ? JSON.stringify(statusJson(status), null, 2)
        : [statusText(status, counts), ...(await channelLines(pipeline.store, now))].join('\n')
    process.stdout.write(`${text}\n`)
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
    const { firing, planned } = await alertAt(
      { ...pipeline, store },
      { ...settings, rules, routes },
      slot,
      io,
      {
        isDry: true,
      },
    )
    const told = new Set(planned.messages.flatMap(({ message }) => message.alerts.map(fingerprintIn)))
    const { reasonsOf } = await quietOf(pipeline, { ...settings, routes }, firing, io.clock())
    const quiet = firing.filter(({ fingerprint }) => !told.has(fingerprint))
    const messages = counted(planned.messages.length, 'message')
    const lines = [
      `${counted(rules.length, 'rule')} on the points of ${isoOf(slot)}, as if each had lasted: ${firing.length} would fire, ${messages}.`,
      ...(quiet.length === 0 ? [] : [`${quiet.length} not told now:`]),
      ...quiet.flatMap((alert) => [
        `  ${alert.severity}: ${alert.summary}`,
        ...reasonsOf(alert).map((reason) => `    ${reasonText(reason)}`),
      ]),
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
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
const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
const fingerprintIn = ({ fingerprint }: { fingerprint: string }) => fingerprint

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
