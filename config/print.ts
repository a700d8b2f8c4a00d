import { stringify } from 'yaml'
import { formatDuration } from '../core/duration.ts'
import { formatInstant } from '../core/instant.ts'
import { addressText } from '../core/loopback.ts'
import { createMask, isSecretKey, mask } from '../core/secret.ts'
import type { ServiceSettings } from '../core/service.ts'
import type { Config, ServiceDefaults } from './config.ts'

/**
 * The effective configuration as YAML with every default written out and every secret masked. What a service
 * has in common with the defaults is not repeated. Connectors' settings are shown as their schemas convert
 * them: durations in milliseconds, expressions as they are applied.
 */
export function printConfig(config: Config): string {
  const text = {
    timezone: config.timezone,
    since: config.since === null ? undefined : formatInstant(config.since),
    edition: config.edition,
    schedule: config.schedule,
    store: config.storePath,
    windows: config.windowsDays.map((days) => `${days}d`),
    logLevel: config.logLevel,
    unnamedRepositories: config.unnamedRepositories,
    ...defaultsText(config.defaults),
    services: config.services.map((service) => serviceText(service, config.defaults)),
    sources: config.sources.map(({ kind, name, settings }) => ({ kind, name, ...(settings as object) })),
    sinks: config.sinks.map(({ kind, name, settings }) => ({ kind, name, ...(settings as object) })),
    channels: config.channels.map(({ kind, name, settings }) => ({ kind, name, ...(settings as object) })),
    server: config.server && { ...config.server, listen: addressText(config.server.listen) },
    alerts: config.alerts,
  }
  return stringify(masked(text, new Set(config.secrets), createMask(config.secrets)), {
    lineWidth: 0,
    aliasDuplicateObjects: false,
  })
}

function defaultsText(defaults: ServiceDefaults): Record<string, unknown> {
  const { attributionWindowMs, remediationWindowMs, ...others } = defaults
  return {
    ...others,
    attributionWindow: formatDuration(attributionWindowMs),
    remediationWindow: formatDuration(remediationWindowMs),
  }
}

function serviceText(service: ServiceSettings, defaults: ServiceDefaults): Record<string, unknown> {
  const { name, team, labels, repositories, paths, workflows, incidentServices, ...own } = service
  const usual = defaultsText(defaults)
  const unusual = Object.entries(defaultsText(own)).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(usual[key]),
  )
  const lists = Object.entries({ repositories, paths, workflows, incidents: incidentServices })
  return {
    name,
    ...(team === null ? {} : { team }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...Object.fromEntries(lists.filter(([, list]) => list.length > 0)),
    ...Object.fromEntries(unusual),
  }
}

/** Secrets by their value and by the name of their key: a short value is no pattern, but may stand here. */
function masked(
  value: unknown,
  secrets: ReadonlySet<string>,
  maskText: (text: string) => string,
  key = '',
): unknown {
  if (typeof value === 'string') return isSecretKey(key) || secrets.has(value) ? mask : maskText(value)
  if (Array.isArray(value)) return value.map((item) => masked(item, secrets, maskText, key))
  if (value instanceof RegExp) return maskText(value.source)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, masked(item, secrets, maskText, name)]),
  )
}
