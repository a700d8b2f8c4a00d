import { dirname, join } from 'node:path'
import { z } from 'zod'
import { botsSaid, usualBots } from '../core/bots.ts'
import { ConfigError, messageOf } from '../core/errors.ts'
import { checkServices } from './check-services.ts'
import type { Config, ConfiguredConnector, ServiceDefaults } from './config.ts'
import { checkConnectors } from './connectors.ts'
import { pathText, readDocument } from './document.ts'
import { sinceAt } from './fields.ts'
import { fill } from './fill.ts'
import { problemsOf } from './issues.ts'
import { connectorLists, schemaTree, valueAt, type ConnectorSchemas, type Path } from './keys.ts'
import { errorOf, type PlacedProblem } from './problems.ts'
import { readRuleFiles } from './rule-files.ts'
import { rootSchema, serviceSchema, type Root, type ServiceEntry } from './schema.ts'

export interface LoadOptions {
  /** The configuration file, as errors show it; relative paths in it start at its folder. */
  path: string
  /** Instead of the file's content. */
  text?: string
  env: Readonly<Record<string, string | undefined>>
  readFile: (path: string) => string
  /** The files below a folder that match a pattern, as paths from there; without it none does. */
  glob?: (pattern: string, folder: string) => readonly string[]
  connectors: ConnectorSchemas
  /** What is wrong between alerts, channels and windows, with its place under `alerts`. */
  clashes?: (
    alerts: unknown,
    others: {
      channels: readonly string[]
      windowsDays: readonly number[]
      since: number | null
      services: readonly {
        name: string
        team?: string | undefined
        labels: Readonly<Record<string, string>>
      }[]
    },
  ) => { path: Path; message: string }[]
}

/**
 * The effective configuration. Throws one ConfigError with a line for each problem: file, line, column, key,
 * what is wrong and what would be right.
 */
export function loadConfig({
  path,
  text,
  env,
  readFile,
  glob = () => [],
  connectors,
  clashes = () => [],
}: LoadOptions): Config {
  const document = readDocument(text ?? contentOf(path, readFile))
  const file = { path, document }
  if (document.problems.length > 0)
    throw errorOf(
      document.problems.map((problem): PlacedProblem => ({ ...problem, file })),
      [],
    )
  const tree = schemaTree(document.data, connectors)
  const filled = fill(document.data, { env, readFile, folder: dirname(path), tree })
  const ruleFiles = readRuleFiles(file, filled.data, { env, readFile, glob, tree })
  const { data } = ruleFiles
  const secrets = [...filled.secrets, ...ruleFiles.secrets]
  const problems = [...filled.problems, ...ruleFiles.problems]
  const unfilled = problems.map((problem) => pathText(problem.path))

  const checked = <Schema extends z.ZodType>(schema: Schema, at: Path): z.output<Schema> | undefined => {
    const { success, data: output, error } = schema.safeParse(valueAt(data, at))
    if (success) return output
    const found = problemsOf(error.issues, at, data, tree)
    // What could not be filled in has been said; that it is also no number helps nobody.
    problems.push(...found.filter((problem) => !unfilled.includes(pathText(problem.path))))
    return undefined
  }

  const root = checked(rootSchema, [])
  const entries = listAt(data, 'services').map((index) => checked(serviceSchema, ['services', index]))
  problems.push(...checkServices(valueAt(data, ['services'])))
  const [sources = [], sinks = [], channels = []] = connectorLists.map((list): ConfiguredConnector[] => {
    const { entries: made, problems: found } = checkConnectors(list, listAt(data, list), {
      data,
      schemas: connectors[list] ?? [],
      checked,
    })
    problems.push(...found)
    return made
  })
  const alerts =
    root?.alerts === undefined ? undefined : checked(connectors.alerts ?? z.undefined(), ['alerts'])
  if (root !== undefined && alerts !== undefined) {
    const names = channels.map(({ name }) => name)
    const services = entries.flatMap((entry) => entry ?? [])
    const others = { channels: names, windowsDays: root.windows, since: sinceOf(root), services }
    for (const { path: at, message } of clashes(alerts, others))
      problems.push({ path: ['alerts', ...at], message })
  }
  if (root === undefined || problems.length > 0) throw errorOf(problems.map(ruleFiles.placed), secrets)

  const defaults = defaultsOf(root)
  return {
    path,
    timezone: root.timezone,
    since: sinceOf(root),
    edition: root.edition,
    schedule: root.schedule,
    storePath: root.store ?? join(dirname(path), 'dorado.db'),
    windowsDays: [...new Set(root.windows)].sort((a, b) => a - b),
    logLevel: root.logLevel,
    unnamedRepositories: root.unnamedRepositories,
    defaults,
    services: entries.flatMap((entry) => (entry ? [serviceOf(entry, defaults)] : [])),
    sources,
    sinks,
    channels,
    server: root.server,
    alerts,
    secrets,
  }
}

function contentOf(path: string, readFile: LoadOptions['readFile']): string {
  try {
    return readFile(path)
  } catch (error) {
    throw new ConfigError(`${path}: the configuration cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

function sinceOf({ since, timezone }: Root): number | null {
  return since === undefined ? null : sinceAt(since, timezone)
}

/** The positions of a list's entries; none where it is no list. */
function listAt(data: unknown, key: string): number[] {
  const list = valueAt(data, [key])
  return Array.isArray(list) ? [...list.keys()] : []
}

function defaultsOf(root: Root): ServiceDefaults {
  return {
    environments: root.environments,
    timezone: root.timezone,
    leadTimeFrom: root.leadTimeFrom,
    attributionWindowMs: root.attributionWindow,
    remediationWindowMs: root.remediationWindow,
    recoveryClock: root.recoveryClock,
    hotfix: root.hotfix,
    incidentLabels: root.incidentLabels,
    bots: { ...usualBots, ...botsSaid(root.bots, root.botsInLeadTime) },
  }
}

function serviceOf(entry: ServiceEntry, defaults: ServiceDefaults): Config['services'][number] {
  return {
    name: entry.name,
    team: entry.team ?? null,
    labels: entry.labels,
    repositories: entry.repository ?? entry.repositories ?? [],
    paths: entry.paths,
    environments: entry.environments ?? defaults.environments,
    workflows: entry.workflows,
    incidentServices: entry.incidents,
    timezone: entry.timezone ?? defaults.timezone,
    leadTimeFrom: entry.leadTimeFrom ?? defaults.leadTimeFrom,
    attributionWindowMs: entry.attributionWindow ?? defaults.attributionWindowMs,
    remediationWindowMs: entry.remediationWindow ?? defaults.remediationWindowMs,
    recoveryClock: entry.recoveryClock ?? defaults.recoveryClock,
    hotfix: entry.hotfix ?? defaults.hotfix,
    incidentLabels: entry.incidentLabels ?? defaults.incidentLabels,
    bots: { ...defaults.bots, ...botsSaid(entry.bots, entry.botsInLeadTime) },
  }
}
