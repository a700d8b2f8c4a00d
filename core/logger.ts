import pino from 'pino'
import type { Logger } from './io.ts'
import { createMask, isSecretKey, mask } from './secret.ts'

export const logLevels = ['debug', 'info', 'warn', 'error'] as const

export type LogLevel = (typeof logLevels)[number]

export interface LoggerOptions {
  level: LogLevel
  /** Values that no line may contain. */
  secrets: readonly string[]
  stream: { write(text: string): unknown }
  /** One JSON object a line for a program; else text for a person. */
  json: boolean
  /** Epoch milliseconds. */
  clock: () => number
}

/** A logger whose every line is masked before it is written: the message, the details, and errors among them. */
export function createLogger({ level, secrets, stream, json, clock }: LoggerOptions): Logger {
  const maskText = createMask(secrets)
  const lines = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date(clock()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    json ? stream : { write: (line: string) => stream.write(textOf(line)) },
  )
  function at(name: LogLevel): Logger['info'] {
    return (message, details = {}) => {
      if (!lines.isLevelEnabled(name)) return
      // A list or an error given as the details is no set of keys of its own.
      const isPlain = !Array.isArray(details) && !(details instanceof Error)
      const masked = maskValue(isPlain ? details : { details }, maskText, new Set())
      lines[name](renamed(masked as object), maskText(message))
    }
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

const own = new Set(['level', 'time', 'message'])

/** Details that are called as the line's own keys would replace them in a reader's eyes. */
function renamed(details: object): object {
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) => [own.has(key) ? `details.${key}` : key, value]),
  )
}

function maskValue(value: unknown, maskText: (text: string) => string, above: Set<object>): unknown {
  if (typeof value === 'string') return maskText(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (above.has(value)) return '[circular]'
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString()
  const within = new Set([...above, value])
  if (value instanceof Error) {
    const cause = value.cause === undefined ? {} : { cause: maskValue(value.cause, maskText, within) }
    return {
      type: value.name,
      message: maskText(value.message),
      ...cause,
      stack: maskText(value.stack ?? ''),
    }
  }
  if (Array.isArray(value)) return value.map((item) => maskValue(item, maskText, within))
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      typeof item === 'string' && isSecretKey(key) ? mask : maskValue(item, maskText, within),
    ]),
  )
}

/** `05:00:00 warn  the message key=value`; times are UTC. */
function textOf(line: string): string {
  const { level, time, message, ...details } = JSON.parse(line) as Record<string, unknown>
  const pairs = Object.entries(details).map(([key, value]) => ` ${key}=${plain(value)}`)
  // What came from outside may contain line breaks and the terminal's own commands.
  const shown = `${String(message)}${pairs.join('')}`.replaceAll(/\p{Cc}+/gu, ' ')
  return `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${shown}\n`
}

function plain(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
  if (typeof value === 'object' && value !== null && 'type' in value && 'message' in value) {
    return JSON.stringify(value.message)
  }
  return JSON.stringify(value)
}
