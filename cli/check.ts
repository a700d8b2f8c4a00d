import type { Config } from '../config/config.ts'
import type { Check } from '../core/check.ts'
import { isoOf } from '../core/calendar.ts'
import { ConfigError } from '../core/errors.ts'
import { channelChecks } from './channel-lines.ts'
import { nearest } from '../core/nearest.ts'
import { routesOf } from '../alerts/route.ts'
import { listedAlerts } from '../pipeline/alert-status.ts'
import { serviceNames } from '../pipeline/service-names.ts'
import { checkFolder, createIo, pipelineOf, stopSignal, type AlertingPipeline } from './context.ts'
import { existsSync } from 'node:fs'
import { readBeats, type Beats } from '../pipeline/heartbeat.ts'
import { openSqlite } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'

/** `dorado check`: every token, permission and server: works, or what is wrong. Returns the exit code. */
export async function checkCommand(config: Config, { format }: { format: string }): Promise<number> {
  if (format !== 'table' && format !== 'json')
    throw new ConfigError(`--format ${format}: write table or json`)
  checkFolder(config)
  const io = createIo(config, stopSignal())
  const isThere = existsSync(config.storePath)
  const store = openSqlite(isThere ? { path: config.storePath, readOnly: true } : { path: ':memory:' })
  try {
    const pipeline = pipelineOf(config, store)
    const { extractors, loaders, alerts } = pipeline
    const checks: (Check & { of: string })[] = [
      {
        of: 'configuration',
        name: config.path,
        ok: true,
        detail: `${config.services.length} services, ${extractors.length} sources, ${loaders.length} sinks, ${alerts.notifiers.length} channels`,
      },
      {
        of: 'store',
        name: config.storePath,
        ok: true,
        detail: isThere ? 'can be read' : 'will be created by the first refresh',
      },
    ]
    for (const extractor of extractors) {
      const of = `source ${extractor.name}`
      for (const check of await extractor.check(io)) checks.push({ of, ...check })
      const { completeUntil, error } = await store.meta.source(extractor.name)
      if (error !== null) checks.push({ of, name: 'last refresh', ok: false, detail: error })
      else if (completeUntil !== null) {
        checks.push({
          of,
          name: 'last refresh',
          ok: true,
          detail: `complete until ${new Date(completeUntil).toISOString()}`,
        })
      }
    }
    for (const loader of loaders) {
      const of = `sink ${loader.name}`
      for (const check of await loader.check(io)) checks.push({ of, ...check })
      const { points } = await store.points.backlog(loader.name)
      checks.push({ of, name: 'backlog', ok: true, detail: `${points} points wait` })
      for (const check of await refusedBy(store, loader.name)) checks.push({ of, ...check })
    }
    const channels = await channelChecks(store, io.clock())
    for (const notifier of alerts.notifiers) {
      const of = `channel ${notifier.name}`
      for (const check of await notifier.check(io)) checks.push({ of, ...check })
      const messages = channels.get(notifier.name)
      if (messages) checks.push({ of, ...messages })
    }
    for (const check of await alertChecks(config, pipeline)) checks.push({ of: 'alerts', ...check })
    if (alerts.settings.heartbeat !== undefined)
      checks.push({ of: 'heartbeat', ...heartbeatCheck(await readBeats(store)) })
    if (format === 'json') process.stdout.write(`${JSON.stringify(checks, null, 2)}\n`)
    else
      for (const { of, name, ok, detail } of checks)
        process.stdout.write(`${ok ? 'ok   ' : 'WRONG'} ${of}: ${name}: ${detail}\n`)
    return checks.every(({ ok }) => ok) ? 0 : 1
  } finally {
    store.close()
  }
}

/** Rules about services that nobody has told of, and alerts that no route takes. */
async function alertChecks(config: Config, pipeline: AlertingPipeline): Promise<Check[]> {
  const { settings } = pipeline.alerts
  const names = await serviceNames(pipeline.store, pipeline.derivation.catalogue)
  const checks = settings.rules.flatMap(({ name, services = [] }): Check[] =>
    services
      .filter((service) => !names.includes(service))
      .map((service) => {
        const near = nearest(service, names)
        const right = near === undefined ? '' : `; did you mean ${near}?`
        return { name, ok: false, detail: `nothing is known of a service ${service}${right}` }
      }),
  )
  if (config.channels.length === 0) return checks
  const unrouted = (await listedAlerts(pipeline, settings)).filter(
    ({ alert }) => routesOf(settings.routes, alert.labels).length === 0,
  )
  for (const { alert } of unrouted)
    checks.push({ name: alert.rule, ok: false, detail: `no route takes it: ${alert.summary}` })
  return checks
}

/** Requesting the address would say that all is well: only what the refreshes saw is told. */
function heartbeatCheck({ last, failed }: Beats): Check {
  const told = last === undefined ? 'never told' : `last told of ${isoOf(last.slot)} at ${isoOf(last.at)}`
  if (failed === undefined) return { name: 'last', ok: true, detail: told }
  const detail = `failed since ${isoOf(failed.since)}: ${failed.error}; ${told}`
  return { name: 'last', ok: false, detail }
}

/** Of what a sink refused so many are looked at, the latest. */
const mostRefused = 10_000
const mostReasons = 10

/** What a sink refused, by what it said. */
async function refusedBy(store: Store, sink: string): Promise<Check[]> {
  const refused = await store.points.rejected(sink, mostRefused)
  const reasons = [...Map.groupBy(refused, ({ reason }) => reason)]
  const told = reasons.slice(0, mostReasons).map(([reason, [first, ...others]]): Check => {
    const { series, at } = first!
    const more = others.length === 0 ? '' : ` and ${others.length} more`
    const detail = `${series} at ${isoOf(at)}${more}: ${reason}; mend the cause, then run dorado deliver --rejected`
    return { name: 'refused', ok: false, detail }
  })
  const left = reasons.length - told.length
  return left === 0 ? told : [...told, { name: 'refused', ok: false, detail: `${left} other reasons` }]
}
