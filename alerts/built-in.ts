/**
 * Rules that most teams want, as they would be written in a configuration. A number has to be past its threshold for
 * certain and for a while before anybody is told.
 */
export const builtInRules: readonly Record<string, unknown>[] = [
  {
    name: 'change fail rate high',
    metric: 'changeFailRate',
    above: { warning: '15%', critical: '30%' },
    for: '2h',
    keepFiringFor: '6h',
  },
  {
    name: 'lead time risen',
    metric: 'leadTime',
    comparedWith: 'previous',
    above: '150%',
    for: '2h',
    keepFiringFor: '6h',
  },
  {
    name: 'deploying less',
    metric: 'deploymentFrequency',
    comparedWith: 'previous',
    below: '50%',
    for: '2h',
    keepFiringFor: '6h',
  },
  {
    name: 'recovery slow',
    metric: 'recoveryTime',
    above: '1d',
    minSamples: 5,
    for: '2h',
    keepFiringFor: '6h',
  },
  {
    name: 'failure open',
    metric: 'oldestOpenFailure',
    above: { warning: '1d', critical: '7d' },
    message: '{{subject}} has a failed deployment that has not recovered for {{value}}',
  },
  {
    name: 'failing in a row',
    metric: 'failureStreak',
    above: { warning: 3, critical: 6 },
    clear: 1,
    message: 'The last {{value}} deployments of {{subject}} failed',
  },
  {
    name: 'source behind',
    metric: 'sourceLag',
    above: { warning: '3h', critical: '12h' },
    message: '{{subject}} was not read completely for {{value}}: what needs it is held',
  },
  {
    name: 'sink behind',
    metric: 'sinkLag',
    above: { warning: '3h', critical: '12h' },
    message: '{{subject}} did not take everything for {{value}}: dashboards are behind',
  },
]
