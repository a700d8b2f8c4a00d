import type { Io } from '../core/io.ts'
import { encodeFields, encodeSeries } from '../core/line-protocol.ts'
import type { FieldValue } from '../core/point.ts'
import type { Extractor } from '../extractors/extractor.ts'
import type { Loader } from '../loaders/loader.ts'
import type { PointToSave, SourceState, Store } from '../store/store.ts'
import { deliver, type Delivery } from './deliver.ts'
import { deriveChanges, rebuild } from './derive.ts'
import type { DeriveOptions, DeriveResult } from './derive-options.ts'
import { runSource, type SourceRun } from './extract.ts'
import { observedBy } from './observed.ts'
import { restateQuality, writeQuality } from './quality-points.ts'
import { endDelivery } from './quality-sinks.ts'

/** Everything that a refresh works with. */
export interface Pipeline {
  store: Store
  extractors: readonly Extractor[]
  loaders: readonly Loader[]
  /** All of DeriveOptions that does not depend on the moment. */
  derivation: Omit<DeriveOptions, 'observed' | 'at'>
  /** Five cron fields in UTC: what is not read or delivered for two of its intervals is behind. */
  schedule?: string
}

export interface Refreshed {
  /** The start of the pass: what the windows end at. */
  asOf: number
  sources: SourceRun[]
  derived: DeriveResult
  deliveries: Delivery[]
}

/** Days of history that the first run reads where no `since` is configured. */
const defaultHistoryMs = 180 * 86_400_000

/** The line itself: extract, store, derive, deliver. A source or sink that fails holds up no other. */
export async function refresh(pipeline: Pipeline, io: Io, from?: number): Promise<Refreshed> {
  const asOf = io.clock()
  const start = from ?? pipeline.derivation.since ?? asOf - defaultHistoryMs
  const { wantsPaths } = pipeline.derivation.catalogue
  const sources = await Promise.all(
    pipeline.extractors.map((extractor) =>
      runSource(pipeline.store, extractor, io, { from: start, asOf, wantsPaths }),
    ),
  )
  const derivedAt = io.clock()
  const derived = await deriveChanges(pipeline.store, await optionsAt(pipeline, asOf))
  await writeQuality(pipeline, asOf)
  await pipeline.store.points.save('pipeline', pipelinePoints(sources, derived, derivedAt, io.clock()))
  return { asOf, sources, derived, deliveries: await deliverAll(pipeline, io) }
}

/** Derives everything anew from the stored facts, as of the last refresh, and delivers what changed. */
export async function rebuildAll(pipeline: Pipeline, io: Io): Promise<Omit<Refreshed, 'sources'>> {
  const asOf = io.clock()
  const derived = await rebuild(pipeline.store, await optionsAt(pipeline, asOf))
  derived.points += await restateQuality(pipeline)
  return { asOf, derived, deliveries: await deliverAll(pipeline, io) }
}

/** The derivation's options as of an instant: until when each source is complete is read from the store. */
export async function optionsAt(
  { store, extractors, derivation }: Pick<Pipeline, 'store' | 'extractors' | 'derivation'>,
  asOf: number,
): Promise<DeriveOptions> {
  const states = new Map<string, SourceState>()
  for (const { name } of extractors) states.set(name, await store.meta.source(name))
  return { ...derivation, at: asOf, observed: observedBy(extractors, states, asOf) }
}

export async function deliverAll({ store, loaders }: Pipeline, io: Io): Promise<Delivery[]> {
  const deliveries = await Promise.all(loaders.map((loader) => deliver(store, loader, io)))
  for (const { sink, error } of deliveries) await endDelivery(store, sink, { at: io.clock(), error })
  await store.points.purge(loaders.map(({ name }) => name))
  return deliveries
}

/** Whether anything failed, so that a one-shot run can say so by its exit code. */
export function hasFailed({ sources, deliveries }: Pick<Refreshed, 'sources' | 'deliveries'>): boolean {
  return (
    sources.some(({ error }) => error !== undefined) || deliveries.some(({ error }) => error !== undefined)
  )
}

/** How the pipeline itself is doing, as points of `dora_pipeline`. */
function pipelinePoints(
  sources: readonly SourceRun[],
  derived: DeriveResult,
  derivedFrom: number,
  endedAt: number,
): PointToSave[] {
  const point = (step: string, source: string, fields: Record<string, FieldValue>): PointToSave => ({
    series: encodeSeries('dora_pipeline', { step, source }),
    at: endedAt,
    nanos: 0,
    fields: encodeFields(fields),
  })
  return [
    ...sources.map((run) =>
      point('extract', run.source, {
        duration_s: run.durationMs / 1000,
        facts: { int: run.facts },
        requests: { int: run.requests },
        errors: { int: run.error === undefined ? 0 : 1 },
        ...(run.rateLimitRemaining === undefined
          ? {}
          : { rate_limit_remaining: { int: run.rateLimitRemaining } }),
      }),
    ),
    point('derive', 'all', {
      duration_s: (endedAt - derivedFrom) / 1000,
      points: { int: derived.points },
      errors: { int: 0 },
    }),
  ]
}
