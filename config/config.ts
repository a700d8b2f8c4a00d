import type { Edition } from '../core/bands.ts'
import type { LogLevel } from '../core/logger.ts'
import type { ServiceSettings } from '../core/service.ts'

/** A source or sink as configured: `settings` is the output of its connector's schema. */
export interface ConfiguredConnector {
  kind: string
  /** Its kind, where it was given no name. */
  name: string
  settings: unknown
}

/** What holds for a service where the service says nothing else. */
export type ServiceDefaults = Omit<
  ServiceSettings,
  'name' | 'team' | 'labels' | 'repositories' | 'paths' | 'workflows' | 'incidentServices'
>

/** The effective configuration: everything checked, every default filled in. */
export interface Config {
  /** Where it was read from. */
  path: string
  timezone: string
  /** Epoch ms from which windows are covered; null: each service from its first deployment. */
  since: number | null
  edition: Edition
  /** Five cron fields, in UTC. */
  schedule: string
  storePath: string
  /** Ascending. */
  windowsDays: number[]
  logLevel: LogLevel
  /** Whether repositories and pushed services that no service names become services of their own. */
  unnamedRepositories: boolean
  defaults: ServiceDefaults
  services: ServiceSettings[]
  sources: ConfiguredConnector[]
  sinks: ConfiguredConnector[]
  channels: ConfiguredConnector[]
  /** Where the API listens, and what it asks for; undefined where there is none. */
  server: { listen: { host: string; port: number }; token?: string | undefined } | undefined
  /** What alerts' own schema makes of what stands under `alerts`; undefined where nothing does. */
  alerts: unknown
  /** What must not be shown: values of secrets. */
  secrets: string[]
}

/**
 * The settings of a service. One that the configuration does not name has the defaults, no team, and the
 * given repositories.
 */
export function settingsFor(
  config: Config,
  service: string,
  repositories: readonly string[] = [],
): ServiceSettings {
  const named = config.services.find((each) => each.name === service)
  if (named) return named
  return {
    ...config.defaults,
    name: service,
    team: null,
    labels: {},
    repositories: [...repositories],
    paths: [],
    workflows: [],
    incidentServices: [],
  }
}
