import type { BotChoice, BotChoices } from '../core/bots.ts'
import { isoOf } from '../core/calendar.ts'
import type { TrackedDeployment } from './derive.ts'
import type { Phase } from './flow-numbers.ts'
import type { Sample } from './lead-time.ts'
import type { MergedChange } from './merged-changes.ts'
import type { UnknownShipment } from './shipping.ts'
import { batchAge, isBatchKnown } from './window-events.ts'
import { identityOf, urlOf, type Evidence } from './evidence.ts'

/** Why the detail of a deployment's shipment is not known, by the deployment's id. */
export type DetailOf = (deployment: string) => string | undefined

/** Lead time: the changes shipped, and the deployments of which nobody knows what they shipped. */
export function explainLeadTime(
  deployments: readonly TrackedDeployment[],
  bots: BotChoice,
  detailOf: DetailOf,
): Evidence[] {
  return ofSamples(deployments, bots, detailOf, ({ leadTimeMs }) => ({ seconds: leadTimeMs! / 1000 }))
}

/** A phase: the lead-time samples of which both its ends are known. */
export function explainPhase(
  deployments: readonly TrackedDeployment[],
  phase: Phase,
  bots: BotChoice,
  detailOf: DetailOf,
): Evidence[] {
  return ofSamples(deployments, bots, detailOf, (sample) => {
    const ms = sample[`${phase}Ms`]
    if (ms === undefined) return { leftOut: 'the ends of this phase are not both known' }
    return { seconds: ms / 1000 }
  })
}

/** Review time: the lead-time samples with a size and an order of times. */
export function explainReviewTime(
  deployments: readonly TrackedDeployment[],
  bots: BotChoice,
  detailOf: DetailOf,
): Evidence[] {
  return ofSamples(deployments, bots, detailOf, ({ bucket, reviewTimeMs }) => {
    if (reviewTimeMs === undefined) return { leftOut: 'nothing says when it was ready for review' }
    if (bucket === undefined) return { leftOut: 'how many files it changes is not known' }
    if (reviewTimeMs < 0) return { leftOut: 'approved before it was ready for review: negative' }
    return { seconds: reviewTimeMs / 1000, note: `size ${bucket}` }
  })
}

/** What is told of each change shipped, and the deployments of which nobody knows what they shipped. */
function ofSamples(
  deployments: readonly TrackedDeployment[],
  bots: BotChoice,
  detailOf: DetailOf,
  told: (sample: Sample) => Told,
): Evidence[] {
  return deployments.flatMap((deployment) => [
    ...deployment.samples.map((sample) => ofSample(sample, deployment, bots, () => told(sample))),
    ...unresolved(deployment, detailOf),
  ])
}

interface Told {
  seconds?: number
  note?: string
  leftOut?: string
}

function ofSample(
  sample: Sample,
  { rollout }: TrackedDeployment,
  bots: BotChoice,
  tell: () => Told,
): Evidence {
  const identity = {
    kind: 'change',
    id: sample.id,
    at: isoOf(sample.at),
    ...urlOf(sample.url),
  } as const
  const why = whyNoSample(sample, bots)
  const { seconds, note, leftOut }: Told = why === undefined ? tell() : { leftOut: why }
  if (leftOut !== undefined)
    return { ...identity, counted: false, rule: `left out: ${leftOut} (shipped by ${rollout.id})` }
  const rule = `${note === undefined ? '' : `${note}, `}shipped by ${rollout.id}`
  return { ...identity, counted: true, rule, ...(seconds === undefined ? {} : { seconds }) }
}

function whyNoSample({ isBot, excluded, leadTimeMs }: Sample, bots: BotChoice): string | undefined {
  if (isBot && bots === 'excluded') return 'a change by a bot'
  if (leadTimeMs !== undefined) return undefined
  return excluded === 'first_commit_unknown'
    ? 'nothing says when its first commit was authored'
    : 'deployed before its first commit was authored: a clock is wrong'
}

const unknownTexts: Record<UnknownShipment, string> = {
  baseline: 'baseline: the first known success ships everything before it',
  baseline_unresolved: 'unresolved: the commits since the deployment before cannot be told',
  deployment_without_commit: 'unresolved: it names no commit',
  first_commit_only: 'only the time of its first commit is known, not its changes',
  commit_unknown: 'it ships a commit of which nothing is known',
}

/** A success that gives no samples, because nobody knows what it shipped. */
function unresolved(deployment: TrackedDeployment, detailOf: DetailOf): Evidence[] {
  const { unknownBecause, rollout } = deployment
  if (unknownBecause === undefined || unknownBecause === 'first_commit_only') return []
  if (!rollout.succeeded) return []
  return [
    { ...identityOf(deployment), counted: false, rule: `left out: ${unknownText(deployment, detailOf)}` },
  ]
}

function unknownText({ unknownBecause, rollout }: TrackedDeployment, detailOf: DetailOf): string {
  const detail = detailOf(rollout.id)
  return `${unknownTexts[unknownBecause!]}${detail === undefined ? '' : ` (${detail})`}`
}

/** Sizes and ages of what went out at once. */
export function explainBatches(
  deployments: readonly TrackedDeployment[],
  metric: 'deploymentSize' | 'batchAge',
  bots: BotChoice,
  detailOf: DetailOf,
): Evidence[] {
  return deployments.map((deployment) => {
    const told = { ...identityOf(deployment), counted: false }
    if (!deployment.rollout.succeeded) return { ...told, rule: 'left out: it failed, and shipped nothing' }
    if (!isBatchKnown(deployment)) return { ...told, rule: `left out: ${unknownText(deployment, detailOf)}` }
    const people = deployment.samples.filter(({ isBot }) => !isBot).length
    const all = deployment.samples.length
    const changes = bots === 'included' ? all : people
    const botsText = bots === 'excluded' && people < all ? `, without ${all - people} by bots` : ''
    if (changes === 0) return { ...told, rule: `left out: it shipped nothing new${botsText}` }
    if (metric === 'deploymentSize')
      return { ...told, counted: true, changes, rule: `ships ${counted(changes, 'change')}${botsText}` }
    const ageMs = batchAge(deployment, bots === 'included')
    if (ageMs === undefined)
      return { ...told, rule: 'left out: deployed before any of its changes was merged' }
    const mergedAt = isoOf(deployment.rollout.at - ageMs)
    return {
      ...told,
      counted: true,
      seconds: ageMs / 1000,
      rule: `the oldest was merged ${mergedAt}${botsText}`,
    }
  })
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

export type MergedMetric = 'merged' | 'large' | 'weekend' | 'hotfixes' | 'labelledFailRate'

/** Merged changes: those that count, and those left out by what they are. */
export function explainMerged(
  merged: readonly MergedChange[],
  metric: MergedMetric,
  bots: BotChoices,
  whyOutside: (at: number) => string | undefined,
): Evidence[] {
  const choice = bots[metric === 'large' || metric === 'weekend' ? 'merged' : metric]
  return merged.map((each) => {
    const { id, mergedAt, url, isBot } = each.change
    const identity = { kind: 'change', id, at: isoOf(mergedAt), ...urlOf(url) } as const
    const outside = whyOutside(mergedAt)
    const leftOut = outside ?? (isBot && choice === 'excluded' ? 'a change by a bot' : notOf(each, metric))
    if (leftOut !== undefined) return { ...identity, counted: false, rule: `left out: ${leftOut}` }
    return { ...identity, counted: true, rule: ruleOf(each, metric) }
  })
}

function notOf({ isLarge, isWeekend, isHotfix, change }: MergedChange, metric: MergedMetric) {
  if (metric === 'large' && !isLarge)
    return change.changedFiles === undefined
      ? 'how many files it changes is not known'
      : `it changes ${counted(change.changedFiles, 'file')}`
  if (metric === 'weekend' && !isWeekend) return 'merged on a working day'
  return metric === 'hotfixes' && !isHotfix ? 'neither its labels nor its branch say hotfix' : undefined
}

function ruleOf({ repository, isLabelled, change }: MergedChange, metric: MergedMetric): string {
  if (metric === 'large') return `it changes ${change.changedFiles} files`
  if (metric === 'weekend') return 'merged on a Saturday or Sunday'
  if (metric === 'hotfixes') return 'a label or its branch says hotfix'
  if (metric === 'labelledFailRate')
    return isLabelled ? 'labelled: a label says it caused an incident' : 'merged, without an incident label'
  return `merged in ${repository}`
}
