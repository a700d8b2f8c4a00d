import type { Rule } from '../alerts/rule.ts'
import type { Config } from '../config/config.ts'
import { sinceAt } from '../config/fields.ts'
import { calendarOf } from '../core/calendar.ts'
import { ConfigError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { backtest } from '../pipeline/backtest.ts'
import { serviceNames } from '../pipeline/service-names.ts'
import { hourOf } from '../transforms/window-points.ts'
import { backtestJson, backtestText } from './backtest-text.ts'
import { dateOf } from './changes.ts'
import { chartWidth } from './chart.ts'
import { effectiveRule, open, type Opened } from './context.ts'
import { latest } from './report.ts'
import { readRules } from './rules-file.ts'

export interface BacktestFlags {
  file?: string
  since: string
  until?: string
  service?: string
  format: string
}

/** `dorado alerts backtest`: when a rule would have fired, and what other thresholds would have done. Writes nothing. */
export async function backtestCommand(
  config: Config,
  name: string | undefined,
  flags: BacktestFlags,
): Promise<void> {
  if (flags.format !== 'table' && flags.format !== 'json')
    throw new ConfigError(`--format ${flags.format}: write table or json`)
  const { pipeline, close } = open(config, { command: 'alerts backtest', readOnly: true })
  try {
    const rule = ruleOf(config, pipeline.alerts.settings.rules, name, flags.file)
    await checkService(pipeline, rule, flags.service)
    const from = instantOf(flags.since, '--since', config)
    const to =
      flags.until === undefined ? hourOf(await latest(pipeline)) : instantOf(flags.until, '--until', config)
    if (from >= to)
      throw new ConfigError(`--since ${flags.since}: nothing lies between it and the end of the points`)
    const tested = await backtest(pipeline, rule, { from, to, service: flags.service })
    const text =
      flags.format === 'json'
        ? JSON.stringify(backtestJson(tested), null, 2)
        : backtestText(tested, chartWidth(process.stdout), calendarOf(config.timezone))
    process.stdout.write(`${text}\n`)
  } finally {
    close()
  }
}

/** The rule of that name: of a file that the configuration need not name, or else of the configuration. */
function ruleOf(
  config: Config,
  configured: readonly Rule[],
  name: string | undefined,
  file: string | undefined,
): Rule {
  const rules =
    file === undefined ? configured : readRules(file, config).map((rule) => effectiveRule(rule, config))
  if (name === undefined && file !== undefined && rules.length === 1) return rules[0]!
  const names = rules.map((rule) => rule.name)
  if (name === undefined) throw new ConfigError(`which rule? There are ${names.join(', ') || 'none'}`)
  const rule = rules.find((each) => each.name === name)
  if (rule) return rule
  const near = nearest(name, names)
  throw new ConfigError(
    `no rule ${name}${near === undefined ? `; there are ${names.join(', ') || 'none'}` : `; did you mean ${near}?`}`,
  )
}

async function checkService(
  { store, derivation }: Opened['pipeline'],
  rule: Rule,
  service: string | undefined,
): Promise<void> {
  if (service === undefined) return
  if (rule.per !== 'service')
    throw new ConfigError(`--service ${service}: ${rule.name} is of no single service`)
  const names = await serviceNames(store, derivation.catalogue)
  if (names.includes(service)) return
  const near = nearest(service, names)
  throw new ConfigError(
    `--service ${service}: there is no such service${near ? `; did you mean ${near}?` : ''}`,
  )
}

/** A date begins at its midnight where the organisation is, as its days do. */
function instantOf(text: string, flag: string, { timezone }: Config): number {
  const at = dateOf(text, flag)
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? sinceAt(text, timezone) : at
}
