import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { settingsFor, type Config, type ConfiguredConnector } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { ConfigError } from '../core/errors.ts'
import { createHttpClient } from '../core/http-client.ts'
import type { Io } from '../core/io.ts'
import { createLogger } from '../core/logger.ts'
import { channels } from '../alerts/channels.ts'
import type { Notifier } from '../alerts/channel.ts'
import { inEdition } from '../alerts/limits.ts'
import type { Rule } from '../alerts/rule.ts'
import { inServices } from '../alerts/where.ts'
import { alertsSchema, clashesOf, noAlerts, routesTo, type AlertSettings } from '../alerts/settings.ts'
import type { Extractor } from '../extractors/extractor.ts'
import { sources } from '../extractors/index.ts'
import { sinks } from '../loaders/index.ts'
import type { Loader } from '../loaders/loader.ts'
import { createCatalogue } from '../pipeline/catalogue.ts'
import type { Pipeline } from '../pipeline/refresh.ts'
import { openSqlite } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'

/** The configuration in a file; without one it is told what to do. */
export function readConfig(path: string, env: Record<string, string | undefined> = process.env): Config {
  if (!existsSync(path)) {
    throw new ConfigError(
      `${path} not found: write one (config/example.yaml shows every key), or name another with --config FILE`,
    )
  }
  return loadConfig({
    path,
    env,
    readFile: (file) => readFileSync(file, 'utf8'),
    glob: (pattern, folder) => globSync(pattern, { cwd: folder }),
    connectors: { sources, sinks, channels, alerts: alertsSchema },
    clashes: (alerts, others) => clashesOf(alerts as AlertSettings, { ...others, now: Date.now() }),
  })
}

export function createIo(config: Pick<Config, 'logLevel' | 'secrets'>, signal: AbortSignal): Io {
  const log = createLogger({
    level: config.logLevel,
    secrets: config.secrets,
    stream: process.stderr,
    json: !process.stderr.isTTY,
    clock: Date.now,
  })
  const sleep = async (ms: number) => {
    await wait(ms, undefined, { signal })
  }
  const http = createHttpClient({ sleep, signal, userAgent: 'dorado', log, clock: Date.now })
  return { http, clock: Date.now, sleep, log, signal }
}

/** Aborted by SIGTERM and SIGINT; a step that does not give up within 10 s is ended, its transaction rolled back. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  const onSignal = () => {
    stop.abort(new Error('stopped'))
    setTimeout(() => process.exit(1), 10_000).unref()
  }
  process.once('SIGTERM', onSignal)
  process.once('SIGINT', onSignal)
  return stop.signal
}

/** A pipeline with its alerts, which may be none. */
export type AlertingPipeline = Pipeline & Required<Pick<Pipeline, 'alerts'>>

export interface Opened {
  config: Config
  io: Io
  pipeline: AlertingPipeline
  close(): void
}

/** Everything that a command works with. A reader shares the store with a running process. */
export function open(
  config: Config,
  {
    command,
    readOnly = false,
    mustExist = readOnly,
  }: { command: string; readOnly?: boolean; mustExist?: boolean },
): Opened {
  if (mustExist && !existsSync(config.storePath)) {
    throw new ConfigError(`store ${config.storePath} does not exist yet: run dorado refresh or import first`)
  }
  checkFolder(config)
  const io = createIo(config, stopSignal())
  const store = openSqlite({ path: config.storePath, readOnly, owner: `dorado ${command}` })
  return { config, io, pipeline: pipelineOf(config, store), close: () => store.close() }
}

/** A store can be made, but not the folder that somebody meant to have. */
export function checkFolder({ storePath }: Config): void {
  const folder = dirname(storePath)
  if (!existsSync(folder))
    throw new ConfigError(
      `store ${storePath}: there is no folder ${folder}; create it, or name another store`,
    )
}

export function pipelineOf(config: Config, store: Store): AlertingPipeline {
  const { since, timezone, edition, windowsDays } = config
  return {
    store,
    extractors: config.sources.map((source) => make(sources, source) as Extractor),
    loaders: loadersOf(config),
    alerts: alertingOf(config),
    schedule: config.schedule,
    derivation: {
      catalogue: createCatalogue(config, (name, repositories) => settingsFor(config, name, repositories)),
      since,
      timezone,
      edition,
      windowsDays,
    },
  }
}

function alertingOf(config: Config): AlertingPipeline['alerts'] {
  const settings = (config.alerts ?? noAlerts) as AlertSettings
  const notifiers = config.channels.map((channel) => make(channels, channel) as Notifier)
  const names = notifiers.map(({ name }) => name)
  const rules = settings.rules.map((rule) => effectiveRule(rule, config))
  return { settings: { ...settings, rules, routes: routesTo(names, settings.routes) }, notifiers }
}

/** A rule with the edges of the configured edition, and the services that have the labels it asks for. */
export function effectiveRule(rule: Rule, { edition, services }: Config): Rule {
  return inServices(inEdition(rule, edition), services)
}

/** Where nothing is configured, points go to a line-protocol file beside the store. */
function loadersOf(config: Config): Loader[] {
  const configured = config.sinks.map(makeSink)
  if (configured.length > 0) return configured
  return [makeSink({ kind: 'file', name: 'file', settings: { path: lineProtocolPath(config) } })]
}

export function makeSink(sink: ConfiguredConnector): Loader {
  return make(sinks, sink) as Loader
}

export function lineProtocolPath({ storePath }: Config): string {
  return storePath.replace(/(\.db)?$/, '.lp')
}

interface AnyConnector {
  kind: string
  make: (name: string, settings: never) => unknown
}

/** The settings were checked by the connector's own schema when the configuration was loaded. */
function make(connectors: readonly AnyConnector[], { kind, name, settings }: ConfiguredConnector): unknown {
  return connectors.find((connector) => connector.kind === kind)!.make(name, settings as never)
}
