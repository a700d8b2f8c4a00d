import { messageOf } from '../core/errors.ts'
import type { Io } from '../core/io.ts'
import type { Extractor, Page, Since, Skipped } from '../extractors/extractor.ts'
import type { Store } from '../store/store.ts'
import { keepSkipped } from './quality-skipped.ts'

/** What one run of a source did. */
export interface SourceRun {
  source: string
  facts: number
  removed: number
  /** The first of the rows that gave no fact, and how many there were. */
  skipped: Skipped[]
  skippedCount: number
  requests: number
  rateLimitRemaining?: number
  durationMs: number
  /** Until when what it tells is complete, epoch ms; null where it was never read to the end. */
  completeUntil: number | null
  /** Why it failed; what it had told before is stored. */
  error?: string
}

/** Rows that are told one by one; the rest is counted. */
const skippedShown = 20

/** Facts are stored in transactions of this size, so that readers and the event loop are never held up long. */
const factsAtOnce = 2_000

/**
 * Reads one source and stores page by page: a page first, then its cursor, then the next page. Never throws for
 * a failing source; does so when the run is stopped from outside. `from` is where history begins, `asOf` the start
 * of the whole pass: until then the source is complete, so that all sources end at one instant. `wantsPaths` says
 * of which repositories a service counts only some paths.
 */
export async function runSource(
  store: Store,
  extractor: Extractor,
  io: Io,
  { from, asOf, wantsPaths }: { from: number; asOf: number; wantsPaths?: (repository: string) => boolean },
): Promise<SourceRun> {
  const startedAt = io.clock()
  const run: SourceRun = {
    source: extractor.name,
    facts: 0,
    removed: 0,
    skipped: [],
    skippedCount: 0,
    requests: 0,
    durationMs: 0,
    completeUntil: null,
  }
  const { cursor } = await store.meta.source(extractor.name)
  const since: Since = {
    ...(cursor === null ? {} : { cursor }),
    from,
    open: (kind) => store.facts.open(extractor.name, kind),
    stored: (kind, at) => store.facts.ids(extractor.name, kind, at),
    ...(wantsPaths && { wantsPaths }),
  }
  const skippedRows = await keepSkipped(store, extractor.name, { asOf, isAnew: cursor === null })
  try {
    for await (const page of extractor.extract(since, io)) {
      io.signal.throwIfAborted()
      await skippedRows.note(page)
      await savePage(store, extractor.name, page, run)
    }
    await store.meta.endSource(extractor.name, { completeUntil: asOf })
  } catch (error) {
    io.signal.throwIfAborted()
    run.error = messageOf(error)
    await store.meta.endSource(extractor.name, { error: run.error })
  }
  const { requests, rateLimitRemaining } = extractor.usage()
  run.requests = requests
  if (rateLimitRemaining !== undefined) run.rateLimitRemaining = rateLimitRemaining
  run.durationMs = io.clock() - startedAt
  run.completeUntil = (await store.meta.source(extractor.name)).completeUntil
  return run
}

async function savePage(store: Store, source: string, page: Page, run: SourceRun): Promise<void> {
  const { facts, removals, skipped = [], cursor } = page
  for (let start = 0; start === 0 || start < facts.length; start += factsAtOnce) {
    const isLast = start + factsAtOnce >= facts.length
    const saved = await store.facts.save({
      facts: facts.slice(start, start + factsAtOnce),
      // The cursor goes with the end of the page: before that, the page is read again.
      ...(isLast && removals ? { removals } : {}),
      ...(isLast && cursor !== undefined ? { cursor: { source, value: cursor } } : {}),
    })
    run.facts += saved.changed
    run.removed += saved.removed
  }
  run.skippedCount += skipped.length
  run.skipped.push(...skipped.slice(0, skippedShown - run.skipped.length))
}
