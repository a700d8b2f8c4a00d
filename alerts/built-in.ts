/**
 * Rules that most teams want, as they would be written in a configuration. A number has to be past its threshold for
 * certain and for a while before anybody is told.
 */
export const builtInRules: readonly Record<string, unknown>[] = [
  {
    name: 'change fail rate high',
    metric: 'changeFailRate',
    budget: '15%',
    above: '1x',
    for: '2h',
    keepFiringFor: '6h',
  },
  // A month tells of what goes wrong today weeks later: this tells of it at once, and of nothing that is over.
  {
    name: 'change fail budget burning',
    metric: 'changeFailRate',
    window: '7d',
    alsoIn: '1d',
    budget: '15%',
    above: { warning: '2x', critical: '4x' },
    keepFiringFor: '6h',
  },
  {
    name: 'lead time risen',
    metric: 'leadTime',
    comparedWith: 'previous',
    above: '150%',
    atLeast: '4h',
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
  {
    name: 'sink backlog growing',
    metric: 'sinkBacklog',
    comparedWith: '6h',
    above: '200%',
    atLeast: 50_000,
    for: '2h',
    message:
      '{{subject}} has {{value}} points to be sent, {{before}} six hours ago: it takes less than there comes',
  },
]
