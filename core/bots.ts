/** Whether changes by bots count in a metric. */
export type BotChoice = 'excluded' | 'included'

/** The metrics that are made of changes. Deployments, failures and rework always count everything. */
export const botMetrics = [
  'leadTime',
  'flow',
  'reviewTime',
  'deploymentSize',
  'batchAge',
  'merged',
  'hotfixes',
  'labelledFailRate',
] as const
export type BotMetric = (typeof botMetrics)[number]
export type BotChoices = Record<BotMetric, BotChoice>

/**
 * How fast people work would be hidden by bots, which are many and fast; how much goes out at once, and what was
 * mended, is the same whoever made it.
 */
export const usualBots: BotChoices = {
  leadTime: 'excluded',
  flow: 'excluded',
  reviewTime: 'excluded',
  deploymentSize: 'included',
  batchAge: 'included',
  merged: 'excluded',
  hotfixes: 'included',
  labelledFailRate: 'included',
}

/** The same choice for every metric. */
export function botsEverywhere(choice: BotChoice): BotChoices {
  return Object.fromEntries(botMetrics.map((metric) => [metric, choice])) as BotChoices
}

/** What is said at one level: `botsInLeadTime` is short for lead time and the phases it is made of. */
export function botsSaid(
  bots: Partial<BotChoices> | undefined,
  inLeadTime: boolean | undefined,
): Partial<BotChoices> {
  if (inLeadTime === undefined) return { ...bots }
  const choice = inLeadTime ? 'included' : 'excluded'
  return { leadTime: choice, flow: choice, reviewTime: choice, ...bots }
}
