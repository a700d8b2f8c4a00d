import { z } from 'zod'
import { messageOf } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { durationField } from '../core/setting-fields.ts'
import { severities, type Severity } from './message.ts'
import { metricNames, metricOf, type MetricName } from './metrics.ts'
import { parseQuantity } from './quantity.ts'
import { checkTemplate, defaultTemplate } from './template.ts'

const dayMs = 86_400_000
const quantity = z.union([z.string(), z.number()])
const name = z.string().min(1).max(100)
const oneOrMany = z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(name).min(1))

/** What a rule compares with: the window before, or a number of days of the same service's own past. */
const against = z.enum(['previous']).optional()

/** A rule as it is written. */
export const ruleSchema = z
  .strictObject({
    name,
    metric: z.enum(metricNames, {
      error: ({ input }) => {
        const near = nearest(String(input), metricNames)
        return `${String(input)} is no metric${near ? `; did you mean ${near}?` : `; write one of ${metricNames.join(', ')}`}`
      },
    }),
    /** p50, p90, p95 of percentiles. */
    aggregate: z.string().optional(),
    window: durationField('30d').optional(),
    /** One alert for each service, for each team, or for all together. */
    per: z.enum(['service', 'team', 'organization']).default('service'),
    services: oneOrMany.optional(),
    teams: oneOrMany.optional(),
    environments: oneOrMany.optional(),
    /** Past which it is bad: a quantity, or one for each severity. */
    above: z.union([quantity, z.partialRecord(z.enum(severities), quantity)]).optional(),
    below: z.union([quantity, z.partialRecord(z.enum(severities), quantity)]).optional(),
    /** Back to which it is good again. */
    clear: quantity.optional(),
    /** `previous`: above and below are a share of what it was one window before, such as 150%. */
    comparedWith: against,
    severity: z.enum(severities).default('warning'),
    for: durationField('2h').prefault('0s'),
    keepFiringFor: durationField('6h').prefault('0s'),
    minSamples: z.int().min(0).optional(),
    /** `naive`: fires on the bare number, however few it is made of. */
    test: z.enum(['significant', 'naive']).default('significant'),
    noData: z.enum(['keep', 'ok', 'alert']).default('keep'),
    noDataFor: durationField('6h').prefault('6h'),
    labels: z.record(z.string().regex(/^[a-zA-Z_]\w*$/), z.string()).default({}),
    message: z.string().max(1000).default(defaultTemplate),
    runbook: z.string().max(2000).optional(),
  })
  .transform((rule, context): Rule => {
    const problem = (path: string, message: string) =>
      context.issues.push({ code: 'custom', message, path: [path], input: rule })
    const metric = metricOf(rule.metric)
    const aggregates = Object.keys(metric.fields)
    const aggregate = rule.aggregate ?? aggregates[0]!
    if (!aggregates.includes(aggregate))
      problem('aggregate', `${aggregate} is none of ${rule.metric}; write one of ${aggregates.join(', ')}`)
    if (rule.window !== undefined && !metric.hasWindow) problem('window', `${rule.metric} has no window`)
    if (rule.window !== undefined && rule.window % dayMs !== 0)
      problem('window', 'is no number of whole days, such as 30d')
    const directions = (['above', 'below'] as const).filter((direction) => rule[direction] !== undefined)
    if (directions.length !== 1) problem('name', 'takes either above or below')
    const direction = directions[0] ?? 'above'
    const unit = rule.comparedWith === 'previous' ? undefined : metric.unit
    const parse = (path: string, text: string | number): number => {
      try {
        return unit === undefined ? shareOf(text) : parseQuantity(text, unit)
      } catch (error) {
        problem(path, messageOf(error))
        return 0
      }
    }
    const written = rule[direction] ?? {}
    const thresholds = Object.entries(
      typeof written === 'object' ? written : { [rule.severity]: written },
    ).map(([severity, text]) => ({ severity: severity as Severity, value: parse(direction, text) }))
    if (thresholds.length === 0) problem(direction, 'has no threshold')
    thresholds.sort((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity))
    const least = thresholds.at(-1)?.value ?? 0
    const isPast = (value: number, than: number) => (direction === 'above' ? value > than : value < than)
    for (const [index, { severity, value }] of thresholds.entries()) {
      const next = thresholds[index + 1]
      if (next && !isPast(value, next.value))
        problem(
          direction,
          `${severity} is not further than ${next.severity}: it would never be reached first`,
        )
    }
    const clear = rule.clear === undefined ? undefined : parse('clear', rule.clear)
    if (clear !== undefined && isPast(clear, least))
      problem(
        'clear',
        `lies past the threshold: write one that is ${direction === 'above' ? 'lower' : 'higher'}`,
      )
    if (rule.comparedWith === 'previous' && !metric.hasWindow)
      problem('comparedWith', `${rule.metric} has no window, so there is none before`)
    const hasTest = metric.count !== undefined || metric.samples !== undefined
    if (rule.comparedWith === 'previous' && rule.test === 'significant' && !hasTest)
      problem(
        'test',
        `nothing can be tested of ${rule.metric}; write test: naive to compare the bare numbers`,
      )
    const templateProblem = checkTemplate(rule.message)
    if (templateProblem !== undefined) problem('message', templateProblem)
    return {
      name: rule.name,
      metric: rule.metric,
      aggregate,
      windowDays: metric.hasWindow ? (rule.window ?? 30 * dayMs) / dayMs : undefined,
      per: rule.per,
      services: rule.services,
      teams: rule.teams,
      environments: rule.environments,
      direction,
      thresholds,
      // A tenth less than what fires: a number that trembles at the threshold is told once.
      clear: clear ?? (direction === 'above' ? least * 0.9 : least * 1.1),
      isRelative: rule.comparedWith === 'previous',
      forMs: rule.for,
      keepFiringForMs: rule.keepFiringFor,
      minSamples: rule.minSamples ?? (metric.n === undefined ? 0 : 10),
      isNaive: rule.test === 'naive',
      noData: rule.noData,
      noDataForMs: rule.noDataFor,
      labels: rule.labels,
      message: rule.message,
      runbook: rule.runbook,
    }
  })

/** A rule, checked: thresholds in the unit of the points, from the most severe down. */
export interface Rule {
  name: string
  metric: MetricName
  aggregate: string
  /** Undefined where the metric has no window. */
  windowDays: number | undefined
  per: 'service' | 'team' | 'organization'
  services: readonly string[] | undefined
  teams: readonly string[] | undefined
  environments: readonly string[] | undefined
  direction: 'above' | 'below'
  thresholds: readonly { severity: Severity; value: number }[]
  clear: number
  /** Thresholds are shares of what it was one window before. */
  isRelative: boolean
  forMs: number
  keepFiringForMs: number
  minSamples: number
  isNaive: boolean
  noData: 'keep' | 'ok' | 'alert'
  noDataForMs: number
  labels: Readonly<Record<string, string>>
  message: string
  runbook: string | undefined
}

function shareOf(text: string | number): number {
  const [, percent] = /^(\d+(?:\.\d+)?)\s*%$/.exec(String(text).trim()) ?? []
  if (percent === undefined) throw new Error(`${text} is no share of what was before; write 150% or 50%`)
  return Number(percent) / 100
}
