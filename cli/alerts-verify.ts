import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import type { Rule } from '../alerts/rule.ts'
import { noAlerts, type AlertSettings } from '../alerts/settings.ts'
import { strangersIn, trialSchema, type Expected } from '../alerts/verify-file.ts'
import { verify, type Failure, type Found } from '../alerts/verify.ts'
import { readChecked } from '../config/checked-file.ts'
import { formatDuration } from '../core/duration.ts'
import { effectiveRule, readConfig } from './context.ts'
import { readRules } from './rules-file.ts'

/** `dorado alerts verify FILE…`. Returns 1 where a test fails; a wrong file is a ConfigError. */
export async function verifyCommand(files: readonly string[], configPath: string): Promise<number> {
  let failed = 0
  for (const path of files) {
    const { value: trial, errorOf } = readChecked(path, trialSchema, {
      env: process.env,
      readFile: (file) => readFileSync(file, 'utf8'),
    })
    const rules = rulesFor(trial.rules, path, configPath)
    const strangers = strangersIn(trial, rules)
    if (strangers.length > 0) throw errorOf(strangers)
    const failures = await verify(trial, rules)
    failed += failures.length
    const count = trial.tests.length
    const result = failures.length === 0 ? 'all as expected' : `${failures.length} FAILED`
    process.stdout.write(`${path}: ${count} ${count === 1 ? 'test' : 'tests'}, ${result}\n`)
    for (const failure of failures) process.stdout.write(failureText(failure))
  }
  return failed === 0 ? 0 : 1
}

function rulesFor(
  rules: string | readonly Rule[] | undefined,
  path: string,
  configPath: string,
): readonly Rule[] {
  if (rules === undefined) {
    const config = readConfig(configPath)
    const { rules: configured } = (config.alerts ?? noAlerts) as AlertSettings
    return configured.map((rule) => effectiveRule(rule, config))
  }
  if (typeof rules !== 'string') return rules
  return readRules(isAbsolute(rules) ? rules : join(dirname(path), rules))
}

function failureText({ test, atMs, missing, unexpected }: Failure): string {
  const lines = [
    `  tests[${test}], at ${formatDuration(atMs)}:`,
    ...(missing.length > 0 ? missing : [undefined]).map((each) => `    expected: ${expectedText(each)}`),
    ...(unexpected.length > 0 ? unexpected : [undefined]).map((each) => `    got:      ${foundText(each)}`),
  ]
  return `${lines.join('\n')}\n`
}

function expectedText(expected: Expected | undefined): string {
  if (!expected) return 'no other alert'
  const { rule, state, severity, labels, summary } = expected
  return [state, severity, rule, labelsText(labels), summary && JSON.stringify(summary)]
    .filter((part) => part !== undefined && part !== '')
    .join(' ')
}

function foundText(found: Found | undefined): string {
  if (!found) return 'no other alert'
  const { rule, severity: _severity, ...labels } = found.labels
  return `${found.state} ${found.severity} ${rule} ${labelsText(labels)} ${JSON.stringify(found.summary)}`
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`)
  return pairs.length === 0 ? '' : `{${pairs.join(', ')}}`
}
