import { dayMs } from '../core/calendar.ts'
import type { Page, Skipped } from '../extractors/extractor.ts'
import type { Store } from '../store/store.ts'

/** A row that gave no fact, with the start of the refresh that met it last. Epoch ms. */
export interface KeptRow extends Skipped {
  at: number
}

/** Of each source the last rows are kept, so that a report can tell them: this many, for this long. */
export const mostKept = 1_000
export const keptForMs = 30 * dayMs

const keyOf = (source: string) => `skipped:${source}`

/** What is kept of a source at an instant, the latest last. */
export async function readSkipped(store: Store, source: string, now: number): Promise<KeptRow[]> {
  const text = await store.meta.get(keyOf(source))
  const rows = text === undefined ? [] : (JSON.parse(text) as KeptRow[])
  return rows.filter(({ at }) => at > now - keptForMs)
}

export interface SkippedRows {
  /** Keeps what a page skipped, and forgets what it tells after all. Before the page is stored: a crash loses none. */
  note(page: Page): Promise<void>
}

/**
 * Keeps what one run of a source skips. `isAnew`: the run reads everything again, so what was skipped before is
 * forgotten; so is in any run what the source said it would read again.
 */
export async function keepSkipped(
  store: Store,
  source: string,
  { asOf, isAnew }: { asOf: number; isAnew: boolean },
): Promise<SkippedRows> {
  const stored = await readSkipped(store, source, asOf)
  let rows = isAnew ? [] : stored.filter(({ isPassing }) => !isPassing)
  if (rows.length < stored.length) await save()
  return {
    async note(page) {
      const after = skippedAfter(rows, page, asOf)
      if (after === rows) return
      rows = after
      await save()
    },
  }

  async function save(): Promise<void> {
    await store.meta.set(keyOf(source), JSON.stringify(rows))
  }
}

/** The rows kept after a page; the same array where it changes nothing. */
export function skippedAfter(rows: KeptRow[], { facts, skipped = [] }: Page, asOf: number): KeptRow[] {
  if (rows.length === 0 && skipped.length === 0) return rows
  const told = new Set(facts.flatMap((fact) => [fact.id, 'url' in fact ? fact.url : undefined]))
  const again = new Set(skipped.map(({ row }) => row))
  const left = rows.filter(({ row }) => !told.has(row) && !again.has(row))
  if (left.length === rows.length && skipped.length === 0) return rows
  const fresh = new Map(skipped.map((each) => [each.row, { ...each, at: asOf }]))
  return [...left, ...fresh.values()].slice(-mostKept)
}
