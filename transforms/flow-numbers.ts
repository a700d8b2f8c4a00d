import { leftOutOfFlow, leftOutOfReviewTime, type CountedEvents } from './counted-events.ts'
import { sizeBuckets, type SizeBucket } from './lead-time.ts'
import { arranged, samplesOf, type Percentiles, type Samples } from './samples.ts'
import type { Timeline } from './timeline.ts'
import { succeeded } from './window-events.ts'
import type { Span } from './windows.ts'

export const phases = ['coding', 'pickup', 'review', 'deploy'] as const
export type Phase = (typeof phases)[number]

/** How the shipped changes of one window came along. Durations in ms; groups that did not change are the same object. */
export interface FlowNumbers {
  flow: Record<Phase, Percentiles> & { excludedBots: number }
  reviewTime: Record<SizeBucket, Percentiles> & { excludedBots: number }
}

/** The phases and review times in each span of a series, over the pooled changes of all members. */
export function flowNumbers(members: readonly CountedEvents[], line: Timeline) {
  const samplesIn = phases.map((phase) =>
    samplesOf(
      arranged(
        line,
        members.map((member) => member[`${phase}Ms`]),
      ),
    ),
  )
  const leftOut = line.arrange(
    members.map(({ leadLeftOut }) => leadLeftOut),
    new Uint8Array(line.size),
  )
  const bucketOf = line.arrange(
    members.map(({ leadBucket }) => leadBucket),
    new Uint8Array(line.size),
  )
  const reviewTimes = arranged(
    line,
    members.map(({ reviewTimeMs }) => reviewTimeMs),
  )
  const reviewsIn = sizeBuckets.map((_, bucket) => samplesOf(only(reviewTimes, bucketOf, bucket + 1)))

  return (spans: readonly Span[]): ((span: number) => FlowNumbers) => {
    const ofPhases = samplesIn.map((samples) => samples(spans))
    const ofBuckets = reviewsIn.map((samples) => samples(spans))
    const [coding, pickup, review, deploy] = ofPhases as [Samples, Samples, Samples, Samples]
    const [XS, S, M, L] = ofBuckets as [Samples, Samples, Samples, Samples]
    const move = line.sweep(spans)
    let excludedFromFlow = 0
    let excludedFromReview = 0
    const apply = (event: number, by: 1 | -1) => {
      const bits = leftOut[event]!
      if (bits & leftOutOfFlow) excludedFromFlow += by
      if (bits & leftOutOfReviewTime) excludedFromReview += by
      coding.apply(event, by)
      pickup.apply(event, by)
      review.apply(event, by)
      deploy.apply(event, by)
      const bucket = bucketOf[event]!
      if (bucket > 0) ofBuckets[bucket - 1]!.apply(event, by)
    }
    let told: FlowNumbers | undefined
    return (span) => {
      if (!move(span, apply) && told) return told
      told = {
        flow: {
          coding: coding.percentiles(),
          pickup: pickup.percentiles(),
          review: review.percentiles(),
          deploy: deploy.percentiles(),
          excludedBots: excludedFromFlow,
        },
        reviewTime: {
          XS: XS.percentiles(),
          S: S.percentiles(),
          M: M.percentiles(),
          L: L.percentiles(),
          excludedBots: excludedFromReview,
        },
      }
      return told
    }
  }
}

/** The values of one bucket; NaN for those of the others. */
function only(values: Float64Array, bucketOf: Uint8Array, bucket: number): Float64Array {
  const own = values.slice()
  for (let event = 0; event < own.length; event += 1) if (bucketOf[event] !== bucket) own[event] = NaN
  return own
}

/** What went out at once. */
export interface BatchNumbers {
  deploymentSize: Percentiles & { empty: number; unknown: number; excludedBots: number }
  /** ms */
  batchAge: Percentiles & { excludedBots: number }
}

/** The sizes and ages of the deployments in each span of a series: those that succeeded, by what is known of them. */
export function batchNumbers(members: readonly CountedEvents[], line: Timeline) {
  const column = (name: 'deploymentSize' | 'batchAgeMs' | 'leftOutOfSize' | 'leftOutOfAge') =>
    arranged(
      line,
      members.map((member) => member[name]),
    )
  const sizes = column('deploymentSize')
  const leftOutOfSize = column('leftOutOfSize')
  const leftOutOfAge = column('leftOutOfAge')
  const flags = line.arrange(
    members.map(({ deploymentFlags }) => deploymentFlags),
    new Uint8Array(line.size),
  )
  const sizesIn = samplesOf(sizes.map((size) => (size > 0 ? size : NaN)))
  const agesIn = samplesOf(column('batchAgeMs'))

  return (spans: readonly Span[]): ((span: number) => BatchNumbers) => {
    const ofSizes = sizesIn(spans)
    const ofAges = agesIn(spans)
    const move = line.sweep(spans)
    const count = { empty: 0, unknown: 0, leftOutOfSize: 0, leftOutOfAge: 0 }
    const apply = (event: number, by: 1 | -1) => {
      if ((flags[event]! & succeeded) === 0) return
      if (!ofSizes.apply(event, by)) {
        if (sizes[event] === 0) count.empty += by
        else count.unknown += by
      }
      ofAges.apply(event, by)
      count.leftOutOfSize += by * leftOutOfSize[event]!
      count.leftOutOfAge += by * leftOutOfAge[event]!
    }
    let told: BatchNumbers | undefined
    return (span) => {
      if (!move(span, apply) && told) return told
      const { empty, unknown } = count
      const size = ofSizes.percentiles()
      const age = ofAges.percentiles()
      told = {
        deploymentSize: {
          n: size.n,
          p50: size.p50,
          p90: size.p90,
          empty,
          unknown,
          excludedBots: count.leftOutOfSize,
        },
        batchAge: { n: age.n, p50: age.p50, p90: age.p90, excludedBots: count.leftOutOfAge },
      }
      return told
    }
  }
}
