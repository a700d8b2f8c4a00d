import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeFields } from '../../core/line-protocol.ts'
import { rateOf, type Duration } from '../../transforms/measures.ts'
import type { ChangeValue } from '../../transforms/change-value.ts'
import { flowFieldsWriter } from '../../transforms/flow-fields.ts'

const count = fc.nat({ max: 50 })
/** Seconds that lie between milliseconds, but not halfway. */
const amount = fc
  .tuple(fc.nat({ max: 1e10 }), fc.constantFrom(0, 0.3, 2 / 3))
  .map(([ms, more]) => (ms + more) / 1000)
/** Where there is a sample there are percentiles, and else none. */
const spread: fc.Arbitrary<Duration> = fc.oneof(
  fc.constant({ n: 0, p50: null, p90: null }),
  fc.record({ n: fc.integer({ min: 1, max: 50 }), p50: amount, p90: amount }),
)
const bots = fc.constant('excluded' as const)
const ofBots = { bots, excludedBots: count }
const value: fc.Arbitrary<ChangeValue> = fc
  .record({
    flow: fc.record({ coding: spread, pickup: spread, review: spread, deploy: spread, ...ofBots }),
    reviewTime: fc.record({ XS: spread, S: spread, M: spread, L: spread, ...ofBots }),
    deploymentSize: fc.tuple(spread, fc.record({ empty: count, unknown: count, ...ofBots })),
    batchAge: fc.tuple(spread, fc.record(ofBots)),
    counts: fc.record({ changes: count, large: count, weekend: count, hotfixes: count, excludedBots: count }),
    labelled: fc.tuple(count, count),
  })
  .map(({ flow, reviewTime, deploymentSize, batchAge, counts, labelled: [some, others] }) => ({
    flow,
    reviewTime,
    deploymentSize: { ...deploymentSize[0], ...deploymentSize[1] },
    batchAge: { ...batchAge[0], ...batchAge[1] },
    merged: {
      ...counts,
      perWeek: (counts.changes / 30) * 7,
      largePerWeek: (counts.large / 30) * 7,
      bots: 'excluded' as const,
      hotfixesBots: 'included' as const,
      labelled: some,
      labelledBots: 'included' as const,
    },
    labelledFailRate: { ...rateOf(some, some + others), n: some + others, bots: 'included' as const },
  }))

/** The fields by name, as the general encoder writes them. */
function expected({ flow, reviewTime, deploymentSize, batchAge, merged, labelledFailRate }: ChangeValue) {
  const spreads: Record<string, [Duration, unit: string]> = {
    coding: [flow.coding, '_s'],
    pickup: [flow.pickup, '_s'],
    review: [flow.review, '_s'],
    deploy: [flow.deploy, '_s'],
    review_time_xs: [reviewTime.XS, '_s'],
    review_time_s: [reviewTime.S, '_s'],
    review_time_m: [reviewTime.M, '_s'],
    review_time_l: [reviewTime.L, '_s'],
    deployment_size: [deploymentSize, ''],
    batch_age: [batchAge, '_s'],
  }
  const integers: Record<string, number | null> = {
    flow_excluded_bots: flow.excludedBots,
    deployment_size_empty: deploymentSize.empty,
    deployment_size_unknown: deploymentSize.unknown,
    merged_changes: merged.changes,
    merged_excluded_bots: merged.excludedBots,
    large_merges: merged.large,
    weekend_merges: merged.weekend,
    hotfixes: merged.hotfixes,
    labelled_changes: merged.labelled,
    labelled_fail_rate_n: labelledFailRate.n,
  }
  const floats: Record<string, number | null> = {
    coverage_days: 30,
    merged_per_week: merged.perWeek,
    large_per_week: merged.largePerWeek,
    labelled_fail_rate: labelledFailRate.value,
    labelled_fail_rate_low: labelledFailRate.low,
    labelled_fail_rate_high: labelledFailRate.high,
  }
  for (const [name, [{ n, p50, p90 }, unit]] of Object.entries(spreads)) {
    integers[`${name}_n`] = n
    floats[`${name}_p50${unit}`] = p50 === null ? null : Number(p50.toFixed(3))
    floats[`${name}_p90${unit}`] = p90 === null ? null : Number(p90.toFixed(3))
  }
  return [
    ...Object.entries(integers).map(([name, int]) => encodeFields({ [name]: { int: int! } })),
    ...Object.entries(floats).flatMap(([name, float]) =>
      float === null ? [] : [encodeFields({ [name]: float })],
    ),
  ].sort()
}

test('the fields of flow are those that the general encoder writes, one after another', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 8 }), (windows) => {
      const write = flowFieldsWriter()
      for (const window of windows) expect(write(window, 30).split(',').sort()).toEqual(expected(window))
    }),
  )
})
