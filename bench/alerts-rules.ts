import { alertsSchema } from '../alerts/settings.ts'
import type { Rule } from '../alerts/rule.ts'

/** Forty rules as an organisation has them: every metric of the report, over several windows, plain and compared. */
export function fortyRules(): readonly Rule[] {
  const timing = { for: '2h', keepFiringFor: '6h' }
  const written = [7, 30, 90].flatMap((days) => {
    const window = `${days}d`
    return [
      { metric: 'changeFailRate', window, above: { warning: '15%', critical: '30%' } },
      { metric: 'changeFailRate', window, above: '20%', per: 'team' },
      { metric: 'leadTime', window, above: '9d' },
      { metric: 'leadTime', window, aggregate: 'p90', above: '28d' },
      { metric: 'deploymentFrequency', window, below: '1/month', test: 'naive' },
      { metric: 'recoveryTime', window, above: '1d', minSamples: 5 },
      { metric: 'reworkRate', window, above: '25%' },
      { metric: 'incidents', window, above: 60 },
    ]
  })
  const compared = [7, 30].flatMap((days) => {
    const window = `${days}d`
    return [
      { metric: 'changeFailRate', window, comparedWith: 'previous', above: '150%' },
      { metric: 'leadTime', window, comparedWith: 'previous', above: '150%' },
      { metric: 'deploymentFrequency', window, comparedWith: 'previous', below: '50%' },
    ]
  })
  const flow = ['coding', 'pickup', 'review', 'deploy', 'batchAge'].map((metric) => ({ metric, above: '8d' }))
  const others = [
    { metric: 'deploymentSize', above: 20 },
    { metric: 'weekendMerges', above: 30 },
    { metric: 'openFailures', above: 0, clear: 0 },
    { metric: 'sinceLastDeployment', above: '30d' },
    { metric: 'sourceLag', above: '3h' },
  ]
  const rules = [...written, ...compared, ...flow, ...others].map((rule, index) => ({
    name: `${index} ${rule.metric}`,
    ...timing,
    ...rule,
  }))
  return alertsSchema.parse({ rules }).rules
}

/** Those that are tried on a year. */
export function triedRules(): Readonly<Record<string, Rule>> {
  const [plain, compared, tested] = alertsSchema.parse({
    rules: [
      { name: 'plain', metric: 'changeFailRate', above: { warning: '15%', critical: '30%' }, for: '2h' },
      { name: 'compared', metric: 'deploymentFrequency', comparedWith: 'previous', below: '50%' },
      { name: 'tested', metric: 'leadTime', comparedWith: 'previous', above: '150%' },
    ],
  }).rules
  return {
    'a rate': plain!,
    'a frequency beside the window before': compared!,
    'lead times beside those before': tested!,
  }
}
