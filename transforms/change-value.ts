import { botMetrics, type BotChoice, type BotChoices, type BotMetric } from '../core/bots.ts'
import { phases, type Phase } from './flow-numbers.ts'
import { sizeBuckets, type SizeBucket } from './lead-time.ts'
import type { Percentiles } from './samples.ts'
import {
  inSeconds,
  seconds,
  noDuration,
  noRate,
  rateMaker,
  remembered,
  type Duration,
  type Rate,
} from './measures.ts'
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
  // Written out, for there are a million of them.
  const coding = remembered(inSeconds)
  const pickup = remembered(inSeconds)
  const review = remembered(inSeconds)
  const deploy = remembered(inSeconds)
  const xs = remembered(inSeconds)
  const s = remembered(inSeconds)
  const m = remembered(inSeconds)
  const l = remembered(inSeconds)
  const flowOf = remembered((flow: ChangeNumbers['flow']) => ({
    coding: coding(flow.coding),
    pickup: pickup(flow.pickup),
    review: review(flow.review),
    deploy: deploy(flow.deploy),
    bots: bots.flow,
    excludedBots: flow.excludedBots,
  }))
  const reviewTimeOf = remembered((times: ChangeNumbers['reviewTime']) => ({
    XS: xs(times.XS),
    S: s(times.S),
    M: m(times.M),
    L: l(times.L),
    bots: bots.reviewTime,
    excludedBots: times.excludedBots,
  }))
  const sizeOf = remembered((size: ChangeNumbers['deploymentSize']) => ({
    n: size.n,
    p50: size.p50,
    p90: size.p90,
    empty: size.empty,
    unknown: size.unknown,
    bots: bots.deploymentSize,
    excludedBots: size.excludedBots,
  }))
  const ageOf = remembered((age: ChangeNumbers['batchAge']) => ({
    n: age.n,
    p50: seconds(age.p50),
    p90: seconds(age.p90),
    bots: bots.batchAge,
    excludedBots: age.excludedBots,
  }))

  const rateOf = rateMaker()
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
    labelledFailRate: labelledFailRate(rateOf(merged.labelled, merged.ofLabelled), merged.ofLabelled),
  })

  function labelledFailRate({ value, low, high }: Rate, n: number): ChangeValue['labelledFailRate'] {
    return { value, low, high, n, bots: bots.labelledFailRate }
  }
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
