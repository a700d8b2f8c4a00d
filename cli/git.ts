import { settingsFor } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { dayMs } from '../core/calendar.ts'
import { ConfigError, Refused } from '../core/errors.ts'
import { git } from '../extractors/git/index.ts'
import { analyse, type Analysis } from '../pipeline/analyse.ts'
import { createCatalogue } from '../pipeline/catalogue.ts'
import type { DeriveOptions } from '../pipeline/derive-options.ts'
import { runSource } from '../pipeline/extract.ts'
import { observedBy } from '../pipeline/observed.ts'
import { reportOf } from '../pipeline/report.ts'
import { openSqlite } from '../store/sqlite.ts'
import { createIo, stopSignal } from './context.ts'
import { instantOf, windowsOf } from './report.ts'
import { repositoryTable } from './table.ts'

export interface GitFlags {
  tags?: string
  merges?: boolean
  branch?: string
  hotfix?: string
  timezone: string
  window?: string
  asOf?: string
  format: string
}

const usualWindows = [30, 90, 365]

/** `dorado git PATH`: the metrics of a local clone or bare repository at once, nothing configured or kept. */
export async function gitCommand(path: string, flags: GitFlags): Promise<void> {
  if (flags.format !== 'table' && flags.format !== 'json') {
    throw new ConfigError(`--format ${flags.format}: write table or json`)
  }
  const config = loadConfig({
    path: 'dorado git',
    text: JSON.stringify({ timezone: flags.timezone }),
    env: {},
    readFile: () => '',
    connectors: { sources: [], sinks: [] },
  })
  const io = createIo(config, stopSignal())
  const store = openSqlite({ path: ':memory:' })
  try {
    const run = await runSource(store, git.make('git', settingsOf(path, flags)), io, {
      from: 0,
      asOf: io.clock(),
    })
    if (run.error !== undefined) throw new Refused(run.error)
    const derivation = {
      catalogue: createCatalogue(config, (name, repositories) => settingsFor(config, name, repositories)),
      since: null,
      timezone: config.timezone,
      edition: config.edition,
    }
    const end = flags.asOf === undefined ? undefined : instantOf(flags.asOf)
    const ever: DeriveOptions = {
      ...derivation,
      at: io.clock(),
      windowsDays: [],
      observed: observedBy([], new Map(), end ?? io.clock()),
    }
    const analyses = await analyse(store, ever)
    const asOf = end ?? Math.min(io.clock(), lastInstant(analyses) ?? io.clock())
    const windowsDays = flags.window === undefined ? windowsUpTo(analyses, asOf) : windowsOf(flags.window)
    const states = new Map([...analyses].map(([name, { state }]) => [name, state]))
    const options = { ...ever, windowsDays, observed: observedBy([], new Map(), asOf) }
    const report = reportOf(states, options, { asOf, windowsDays })
    if (flags.format === 'json') process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
    else {
      const counts = await store.facts.counts()
      const told = { counts, skipped: run.skipped, skippedCount: run.skippedCount, path }
      process.stdout.write(`${repositoryTable(report, told, process.stdout.isTTY)}\n`)
    }
  } finally {
    store.close()
  }
}

function settingsOf(path: string, { tags, merges, branch, hotfix }: GitFlags) {
  if (tags !== undefined && merges) throw new ConfigError('--tags and --merges: write one of them')
  const parsed = git.schema.safeParse({
    path,
    deployments: merges ? 'merges' : 'tags',
    ...(tags === undefined ? {} : { tagPattern: tags }),
    ...(branch === undefined ? {} : { branch }),
    ...(hotfix === undefined ? {} : { hotfix }),
  })
  if (parsed.success) return parsed.data
  const { path: key, message } = parsed.error.issues[0]!
  throw new ConfigError(`dorado git: ${key.join('.')}: ${message}`)
}

/**
 * An old clone is looked at from its last deployment, not from today: the millisecond after it, for windows are
 * half-open.
 */
function lastInstant(analyses: ReadonlyMap<string, Analysis>): number | undefined {
  const ends = deploymentTimes(analyses)
  return ends.length === 0 ? undefined : Math.max(...ends) + 1
}

/** The usual windows, and one that goes back to the first deployment. */
function windowsUpTo(analyses: ReadonlyMap<string, Analysis>, asOf: number): number[] {
  const first = deploymentTimes(analyses).reduce((least, at) => Math.min(least, at), asOf)
  const whole = Math.ceil((asOf - first) / dayMs) + 1
  return [...usualWindows.filter((days) => days < whole), whole]
}

function deploymentTimes(analyses: ReadonlyMap<string, Analysis>): number[] {
  return [...analyses.values()].flatMap(({ derived }) =>
    derived.tracks.flatMap(({ deployments }) =>
      [deployments[0], deployments.at(-1)].flatMap((each) => each?.rollout.at ?? []),
    ),
  )
}
