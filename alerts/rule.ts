import { z } from 'zod'
import { nearest } from '../core/nearest.ts'
import { durationField, textField, textOrList } from '../core/setting-fields.ts'
import { isRelative, readComparedWith } from './comparison.ts'
import { limitsOf, type Limits } from './limits.ts'
import { severities } from './message.ts'
import { metricNames, metricOf, type MetricName } from './metrics.ts'
import { checkMatch, type Match } from './route.ts'
import { checkTemplate, defaultTemplate } from './template.ts'

const dayMs = 86_400_000
const quantity = z.union([z.string(), z.number()])
const name = z.string().min(1).max(100)
const oneOrMany = textOrList(z.array(name).min(1))

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
    /** Only services with these labels. */
    where: z.record(z.string(), oneOrMany).optional(),
    /** Past which it is bad: a quantity, or one for each severity. */
    above: z.union([quantity, z.partialRecord(z.enum(severities), quantity)]).optional(),
    below: z.union([quantity, z.partialRecord(z.enum(severities), quantity)]).optional(),
    /** Back to which it is good again. */
    clear: quantity.optional(),
    /**
     * `previous`: above and below are a share of what it was one window before, such as 150%, or the name of a band that
     * it was still in then. `90d`: a share of what it was over those days, or standard deviations from it, such as 3sd.
     */
    comparedWith: textField(readComparedWith, ['previous', '90d']).optional(),
    /** With a comparison: the number itself has to be as much, too. */
    atLeast: quantity.optional(),
    /** Above is a multiple of this rate, such as 2x. */
    budget: quantity.optional(),
    /** The last part of the window, in which it has to be past the same multiple. */
    alsoIn: durationField('1d').optional(),
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
    const tell = (key: string, message: string) =>
      void context.issues.push({ code: 'custom', message, path: [key], input: rule })
    const metric = metricOf(rule.metric)
    const aggregate = rule.aggregate ?? Object.keys(metric.fields)[0]!
    if (!Object.hasOwn(metric.fields, aggregate))
      tell(
        'aggregate',
        `${aggregate} is none of ${rule.metric}; write one of ${Object.keys(metric.fields).join(', ')}`,
      )
    if (rule.window !== undefined && !metric.hasWindow) tell('window', `${rule.metric} has no window`)
    if (rule.window !== undefined && rule.window % dayMs !== 0)
      tell('window', 'is no number of whole days, such as 30d')
    const windowDays = metric.hasWindow ? (rule.window ?? 30 * dayMs) / dayMs : undefined
    if (rule.where !== undefined && rule.per !== 'service')
      tell('where', `chooses services by their labels; write per: service`)
    const whereIssue = rule.where && checkMatch(rule.where)
    if (whereIssue !== undefined) tell('where', whereIssue)
    const directions = (['above', 'below'] as const).filter((direction) => rule[direction] !== undefined)
    if (directions.length === 0) tell('name', 'has no threshold; write above or below')
    if (directions.length === 2) tell('below', 'stands beside above; write one of the two')
    const direction = directions[0] ?? 'above'
    const limits = limitsOf({ ...rule, aggregate, windowDays, direction }, tell)
    const { comparison } = limits
    const hasTest = metric.count !== undefined || metric.samples !== undefined
    const isTested = ['previous', 'dropped', 'baseline'].includes(comparison?.kind ?? '')
    if (isTested && rule.test === 'significant' && !hasTest)
      tell('test', `nothing can be tested of ${rule.metric}; write test: naive to compare the bare numbers`)
    const templateProblem = checkTemplate(rule.message)
    if (templateProblem !== undefined) tell('message', templateProblem)
    const runbookProblem = checkTemplate(rule.runbook ?? '')
    if (runbookProblem !== undefined) tell('runbook', runbookProblem)
    return {
      name: rule.name,
      metric: rule.metric,
      aggregate,
      windowDays,
      per: rule.per,
      services: rule.services,
      teams: rule.teams,
      environments: rule.environments,
      where: rule.where,
      direction,
      ...limits,
      isRelative: isRelative(comparison),
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

/** A rule, checked. */
export interface Rule extends Limits {
  name: string
  metric: MetricName
  aggregate: string
  /** Undefined where the metric has no window. */
  windowDays: number | undefined
  per: 'service' | 'team' | 'organization'
  services: readonly string[] | undefined
  teams: readonly string[] | undefined
  environments: readonly string[] | undefined
  /** Labels that its services have: see where.ts. */
  where: Match | undefined
  direction: 'above' | 'below'
  /** It asks for more than the points of the instant: for what was before (see compare.ts). */
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
