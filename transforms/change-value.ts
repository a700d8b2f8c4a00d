import { botMetrics, type BotChoice, type BotChoices, type BotMetric } from '../core/bots.ts'
import { phases, type Phase } from './flow-numbers.ts'
import { sizeBuckets, type SizeBucket } from './lead-time.ts'
import type { Percentiles } from './samples.ts'
import { inSeconds, noDuration, noRate, rateOf, remembered, type Duration, type Rate } from './measures.ts'
import type { ChangeNumbers } from './windows.ts'

/** Whether changes by bots count in a value; `mixed` in a pool of services that do not agree. */
export type BotLabel = BotChoice | 'mixed'
export type BotLabels = Record<BotMetric, BotLabel>

/** What is said of bots beside a value, with how many of their changes were left out. */
export interface OfBots {
  bots: BotLabel
  excludedBots: number
}

/** What a window tells of changes: durations in seconds, null where there is no value. */
export interface ChangeValue {
  flow: Record<Phase, Duration> & OfBots
  reviewTime: Record<SizeBucket, Duration> & OfBots
  /** Changes; `empty` shipped nothing, of `unknown` nobody can say: with n they are all that succeeded. */
  deploymentSize: Percentiles & { empty: number; unknown: number } & OfBots
  batchAge: Duration & OfBots
  merged: MergedValue
  /** The share of merged changes that carry an incident label; `n` of them were merged. */
  labelledFailRate: Rate & { n: number | null; bots: BotLabel }
}

/** Counts of merged changes. */
export interface MergedValue extends OfBots {
  changes: number | null
  perWeek: number | null
  large: number | null
  largePerWeek: number | null
  weekend: number | null
  hotfixes: number | null
  hotfixesBots: BotLabel
  labelled: number | null
  labelledBots: BotLabel
}

/** Makes the values of consecutive windows; groups that are the same object as in the window before stay so. */
export function changeValuer(bots: BotLabels): (numbers: ChangeNumbers, coverageDays: number) => ChangeValue {
  const ofPhase = byKey(phases, () => remembered(inSeconds))
  const ofBucket = byKey(sizeBuckets, () => remembered(inSeconds))
  const flowOf = remembered(({ excludedBots, ...flow }: ChangeNumbers['flow']) => ({
    ...byKey(phases, (phase) => ofPhase[phase](flow[phase])),
    bots: bots.flow,
    excludedBots,
  }))
  const reviewTimeOf = remembered(({ excludedBots, ...times }: ChangeNumbers['reviewTime']) => ({
    ...byKey(sizeBuckets, (bucket) => ofBucket[bucket](times[bucket])),
    bots: bots.reviewTime,
    excludedBots,
  }))
  const sizeOf = remembered((size: ChangeNumbers['deploymentSize']) => {
    const { excludedBots, ...others } = size
    return { ...others, bots: bots.deploymentSize, excludedBots }
  })
  const ageOf = remembered(({ excludedBots, ...age }: ChangeNumbers['batchAge']) => ({
    ...inSeconds(age),
    bots: bots.batchAge,
    excludedBots,
  }))

  return ({ flow, reviewTime, deploymentSize, batchAge, merged }, coverageDays) => ({
    flow: flowOf(flow),
    reviewTime: reviewTimeOf(reviewTime),
    deploymentSize: sizeOf(deploymentSize),
    batchAge: ageOf(batchAge),
    merged: {
      changes: merged.changes,
      perWeek: (merged.changes / coverageDays) * 7,
      large: merged.large,
      largePerWeek: (merged.large / coverageDays) * 7,
      weekend: merged.weekend,
      bots: bots.merged,
      excludedBots: merged.excludedBots,
      hotfixes: merged.hotfixes,
      hotfixesBots: bots.hotfixes,
      labelled: merged.labelled,
      labelledBots: bots.labelledFailRate,
    },
    labelledFailRate: {
      ...rateOf(merged.labelled, merged.ofLabelled),
      n: merged.ofLabelled,
      bots: bots.labelledFailRate,
    },
  })
}

/** Where changes are held. */
export function heldChangeValue(bots: BotLabels): ChangeValue {
  return {
    flow: { ...byKey(phases, () => noDuration), bots: bots.flow, excludedBots: 0 },
    reviewTime: { ...byKey(sizeBuckets, () => noDuration), bots: bots.reviewTime, excludedBots: 0 },
    deploymentSize: { ...noDuration, empty: 0, unknown: 0, bots: bots.deploymentSize, excludedBots: 0 },
    batchAge: { ...noDuration, bots: bots.batchAge, excludedBots: 0 },
    merged: {
      changes: null,
      perWeek: null,
      large: null,
      largePerWeek: null,
      weekend: null,
      bots: bots.merged,
      excludedBots: 0,
      hotfixes: null,
      hotfixesBots: bots.hotfixes,
      labelled: null,
      labelledBots: bots.labelledFailRate,
    },
    labelledFailRate: { ...noRate, n: null, bots: bots.labelledFailRate },
  }
}

/** What is said of bots over several members. */
export function botLabels(members: readonly { bots: BotChoices }[]): BotLabels {
  const choices = [...new Set(members.map(({ bots }) => bots))]
  return byKey(botMetrics, (metric) => {
    const first = choices[0]?.[metric] ?? 'excluded'
    return choices.every((each) => each[metric] === first) ? first : 'mixed'
  })
}

function byKey<Key extends string, Value>(
  keys: readonly Key[],
  make: (key: Key) => Value,
): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Value>
}
