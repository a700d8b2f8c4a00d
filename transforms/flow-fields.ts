import type { ChangeValue } from './change-value.ts'
import { floatWriter, rateWriter, spreadWriter, weeklyWriter } from './field-text.ts'

/**
 * Writes the fields of `dora_flow` in line protocol, counts as integers, all else as floats; what is null is absent.
 * Of a window in which changes are held there is no point. As for `dora_window`, texts are kept from window to window.
 */
export function flowFieldsWriter(): (value: ChangeValue, coverageDays: number) => string {
  const coverage = floatWriter('coverage_days')
  const coding = spreadWriter('coding', '_s')
  const pickup = spreadWriter('pickup', '_s')
  const review = spreadWriter('review', '_s')
  const deploy = spreadWriter('deploy', '_s')
  const xs = spreadWriter('review_time_xs', '_s')
  const s = spreadWriter('review_time_s', '_s')
  const m = spreadWriter('review_time_m', '_s')
  const l = spreadWriter('review_time_l', '_s')
  const size = spreadWriter('deployment_size')
  const age = spreadWriter('batch_age', '_s')
  const mergedPerWeek = weeklyWriter('merged_per_week')
  const largePerWeek = weeklyWriter('large_per_week')
  const labelledFailRate = rateWriter('labelled_fail_rate')

  return ({ flow, reviewTime, deploymentSize, batchAge, merged, labelledFailRate: rate }, coverageDays) =>
    coverage(coverageDays).slice(1) +
    coding(flow.coding) +
    pickup(flow.pickup) +
    review(flow.review) +
    deploy(flow.deploy) +
    `,flow_excluded_bots=${flow.excludedBots}i` +
    xs(reviewTime.XS) +
    s(reviewTime.S) +
    m(reviewTime.M) +
    l(reviewTime.L) +
    size(deploymentSize) +
    `,deployment_size_empty=${deploymentSize.empty}i,deployment_size_unknown=${deploymentSize.unknown}i` +
    age(batchAge) +
    `,merged_changes=${merged.changes}i,merged_excluded_bots=${merged.excludedBots}i` +
    mergedPerWeek(merged.changes!, merged.perWeek!, coverageDays) +
    `,large_merges=${merged.large}i` +
    largePerWeek(merged.large!, merged.largePerWeek!, coverageDays) +
    `,weekend_merges=${merged.weekend}i,hotfixes=${merged.hotfixes}i,labelled_changes=${merged.labelled}i` +
    `,labelled_fail_rate_n=${rate.n}i` +
    labelledFailRate(merged.labelled!, rate.n!, rate)
}
