import { z } from 'zod'
import { messageOf } from '../core/errors.ts'
import { parseInstant } from '../core/instant.ts'
import { durationField, textField } from '../core/setting-fields.ts'
import { severities, type Severity } from './message.ts'
import { metricNames, metricOf, type MetricName } from './metrics.ts'
import { ruleSchema, type Rule } from './rule.ts'
import { clashesAmong, type TrialSeries } from './verify-series.ts'
import { readCells, readCounts, type Cell } from './verify-values.ts'

const name = z.string().min(1)
const dayMs = 86_400_000
const subject = {
  service: name.optional(),
  team: name.optional(),
  environment: name.optional(),
  workflow: name.optional(),
  source: name.optional(),
  kind: name.optional(),
}

const seriesSchema = z.strictObject({
  metric: z.enum(metricNames),
  aggregate: name.optional(),
  window: durationField('30d').optional(),
  ...subject,
  /** In the notation of verify-values.ts. */
  values: z.coerce.string(),
  /** What each is made of, in the same notation; one number stands for all. */
  n: z.coerce.string().optional(),
})

const samplesSchema = z.strictObject({
  metric: z.enum(metricNames),
  service: name,
  environment: name.optional(),
  /** From one to the next; that of the file, where nothing is said. */
  every: durationField('6h').optional(),
  values: z.coerce.string(),
})

const expectedSchema = z.strictObject({
  rule: name,
  labels: z.record(z.string(), z.string()).default({}),
  state: z.enum(['pending', 'firing']).default('firing'),
  severity: z.enum(severities).optional(),
  summary: z.string().optional(),
})

const testSchema = z.strictObject({
  at: durationField('3h'),
  /** Only the alerts of this rule are looked at. */
  rule: name.optional(),
  alerts: z.array(expectedSchema),
})

/** A file of rule tests: made-up series, and which alerts there have to be when. */
export const trialSchema = z
  .strictObject({
    /** The rules themselves, or the file where they stand; those of the configuration, where nothing is said. */
    rules: z.union([z.string().min(1), z.array(ruleSchema)]).optional(),
    /** From one value to the next. */
    interval: durationField('1h').prefault('1h'),
    start: textField((text) => parseInstant(text, 'start'), ['2026-01-05T00:00:00Z']).prefault(
      '2026-01-05T00:00:00Z',
    ),
    timezone: z.string().default('UTC'),
    series: z.array(seriesSchema).min(1),
    samples: z.array(samplesSchema).default([]),
    tests: z.array(testSchema).min(1),
  })
  .transform((file, context): Trial => {
    const problem = (path: (string | number)[], message: string) =>
      context.issues.push({ code: 'custom', message, path, input: file })
    const attempt = <Result>(path: (string | number)[], work: () => Result, otherwise: Result): Result => {
      try {
        return work()
      } catch (error) {
        problem(path, messageOf(error))
        return otherwise
      }
    }
    const { interval } = file
    if (interval === 0) problem(['interval'], 'is 0; write 1h or 1d')
    const series = file.series.map((each, index): TrialSeries => {
      const at = ['series', index]
      const metric = metricOf(each.metric)
      const aggregates = Object.keys(metric.fields)
      const aggregate = each.aggregate ?? aggregates[0]!
      if (!aggregates.includes(aggregate))
        problem(
          [...at, 'aggregate'],
          `${aggregate} is none of ${each.metric}; write one of ${aggregates.join(', ')}`,
        )
      if (each.window !== undefined && !metric.hasWindow)
        problem([...at, 'window'], `${each.metric} has no window`)
      const windowDays = metric.hasWindow ? (each.window ?? 30 * dayMs) / dayMs : undefined
      if (metric.measurement === 'dora_pipeline' && each.source === undefined)
        problem([...at, 'metric'], `${each.metric} is of a source or sink; write source: github`)
      const cells = attempt([...at, 'values'], () => readCells(each.values, metric, windowDays), [])
      const counts =
        each.n === undefined ? undefined : attempt([...at, 'n'], () => readCounts(each.n!), undefined)
      const isCounted = cells.every((cell) => typeof cell !== 'object' || cell.n !== undefined)
      if (each.n !== undefined && metric.n === undefined)
        problem([...at, 'n'], `${each.metric} is made of nothing that is counted`)
      if (each.n === undefined && metric.n !== undefined && !isCounted)
        problem(
          [...at, 'values'],
          `of how many is that? Write n: 20${metric.unit === 'rate' ? ', or fractions such as 5/40' : ''}`,
        )
      return { ...each, aggregate, windowDays, cells, counts }
    })
    for (const { index, message } of clashesAmong(series)) problem(['series', index, 'values'], message)
    const samples = file.samples.map((each, index): TrialSamples => {
      const metric = metricOf(each.metric)
      if (metric.samples === undefined)
        problem(['samples', index, 'metric'], `${each.metric} is not made of samples`)
      // A sample is one change or deployment: there is nothing that it counts.
      const { n: _n, count: _count, ...usual } = metric
      // Of what a rate counts each is one or nothing.
      const single = metric.samples?.ones ? { ...usual, unit: 'count' as const } : usual
      const cells = attempt(['samples', index, 'values'], () => readCells(each.values, single, undefined), [])
      return { ...each, everyMs: each.every ?? interval, cells }
    })
    for (const [index, { at, rule, alerts }] of file.tests.entries()) {
      if (interval > 0 && at % interval !== 0)
        problem(['tests', index, 'at'], 'is no multiple of interval: nothing is evaluated then')
      for (const [which, expected] of alerts.entries())
        if (rule !== undefined && expected.rule !== rule)
          problem(['tests', index, 'alerts', which, 'rule'], `only alerts of ${rule} are looked at here`)
    }
    return {
      rules: file.rules,
      intervalMs: interval,
      startAt: file.start,
      timezone: file.timezone,
      series,
      samples,
      tests: file.tests.map(({ at, ...test }) => ({ ...test, atMs: at })),
    }
  })

export interface Trial {
  rules: string | readonly Rule[] | undefined
  intervalMs: number
  startAt: number
  timezone: string
  series: readonly TrialSeries[]
  samples: readonly TrialSamples[]
  tests: readonly TrialTest[]
}

export interface TrialSamples {
  metric: MetricName
  service: string
  environment?: string | undefined
  everyMs: number
  cells: readonly Cell[]
}

export interface Expected {
  rule: string
  labels: Readonly<Record<string, string>>
  state: 'pending' | 'firing'
  severity?: Severity | undefined
  summary?: string | undefined
}

export interface TrialTest {
  atMs: number
  rule?: string | undefined
  alerts: readonly Expected[]
}

/** What is wrong between the tests and the rules, each with its place in the file. */
export function strangersIn(
  trial: Trial,
  rules: readonly Rule[],
): { path: (string | number)[]; message: string }[] {
  const names = rules.map((rule) => rule.name)
  const message = (rule: string) => `there is no rule ${rule}; there are ${names.join(', ') || 'none'}`
  return trial.tests.flatMap(({ rule, alerts }, index) => [
    ...(rule === undefined || names.includes(rule)
      ? []
      : [{ path: ['tests', index, 'rule'], message: message(rule) }]),
    ...alerts.flatMap((expected, which) =>
      names.includes(expected.rule)
        ? []
        : [{ path: ['tests', index, 'alerts', which, 'rule'], message: message(expected.rule) }],
    ),
  ])
}
