import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const minute = 60_000

/** The value of a series at each minute from 0: clear, between, breach, or no series. */
export type Level = 0 | 1 | 2 | undefined

export interface Rule {
  levels: readonly Level[]
  forMs: number
  keepFiringForMs: number
}

/** What is expected of a rule at a minute; undefined where it has no alert. `activeSince` in ms from minute 0. */
export type Expected = { state: 'pending' | 'firing'; activeSince: number } | undefined

/** The path of promtool, or undefined where it is not installed. */
export function findPromtool(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, 'promtool')).find((file) => existsSync(file))
}

/** An alert begins at 2, and one that fires goes on from 1. */
function ruleOf({ forMs, keepFiringForMs }: Rule, index: number): object {
  const series = `level{rule="${index}"}`
  const fires = `ALERTS{alertname="r${index}", alertstate="firing"}`
  const keep = keepFiringForMs === 0 ? {} : { keep_firing_for: `${keepFiringForMs / minute}m` }
  return {
    alert: `r${index}`,
    expr: `${series} >= 2 or (${series} >= 1 and on() ${fires})`,
    for: `${forMs / minute}m`,
    ...keep,
  }
}

/** Without the marker a value that is gone would be seen for five minutes more. */
function valuesOf(levels: readonly Level[]): string {
  const isGone = (index: number) =>
    index > 0 && levels[index] === undefined && levels[index - 1] !== undefined
  return levels.map((level, index) => level ?? (isGone(index) ? 'stale' : '_')).join(' ')
}

/** `expected[rule][minute]` as what promtool has to find in the two series that Prometheus writes of alerts. */
function testOf(rules: readonly Rule[], expected: readonly (readonly Expected[])[]): object {
  const minutes = Array.from(rules[0]!.levels.keys())
  const samplesAt = (at: number, sample: (rule: number, of: NonNullable<Expected>) => object) =>
    expected.flatMap((row, rule) => (row[at] === undefined ? [] : [sample(rule, row[at])]))
  return {
    rule_files: ['rules.yml'],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: rules.map(({ levels }, rule) => ({
          series: `level{rule="${rule}"}`,
          values: valuesOf(levels),
        })),
        promql_expr_test: minutes.flatMap((at) => [
          {
            expr: 'ALERTS',
            eval_time: `${at}m`,
            exp_samples: samplesAt(at, (rule, { state }) => ({
              labels: `ALERTS{alertname="r${rule}", alertstate="${state}", rule="${rule}"}`,
              value: 1,
            })),
          },
          {
            expr: 'ALERTS_FOR_STATE',
            eval_time: `${at}m`,
            exp_samples: samplesAt(at, (rule, { activeSince }) => ({
              labels: `ALERTS_FOR_STATE{alertname="r${rule}", rule="${rule}"}`,
              value: activeSince / 1000,
            })),
          },
        ]),
      },
    ],
  }
}

/** What promtool says of `expected`: `SUCCESS`, or where Prometheus differs. All rules are evaluated every minute. */
export async function promtool(
  file: string,
  rules: readonly Rule[],
  expected: readonly (readonly Expected[])[],
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dorado-promtool-'))
  try {
    // JSON is YAML.
    const groups = [{ name: 'all', interval: '1m', rules: rules.map(ruleOf) }]
    await writeFile(join(folder, 'rules.yml'), JSON.stringify({ groups }))
    await writeFile(join(folder, 'test.yml'), JSON.stringify(testOf(rules, expected)))
    return await new Promise((resolve) => {
      execFile(file, ['test', 'rules', join(folder, 'test.yml')], { maxBuffer: 1 << 28 }, (_, out, error) =>
        resolve(out + error),
      )
    })
  } finally {
    await rm(folder, { recursive: true })
  }
}
