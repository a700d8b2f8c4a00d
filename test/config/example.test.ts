import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { z } from 'zod'
import { connectorLists, configKeys } from '../../config/keys.ts'
import { loadConfig } from '../../config/load.ts'
import { ConfigError } from '../../core/errors.ts'
import { channels } from '../../alerts/channels.ts'
import { alertsSchema } from '../../alerts/settings.ts'
import { sources } from '../../extractors/index.ts'
import { sinks } from '../../loaders/index.ts'

const connectors = { sources, sinks, channels, alerts: alertsSchema }
const path = join(import.meta.dirname, '../../config/example.yaml')
const example = readFileSync(path, 'utf8')
// Every variable without a default, so that a new one needs no change here.
const env = Object.fromEntries(
  [...example.matchAll(/[^$]\$\{(\w+)\}/g)].map(([, name]) => [name!, name === 'NAME' ? '' : '12345678']),
)

function readFile(file: string): string {
  return `content of ${file}`
}

function load(text: string) {
  return loadConfig({ path, text, env, readFile, connectors })
}

test('the example is a valid configuration with every kind of source and sink', () => {
  const config = load(example)
  expect(new Set(config.sources.map((source) => source.kind))).toEqual(
    new Set(sources.map((each) => each.kind)),
  )
  expect(new Set(config.sinks.map((sink) => sink.kind))).toEqual(new Set(sinks.map((each) => each.kind)))
  expect(new Set(config.channels.map((channel) => channel.kind))).toEqual(
    new Set(channels.map((each) => each.kind)),
  )
})

test('values that hold for all are their defaults', () => {
  const {
    services: _services,
    sources: _sources,
    sinks: _sinks,
    channels: _channels,
    alerts: _alerts,
    since,
    ...shown
  } = load(example)
  const {
    services: _none,
    sources: _no,
    sinks: _nil,
    channels: _nul,
    alerts: _never,
    since: _null,
    ...defaults
  } = load('')
  expect(since).toBe(Date.UTC(2026, 0, 1))
  expect({ ...shown, secrets: [] }).toEqual(defaults)
})

/** `key`, `services[].key`, `sources[github].key.key`: the text of the part that is about it. */
function partAbout(key: string): string {
  const [list, kind] = /^(\w+)\[(\w*)\]/.exec(key)?.slice(1) ?? []
  if (list === undefined) return example
  const part = new RegExp(`^${list}:\n(?:(?: .*|#.*)?\n)*`, 'm').exec(example)?.[0] ?? ''
  if (!kind) return part
  const entries = part.split(/^ {2}- /m).filter((entry) => entry.startsWith(`kind: ${kind}\n`))
  return entries.map((entry) => `  - ${entry}`).join('')
}

test.each(configKeys(connectors))('%s is in the example', (key) => {
  const name = key.split('.').at(-1)!.replaceAll('[]', '')
  expect(partAbout(key)).toMatch(new RegExp(`(?:^|[\\s#{,-])${name}:(?:\\s|$)`, 'm'))
})

test('what is commented out exists, too', () => {
  const all = example.replaceAll(/^( *)#(?=(?:- )?\w+:)/gm, '$1')
  expect(all).not.toBe(example)
  let said = ''
  try {
    load(all)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    said = error.message
  }
  expect(said).not.toMatch(/no such key|no YAML|is missing|expected/)
})

test.each(connectorLists)('in %s, the values of keys that have a default are the default', (list) => {
  const written = parse(example) as Record<string, Record<string, unknown>[]>
  const schemas: readonly { kind: string; schema: z.ZodType }[] = connectors[list]
  let compared = 0
  for (const { kind, name: _name, ...settings } of written[list] ?? []) {
    const schema = schemas.find((each) => each.kind === kind)!.schema
    const whole = schema.parse(filled(settings)) as Record<string, unknown>
    for (const key of Object.keys(settings)) {
      const { [key]: _, ...others } = settings
      const { success, data } = schema.safeParse(filled(others))
      const byDefault = success ? (data as Record<string, unknown>)[key] : undefined
      if (byDefault === undefined) continue
      expect.soft({ kind, [key]: whole[key] }).toEqual({ kind, [key]: byDefault })
      compared += 1
    }
  }
  expect(compared).toBeGreaterThan(0)
})

/** Settings as they are with the variables put in. */
function filled(settings: object): unknown {
  return JSON.parse(
    JSON.stringify(settings).replaceAll(
      /\$\{(\w+)(?::-([^}]*))?\}/g,
      (_, name: string, text?: string) => text ?? env[name] ?? '',
    ),
  )
}
