import { botsEverywhere } from '../core/bots.ts'
import { calendarOf } from '../core/calendar.ts'
import type { Store } from '../store/store.ts'
import { heldIn } from '../transforms/coverage.ts'
import { mergedChanges } from '../transforms/merged-changes.ts'
import { mergedLists, type MergedLists } from '../transforms/merged-lists.ts'
import type { KnownRepository } from '../transforms/growth.ts'
import { compareText } from '../transforms/repository.ts'
import { serviceNames } from './derive.ts'
import type { DeriveOptions } from './derive-options.ts'
import { createHistories } from './histories.ts'
import { observedSince, readWritten } from './written.ts'

/**
 * The lists of merged changes of every service, over a window of so many days: of what was observed, and not of
 * services whose changes are held. They are made of the repositories, for windows keep no names.
 */
export async function mergedListsFrom(
  store: Store,
  options: DeriveOptions,
  { asOf, days }: { asOf: number; days: number },
): Promise<MergedLists> {
  const { catalogue, since, bots } = options
  const histories = createHistories(store, catalogue, { keeps: false })
  const observedOf = observedSince(await readWritten(store), options)
  const lists: MergedLists = { weekendMerges: [], hotfixes: [] }
  for (const name of await serviceNames(store, catalogue)) {
    const state = await histories.events(name)
    const from = since ?? state?.firstAt ?? null
    if (!state || from === null) continue
    const settings = catalogue.settingsOf(name)
    const observed = observedOf(name)
    const span = { from: calendarOf(settings.timezone).daysBefore(asOf, days), to: asOf }
    if (heldIn({ from, ...observed }, span).includes('leadTime')) continue
    const found = new Map<string, KnownRepository>()
    for (const [repository] of state.repositories)
      found.set(repository, await histories.repositories.now(repository))
    const merged = mergedChanges(settings, found)
    const own = mergedLists(
      { ...settings, bots: bots === undefined ? settings.bots : botsEverywhere(bots) },
      merged,
      (repository) => found.get(repository)?.repository.changes ?? [],
      { from: Math.max(span.from, from), to: Math.min(span.to, observed.until) },
    )
    lists.weekendMerges.push(...own.weekendMerges)
    lists.hotfixes.push(...own.hotfixes)
  }
  const byMerge = (a: { mergedAt: string; id: string }, b: { mergedAt: string; id: string }) =>
    compareText(a.mergedAt, b.mergedAt) || compareText(a.id, b.id)
  lists.weekendMerges.sort(byMerge)
  lists.hotfixes.sort(byMerge)
  return lists
}
