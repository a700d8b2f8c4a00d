import { ascii, asciiLine, type AsciiLine } from './ascii-line.ts'
import type { ChangeValue } from './change-value.ts'
import { mostCount, type Duration, type Rate } from './measures.ts'

/** The names of a spread with what stands around them, and so of all other fields. */
const spreadNames = (name: string, unit = '') => ({
  n: ascii(`,${name}_n=`),
  p50: ascii(`i,${name}_p50${unit}=`),
  p90: ascii(`,${name}_p90${unit}=`),
})
const coding = spreadNames('coding', '_s')
const pickup = spreadNames('pickup', '_s')
const review = spreadNames('review', '_s')
const deploy = spreadNames('deploy', '_s')
const reviewTimeXs = spreadNames('review_time_xs', '_s')
const reviewTimeS = spreadNames('review_time_s', '_s')
const reviewTimeM = spreadNames('review_time_m', '_s')
const reviewTimeL = spreadNames('review_time_l', '_s')
const size = spreadNames('deployment_size')
const age = spreadNames('batch_age', '_s')
const endOfInteger = ascii('i')
const counts = {
  flowExcludedBots: ascii(',flow_excluded_bots='),
  sizeEmpty: ascii(',deployment_size_empty='),
  sizeUnknown: ascii(',deployment_size_unknown='),
  merged: ascii(',merged_changes='),
  mergedExcludedBots: ascii(',merged_excluded_bots='),
  large: ascii(',large_merges='),
  weekend: ascii(',weekend_merges='),
  hotfixes: ascii(',hotfixes='),
  labelled: ascii(',labelled_changes='),
  ofLabelled: ascii(',labelled_fail_rate_n='),
}

/**
 * Writes the fields of `dora_flow` in line protocol, counts as integers, all else as floats; what is null is absent.
 * Percentiles are rounded to the thousandth. Of a window in which changes are held there is no point.
 */
export function flowFieldsWriter(): (value: ChangeValue, coverageDays: number) => string {
  const line = asciiLine()
  const coverageOf = floatPieces('coverage_days', '')
  const mergedPerWeek = floatPieces('merged_per_week')
  const largePerWeek = floatPieces('large_per_week')
  const failRate = ratePieces('labelled_fail_rate')
  const count = (name: Uint8Array, value: number) => {
    line.put(name)
    line.integer(value)
    line.put(endOfInteger)
  }

  return ({ flow, reviewTime, deploymentSize, batchAge, merged, labelledFailRate }, coverageDays) => {
    line.put(coverageOf(coverageDays))
    putSpread(line, coding, flow.coding)
    putSpread(line, pickup, flow.pickup)
    putSpread(line, review, flow.review)
    putSpread(line, deploy, flow.deploy)
    count(counts.flowExcludedBots, flow.excludedBots)
    putSpread(line, reviewTimeXs, reviewTime.XS)
    putSpread(line, reviewTimeS, reviewTime.S)
    putSpread(line, reviewTimeM, reviewTime.M)
    putSpread(line, reviewTimeL, reviewTime.L)
    putSpread(line, size, deploymentSize)
    count(counts.sizeEmpty, deploymentSize.empty)
    count(counts.sizeUnknown, deploymentSize.unknown)
    putSpread(line, age, batchAge)
    count(counts.merged, merged.changes!)
    count(counts.mergedExcludedBots, merged.excludedBots)
    line.put(mergedPerWeek(merged.perWeek!))
    count(counts.large, merged.large!)
    line.put(largePerWeek(merged.largePerWeek!))
    count(counts.weekend, merged.weekend!)
    count(counts.hotfixes, merged.hotfixes!)
    count(counts.labelled, merged.labelled!)
    count(counts.ofLabelled, labelledFailRate.n!)
    if (labelledFailRate.value !== null)
      line.put(failRate(merged.labelled!, labelledFailRate.n!, labelledFailRate))
    return line.take()
  }
}

function putSpread(line: AsciiLine, names: ReturnType<typeof spreadNames>, { n, p50, p90 }: Duration): void {
  line.put(names.n)
  line.integer(n)
  if (p50 === null || p90 === null) return line.put(endOfInteger)
  line.put(names.p50)
  line.thousandths(p50)
  line.put(names.p90)
  line.thousandths(p90)
}

/** A float in full: of a few values that come again and again. */
function floatPieces(name: string, before = ','): (value: number) => Uint8Array {
  const pieces = new Map<number, Uint8Array>()
  return (value) => {
    let piece = pieces.get(value)
    if (piece === undefined) pieces.set(value, (piece = ascii(`${before}${name}=${value}`)))
    return piece
  }
}

/** A rate with its interval: the same for the same counts. */
function ratePieces(name: string): (count: number, of: number, rate: Rate) => Uint8Array {
  const pieces = new Map<number, Uint8Array>()
  return (count, of, { value, low, high }) => {
    const key = of * mostCount + count
    let piece = pieces.get(key)
    if (piece === undefined)
      pieces.set(key, (piece = ascii(`,${name}=${value},${name}_low=${low},${name}_high=${high}`)))
    return piece
  }
}
