#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { Command, CommanderError } from 'commander'
import { addAlerts } from './cli/alerts-program.ts'
import { configOf, configOption, defaultConfigPath, end, formatOption } from './cli/command-options.ts'
import type { ViewFlags } from './cli/report-views.ts'
import { ConfigError, messageOf } from './core/errors.ts'
import type { ImportFlags } from './cli/import-junit.ts'
import packageJson from './package.json' with { type: 'json' }

/**
 * The commands. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration. Each command's code is loaded when
 * it is called, so that `dorado git` does not wait for what only `dorado start` needs.
 */
const program = new Command('dorado')
  .description('DORA metrics that can be believed, from Git, CI/CD and incident systems')
  .version(packageJson.version)
  .exitOverride()
  // What follows the name of a command is that command's: `alerts test --config` is the test's.
  .enablePositionalOptions()
  .configureHelp({ showGlobalOptions: true })

// What a command loads is compiled once for all: half of the time that a short one takes.
enableCompileCache()

program
  .command('start')
  .description('refresh on the schedule until stopped; without a configuration, on the demo company')
  .option('--config <file>', `the configuration (default: "${defaultConfigPath}" if there is one)`)
  .action(async ({ config }: { config?: string }) => {
    const { startCommand } = await import('./cli/start.ts')
    await startCommand(config)
  })

program
  .command('refresh')
  .description('one pass: extract, derive, deliver')
  .option(...configOption)
  .action(async ({ config }: { config: string }) => {
    const { refreshCommand } = await import('./cli/refresh.ts')
    await end(refreshCommand(await configOf(config)))
  })

program
  .command('backfill')
  .description("read the sources' history anew from a date")
  .requiredOption('--since <date>', 'from when: 2026-01-01, or an instant with a zone')
  .option('--source <name>', 'only this source')
  .option(...configOption)
  .action(async ({ config, ...flags }: { config: string; since: string; source?: string }) => {
    const { backfillCommand } = await import('./cli/refresh.ts')
    await end(backfillCommand(await configOf(config), flags))
  })

program
  .command('rebuild')
  .description('derive everything anew from the stored facts')
  .option(...configOption)
  .action(async ({ config }: { config: string }) => {
    const { rebuildCommand } = await import('./cli/refresh.ts')
    await end(rebuildCommand(await configOf(config)))
  })

program
  .command('report')
  .description('the metrics per service, team and organisation')
  .option(...formatOption('table, json or csv'))
  .option('--as-of <instant>', 'the end of the windows: an instant with a zone (default: the last refresh)')
  .option('--window <days>', 'such as 7d or 7d,30d,90d')
  .option('--service <name>', 'only this service')
  .option('--team <name>', 'only this team')
  .option('--flow', 'instead: what goes on before deployments (phases, batches, merged changes, hotfixes)')
  .option('--ci', 'instead: CI runs by service and workflow')
  .option('--flaky', 'instead: flaky tests of the last 14 days, from imported test reports')
  .option('--quality', 'instead: what could not be known or looks wrong, grouped by what to do about it')
  .option('--changes-since <date>', 'instead: what was restated since then, and why')
  .option('--include-bots', 'count changes by bots in every metric made of changes')
  .option('--exclude-bots', 'count them in none')
  .option(...configOption)
  .action(async ({ config, ...flags }: { config: string } & ViewFlags) => {
    const { reportView } = await import('./cli/report-views.ts')
    await reportView(await configOf(config), flags)
  })

program
  .command('explain')
  .description('the deployments, changes and incidents behind a number, and the rule that put each one there')
  .argument('<service>')
  .argument(
    '<metric>',
    'deploymentFrequency, leadTime, changeFailRate, recoveryTime, reworkRate, incidents; of what goes on before: ' +
      'coding, pickup, review, deploy, reviewTime, deploymentSize, batchAge, merged, large, weekend, hotfixes, ' +
      'labelledFailRate; sinceLastDeployment, openFailures, oldestOpenFailure, failureStreak; of CI: ciDuration, ciFailureRate, ciRerunRate, ' +
      'ciTimeToGreen; flakyTests',
  )
  .option('--environment <name>', 'only this production environment')
  .option('--workflow <name>', 'of the metrics of CI, only this workflow')
  .option('--window <days>', 'such as 30d')
  .option('--as-of <instant>', 'the end of the window (default: the last refresh)')
  .option('--include-bots', 'count changes by bots')
  .option('--exclude-bots', 'leave them out')
  .option(...formatOption('table or json'))
  .option(...configOption)
  .action(
    async (service: string, metric: string, { config, ...flags }: { config: string; format: string }) => {
      const { explainCommand } = await import('./cli/explain.ts')
      await explainCommand(await configOf(config), service, metric, flags)
    },
  )

program
  .command('import')
  .description('store the facts of an NDJSON file, or a JUnit test report, and derive what changed')
  .argument('[file]', 'NDJSON facts')
  .option('--skip-bad', 'import the good lines of a file with bad ones')
  .option('--junit <path>', 'instead: a JUnit XML file, or a folder of them that belong to one run')
  .option('--repository <name>', 'with --junit: whose tests these are, as owner/name')
  .option('--run <id>', 'with --junit: the CI run')
  .option('--sha <sha>', 'with --junit: the commit')
  .option('--at <instant>', 'with --junit: when they ran (default: the timestamp in the file)')
  .option(...configOption)
  .action(async (file: string | undefined, { config, ...flags }: { config: string } & ImportFlags) => {
    const { importAny } = await import('./cli/import-junit.ts')
    await end(importAny(await configOf(config), file, flags))
  })

program
  .command('export')
  .description('write all facts as NDJSON, or all points as line protocol, to the standard output')
  .argument('<what>', 'facts or points')
  .option(...configOption)
  .action(async (what: string, { config }: { config: string }) => {
    const { exportCommand } = await import('./cli/import-export.ts')
    await exportCommand(await configOf(config), what)
  })

program
  .command('deliver')
  .description('give the sinks the points that they have not got')
  .option('--sink <name>', 'only this sink')
  .option('--rejected', 'once more also what a sink refused, after the cause is mended')
  .option(...configOption)
  .action(async ({ config, ...flags }: { config: string; sink?: string; rejected?: boolean }) => {
    const { deliverCommand } = await import('./cli/deliver.ts')
    await end(deliverCommand(await configOf(config), flags))
  })

program
  .command('setup')
  .description(
    'make what sinks need where it is not there, such as bucket, retention and mapping; says what it did',
  )
  .argument('<kind>', 'influxdb')
  .option(...configOption)
  .action(async (kind: string, { config }: { config: string }) => {
    const { setupCommand } = await import('./cli/setup.ts')
    await end(setupCommand(await configOf(config), kind))
  })

addAlerts(program)

program
  .command('check')
  .description('try every token, permission and server: works, or what is wrong')
  .option(...formatOption('table or json'))
  .option(...configOption)
  .action(async ({ config, ...flags }: { config: string; format: string }) => {
    const { checkCommand } = await import('./cli/check.ts')
    await end(checkCommand(await configOf(config), flags))
  })

program
  .command('git')
  .description('the metrics of a local clone or bare repository at once, nothing configured')
  .argument('<path>')
  .option('--tags <regexp>', 'which tags are deployments (default: those that look like a release)')
  .option('--merges', 'count first-parent commits of the branch as deployments instead of tags')
  .option('--branch <name>', "the branch to read (default: HEAD's)")
  .option('--hotfix <regexp>', 'which of the tags are hotfixes')
  .option('--timezone <zone>', 'IANA zone of local days', 'UTC')
  .option('--window <days>', 'such as 30d,90d')
  .option('--as-of <instant>', 'the end of the windows (default: the last deployment)')
  .option(...formatOption('table or json'))
  .action(async (path: string, flags: { timezone: string; format: string }) => {
    const { gitCommand } = await import('./cli/git.ts')
    await gitCommand(path, flags)
  })

program
  .command('config')
  .description('the effective configuration, secrets masked')
  .option(...configOption)
  .action(async ({ config }: { config: string }) => {
    const { printConfig } = await import('./config/print.ts')
    process.stdout.write(printConfig(await configOf(config)))
  })

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  process.stderr.write(`dorado: the standard output cannot be written: ${messageOf(error)}\n`)
  process.exit(1)
})
// Where errors are told to nobody, the exit code still tells.
process.stderr.on('error', () => {})

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else {
    process.stderr.write(`dorado: ${error instanceof ConfigError ? error.message : messageOf(error)}\n`)
    process.exitCode = error instanceof ConfigError ? 2 : 1
  }
}
