import { encodeFields, encodeSeries } from '../core/line-protocol.ts'
import type { FieldValue } from '../core/point.ts'
import type { PointToSave } from '../store/store.ts'
import type { Delivery } from './deliver.ts'
import type { DeriveResult } from './derive-options.ts'
import type { SourceRun } from './extract.ts'

/** Owns the points of `dora_pipeline`: how the pipeline itself is doing. */
export const pipelineOwner = 'pipeline'

export function extractPoints(runs: readonly SourceRun[], endedAt: number): PointToSave[] {
  return runs.map((run) =>
    stepPoint('extract', run.source, endedAt, {
      duration_s: run.durationMs / 1000,
      facts: { int: run.facts },
      requests: { int: run.requests },
      errors: { int: run.error === undefined ? 0 : 1 },
      rate_limit_remaining:
        run.rateLimitRemaining === undefined ? undefined : { int: run.rateLimitRemaining },
      lag_s: run.completeUntil === null ? undefined : (endedAt - run.completeUntil) / 1000,
    }),
  )
}

export function derivePoint(
  derived: DeriveResult,
  { durationMs, endedAt }: { durationMs: number; endedAt: number },
): PointToSave {
  return stepPoint('derive', 'all', endedAt, {
    duration_s: durationMs / 1000,
    points: { int: derived.points },
    errors: { int: 0 },
  })
}

/** `rejected` counts all that is set aside; `deliveredAt` is when the sink last had everything, null for never. */
export function deliverPoint(
  { sink, points, left, durationMs, error }: Delivery,
  { rejected, deliveredAt, endedAt }: { rejected: number; deliveredAt: number | null; endedAt: number },
): PointToSave {
  return stepPoint('deliver', sink, endedAt, {
    duration_s: durationMs / 1000,
    points: { int: points },
    rejected: { int: rejected },
    backlog: { int: left },
    errors: { int: error === undefined ? 0 : 1 },
    lag_s: deliveredAt === null ? undefined : (endedAt - deliveredAt) / 1000,
  })
}

function stepPoint(
  step: string,
  source: string,
  at: number,
  fields: Record<string, FieldValue | undefined>,
): PointToSave {
  const known = Object.entries(fields).filter(
    (field): field is [string, FieldValue] => field[1] !== undefined,
  )
  return {
    series: encodeSeries('dora_pipeline', { step, source }),
    at,
    nanos: 0,
    fields: encodeFields(Object.fromEntries(known)),
  }
}
