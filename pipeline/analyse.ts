import type { Store } from '../store/store.ts'
import { derive, type Derived } from '../transforms/derive.ts'
import { mergedChanges, type MergedChange } from '../transforms/merged-changes.ts'
import { mergedEvents } from '../transforms/merged-events.ts'
import { serviceNames } from './derive.ts'
import type { DeriveOptions } from './derive-options.ts'
import { createHistories } from './histories.ts'
import { eventStateOf, type EventState } from './kept-state.ts'

/** One service derived from the stored facts, and nothing written. */
export interface Analysis {
  derived: Derived
  merged: MergedChange[]
  state: EventState
}

/** Derives services straight from the facts: for a look into them, not for a refresh. */
export async function analyse(
  store: Store,
  options: DeriveOptions,
  names?: readonly string[],
): Promise<Map<string, Analysis>> {
  const histories = createHistories(store, options.catalogue, { keeps: false })
  const analyses = new Map<string, Analysis>()
  for (const name of names ?? (await serviceNames(store, options.catalogue))) {
    const settings = options.catalogue.settingsOf(name)
    const history = await histories.compileService(settings)
    const repositories = await histories.repositoriesNow(settings, history)
    const derived = derive(settings, history, (repository) => repositories.get(repository))
    const merged = mergedChanges(settings, repositories)
    const events = mergedEvents(merged, [...repositories.keys()])
    const state = eventStateOf(derived, events, { history, repositories }, '')
    analyses.set(name, { derived, merged, state })
  }
  return analyses
}
