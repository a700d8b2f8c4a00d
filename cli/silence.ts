import { randomBytes } from 'node:crypto'
import { checkSilence, matchText, type Silence } from '../alerts/silence.ts'
import type { Config } from '../config/config.ts'
import { isoOf } from '../core/calendar.ts'
import { parseDuration } from '../core/duration.ts'
import { ConfigError, messageOf } from '../core/errors.ts'
import { saveSilence } from '../pipeline/silences.ts'
import { openSilences } from '../store/sqlite-silences.ts'
import { dateOf } from './changes.ts'

export interface SilenceFlags {
  match: string[]
  from?: string
  for?: string
  until?: string
  comment?: string
  author?: string
}

/** `dorado alerts silence`: keeps alerts with these labels from being told for a while, beside a running process, too. */
export async function silenceCommand(config: Config, flags: SilenceFlags): Promise<void> {
  const now = Date.now()
  const silence = silenceOf(flags, now)
  const silences = openSilences(config.storePath)
  try {
    await saveSilence(silences, silence)
  } finally {
    silences.close()
  }
  const from = silence.from > now ? ` from ${isoOf(silence.from)}` : ''
  process.stdout.write(
    `silence ${silence.id}: ${matchText(silence.match)}${from} until ${isoOf(silence.until)}\n`,
  )
}

/** `dorado alerts unsilence ID`. */
export async function unsilenceCommand(config: Config, id: string): Promise<void> {
  const silences = openSilences(config.storePath)
  try {
    if (!(await silences.removeSilence(id)))
      throw new ConfigError(`no silence ${id}; dorado alerts lists those there are`)
  } finally {
    silences.close()
  }
  process.stdout.write(`silence ${id} removed\n`)
}

function silenceOf(flags: SilenceFlags, now: number): Silence {
  const { match, comment = '', author } = flags
  const from = flags.from === undefined ? now : dateOf(flags.from, '--from')
  if ((flags.for === undefined) === (flags.until === undefined))
    throw new ConfigError('takes either --for, such as 2h, or --until an instant')
  const until =
    flags.until === undefined
      ? from + said('--for', () => parseDuration(flags.for))
      : dateOf(flags.until, '--until')
  const silence: Silence = {
    id: randomBytes(4).toString('hex'),
    match: matchOf(match),
    from,
    until,
    comment,
    ...(author === undefined ? {} : { author }),
    createdAt: now,
  }
  said('silence', () => checkSilence(silence, now))
  return silence
}

function said<Value>(flag: string, read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    throw new ConfigError(`${flag}: ${messageOf(error)}`)
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
