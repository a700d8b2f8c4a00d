import { calendarOf } from '../core/calendar.ts'
import type { SinkStatus } from '../transforms/quality-sources.ts'
import {
  countFindings,
  qualityOwner,
  updateQuality,
  type QualityWritten,
} from '../transforms/quality-points.ts'
import { qualityAt } from './quality.ts'
import { sinkStatuses } from './quality-sinks.ts'
import type { Pipeline } from './refresh.ts'

/** What the points were last written from, beside the facts, so that a rebuild writes the same. */
interface Kept {
  asOf: number
  /** As they stood before the delivery that followed. */
  sinks: SinkStatus[]
  written: QualityWritten
}

const key = 'quality'

/** Writes the `dora_quality` points as of a refresh, whose deliveries are still to come; returns how many changed. */
export async function writeQuality(pipeline: Pipeline, asOf: number): Promise<number> {
  const kept = await readKept(pipeline)
  return write(pipeline, {
    asOf,
    sinks: await sinkStatuses(pipeline.store, pipeline.loaders),
    written: kept?.written ?? {},
  })
}

/** Writes them again as of the last refresh. */
export async function restateQuality(pipeline: Pipeline): Promise<number> {
  const kept = await readKept(pipeline)
  return kept === undefined ? 0 : write(pipeline, kept)
}

async function readKept({ store }: Pipeline): Promise<Kept | undefined> {
  const text = await store.meta.get(key)
  return text === undefined ? undefined : (JSON.parse(text) as Kept)
}

async function write(pipeline: Pipeline, { asOf, sinks, written }: Kept): Promise<number> {
  const { store, derivation } = pipeline
  const { findings, teams } = await qualityAt(pipeline, asOf, sinks)
  const counts = countFindings(findings, (service) => teams.get(service))
  const before = withoutRemoved(written, teams)
  const update = updateQuality(before, counts, asOf, calendarOf(derivation.timezone))
  return store.write(async () => {
    let { changed } = await store.points.carry(update.settle)
    changed += await store.points.remove(update.remove)
    for (const [owner, points] of update.save) changed += await store.points.save(owner, points)
    await store.meta.set(key, JSON.stringify({ asOf, sinks, written: update.written } satisfies Kept))
    return changed
  })
}

/** The points of a service that is no more went with everything else of it. */
function withoutRemoved(written: QualityWritten, teams: ReadonlyMap<string, unknown>): QualityWritten {
  const prefix = qualityOwner('')
  return Object.fromEntries(
    Object.entries(written).filter(
      ([owner]) => !owner.startsWith(prefix) || teams.has(owner.slice(prefix.length)),
    ),
  )
}
