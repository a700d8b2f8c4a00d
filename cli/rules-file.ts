import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Rule } from '../alerts/rule.ts'
import { alertsSchema, clashesOf, type AlertSettings } from '../alerts/settings.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { ConfigError } from '../core/errors.ts'

/**
 * The rules of a file that a configuration need not name (yet), checked as if one did: ConfigError with file, line and
 * key, and with a configuration as if that one did.
 */
export function readRules(path: string, config?: Pick<Config, 'windowsDays' | 'services'>): readonly Rule[] {
  if (!existsSync(path)) throw new ConfigError(`${path}: there is no such file of rules`)
  const { alerts } = loadConfig({
    path,
    text: JSON.stringify({
      alerts: { files: [basename(path)] },
      windows: config?.windowsDays.map((days) => `${days}d`),
    }),
    env: process.env,
    readFile: (file) => readFileSync(file, 'utf8'),
    glob: (name) => [name],
    connectors: { sources: [], sinks: [], alerts: alertsSchema },
    ...(config && {
      clashes: (read: unknown, others: { windowsDays: readonly number[] }) =>
        clashesOf(read as AlertSettings, {
          ...others,
          channels: [],
          services: config.services.map((each) => ({ ...each, team: each.team ?? undefined })),
        }),
    }),
  })
  return (alerts as AlertSettings).rules
}
