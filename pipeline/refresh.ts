import type { Io } from '../core/io.ts'
import type { Extractor } from '../extractors/extractor.ts'
import type { Loader } from '../loaders/loader.ts'
import type { SourceState, Store } from '../store/store.ts'
import { hourOf } from '../transforms/window-points.ts'
import type { Delivery } from './deliver.ts'
import { alertAt, type Alerting } from './alerts.ts'
import { tellReleased } from './alerts-release.ts'
import { deliverAll, type DeliveryLimit } from './deliveries.ts'
import { deriveChanges, rebuild } from './derive.ts'
import type { DeriveOptions, DeriveResult } from './derive-options.ts'
import { runSource, type SourceRun } from './extract.ts'
import { sendHeartbeat } from './heartbeat.ts'
import { observedBy } from './observed.ts'
import { derivePoint, extractPoints, pipelineOwner } from './pipeline-points.ts'
import { restateQuality, writeQuality } from './quality-points.ts'
import { sendAlerts, type Sending } from './send-alerts.ts'
import { forgetSilences } from './silences.ts'

/** Everything that a refresh works with. */
export interface Pipeline {
  store: Store
  extractors: readonly Extractor[]
  loaders: readonly Loader[]
  /** All of DeriveOptions that does not depend on the moment. */
  derivation: Omit<DeriveOptions, 'observed' | 'at'>
  /** What is alerted on, and the channels that are told. */
  alerts?: Alerting
  /** Five cron fields in UTC: what is not read or delivered for two of its intervals is behind. */
  schedule?: string
}

export interface Refreshed {
  /** The start of the pass: what the windows end at. */
  asOf: number
  sources: SourceRun[]
  derived: DeriveResult
  deliveries: Delivery[]
  /** What fires after it, and how its messages went; nothing where there are no rules. */
  alerted?: { firing: number; sendings: Sending[] }
}

/** Days of history that the first run reads where no `since` is configured. */
const defaultHistoryMs = 180 * 86_400_000

/**
 * The line itself: extract, store, derive, deliver. A source or sink that fails holds up no other. `from` is where
 * history begins, unless the sources have cursors; with a limit, what is not delivered by then is left for later.
 */
export async function refresh(
  pipeline: Pipeline,
  io: Io,
  { from, ...limit }: { from?: number } & DeliveryLimit = {},
): Promise<Refreshed> {
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
  const endedAt = io.clock()
  const steps = [
    ...extractPoints(sources, endedAt),
    derivePoint(derived, { durationMs: endedAt - derivedAt, endedAt }),
  ]
  await pipeline.store.points.save(pipelineOwner, steps)
  const deliveries = await deliverAll(pipeline, io, limit)
  const alerted = await alert(pipeline, asOf, io)
  return { asOf, sources, derived, deliveries, ...(alerted && { alerted }) }
}

/** Rules are evaluated once for every full hour; what waits to be sent is sent in any case. */
async function alert(pipeline: Pipeline, asOf: number, io: Io): Promise<Refreshed['alerted']> {
  const { store, alerts } = pipeline
  if (alerts === undefined) return undefined
  await forgetSilences(store, io.clock())
  const { rules, heartbeat } = alerts.settings
  if (rules.length === 0 && heartbeat === undefined && !(await isAnythingLeft(store))) return undefined
  const { firing, isNew } = await alertAt(pipeline, alerts.settings, hourOf(asOf), io)
  if (!isNew) await tellReleased(pipeline, alerts.settings, io)
  const sendings = await sendAlerts(store, alerts.notifiers, io)
  await sendHeartbeat(store, heartbeat, io)
  return { firing: firing.length, sendings }
}

/** Of rules that are no more, what they told has to end, and the channels have to take it. */
async function isAnythingLeft({ alerts }: Store): Promise<boolean> {
  if ((await alerts.instances()).length > 0 || (await alerts.groups()).length > 0) return true
  return (await alerts.outbox()).some(({ waiting }) => waiting > 0)
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

/** Whether anything failed, so that a one-shot run can say so by its exit code. */
export function hasFailed({
  sources,
  deliveries,
  alerted,
}: Pick<Refreshed, 'sources' | 'deliveries' | 'alerted'>): boolean {
  const all = [...sources, ...deliveries, ...(alerted?.sendings ?? [])]
  return all.some(({ error }) => error !== undefined)
}
