import type { Store } from '../store/store.ts'
import type { DeriveOptions } from './derive-options.ts'
import type { Observed } from './window-update.ts'

const key = 'written'

/** Until when the windows of each service are written. One row for all: it changes with every refresh. */
export async function readWritten(store: Store): Promise<Map<string, Observed>> {
  const kept = await store.meta.get(key)
  return new Map(Object.entries(kept === undefined ? {} : (JSON.parse(kept) as Record<string, Observed>)))
}

export async function saveWritten(store: Store, written: ReadonlyMap<string, Observed>): Promise<void> {
  await store.meta.set(key, JSON.stringify(Object.fromEntries(written)))
}

/**
 * Until when a service was observed: never less than what is written already. A source that was added or named anew
 * has been read no further than nothing; that holds back what is new, and takes nothing away.
 */
export function observedSince(
  written: ReadonlyMap<string, Observed>,
  { catalogue, observed }: Pick<DeriveOptions, 'catalogue' | 'observed'>,
): (service: string) => Observed {
  return (service) => {
    const now = observed(catalogue.settingsOf(service))
    const before = written.get(service)
    if (!before) return now
    return {
      until: Math.max(now.until, before.until),
      changesUntil: Math.max(now.changesUntil, before.changesUntil),
      incidentsUntil: Math.max(now.incidentsUntil, before.incidentsUntil),
    }
  }
}
