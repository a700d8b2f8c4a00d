import type { Command } from 'commander'
import type { BacktestFlags } from './alerts-backtest.ts'
import { configOf, configOption, defaultConfigPath, end, formatOption } from './command-options.ts'
import type { SilenceFlags } from './silence.ts'

/** `dorado alerts` and what follows it. */
export function addAlerts(program: Command): void {
  const alerts = program
    .command('alerts')
    .description('what fires and what is pending, what is kept quiet and by what, and what waits to be sent')
    .option(...formatOption('table or json'))
    .enablePositionalOptions()
    .option(...configOption)
    .action(async ({ config, ...flags }: { config: string; format: string }) => {
      const { alertsCommand } = await import('./alerts.ts')
      await alertsCommand(await configOf(config), flags)
    })

  alerts
    .command('test')
    .description('evaluate all rules on the current points and show what would be sent; sends nothing')
    .option(...configOption)
    .action(async ({ config }: { config: string }) => {
      const { alertsTestCommand } = await import('./alerts.ts')
      await alertsTestCommand(await configOf(config))
    })

  alerts
    .command('send-test')
    .description('send a message to a channel that says that it is a test')
    .argument('<channel>')
    .option(...configOption)
    .action(async (channel: string, { config }: { config: string }) => {
      const { sendTestCommand } = await import('./alerts.ts')
      await end(sendTestCommand(await configOf(config), channel))
    })

  alerts
    .command('silence')
    .description('keep alerts from being told for a while')
    .requiredOption(
      '--match <label=value...>',
      'labels that an alert has to have, such as team=storefront or service=/shop-.*/',
    )
    .option('--from <instant>', 'from when (default: now)')
    .option('--for <duration>', 'for how long, such as 2h or 3d')
    .option('--until <instant>', 'instead: until when, such as 2026-03-02T10:00:00Z')
    .option('--comment <text>', 'why')
    .option('--author <name>', 'who')
    .option(...configOption)
    .action(async ({ config, ...flags }: { config: string } & SilenceFlags) => {
      const { silenceCommand } = await import('./silence.ts')
      await silenceCommand(await configOf(config), flags)
    })

  alerts
    .command('unsilence')
    .description('end a silence')
    .argument('<id>')
    .option(...configOption)
    .action(async (id: string, { config }: { config: string }) => {
      const { unsilenceCommand } = await import('./silence.ts')
      await unsilenceCommand(await configOf(config), id)
    })

  alerts
    .command('verify')
    .description(
      'evaluate rules on made-up series and compare with the alerts that a file expects; needs no store',
    )
    .argument('<file...>', 'YAML with series and tests')
    .option('--config <file>', 'the configuration, for files without rules of their own', defaultConfigPath)
    .action(async (files: string[], { config }: { config: string }) => {
      const { verifyCommand } = await import('./alerts-verify.ts')
      await end(verifyCommand(files, config))
    })

  alerts
    .command('backtest')
    .description(
      'try a rule on the stored past: when it would have fired, and with other thresholds; sends nothing',
    )
    .argument('[rule]', 'its name; may be left out where --file has only one')
    .requiredOption('--since <date>', 'from when: 2026-01-01, or an instant with a zone')
    .option('--until <date>', 'to when (default: the last refresh)')
    .option('--service <name>', 'only this service')
    .option('--file <file>', 'a file of rules that the configuration does not name')
    .option(...formatOption('table or json'))
    .option(...configOption)
    .action(async (rule: string | undefined, { config, ...flags }: { config: string } & BacktestFlags) => {
      const { backtestCommand } = await import('./alerts-backtest.ts')
      await backtestCommand(await configOf(config), rule, flags)
    })
}
