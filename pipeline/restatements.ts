import { fieldTexts } from '../core/field-names.ts'
import { decodeSeries } from '../core/line-protocol.ts'
import { repositoryScope, serviceScope } from '../store/scope.ts'
import type { Restatement } from '../store/store.ts'
import type { Effect } from '../transforms/effects.ts'
import type { Changes, Told } from './changes.ts'
import type { RestatedWindow } from './window-update.ts'

/** So many facts and effects of a restatement are told one by one. */
const shownAtMost = 50

export interface ToRestate {
  at: number
  service: string
  repositories: readonly string[]
  /** Until when windows had been written: what happened before is the past. */
  past: number
  effects: readonly Effect[]
  windows: readonly RestatedWindow[]
}

/** What a service's windows that had ended say now, and the facts about the past that came in; undefined for none. */
export function restatementOf(
  { at, service, repositories, past, effects, windows }: ToRestate,
  { told }: Pick<Changes, 'told'>,
): Restatement | undefined {
  if (windows.length === 0) return undefined
  const keys = [serviceScope(service), ...repositories.map(repositoryScope)]
  const facts = keys.flatMap((key) => told.get(key) ?? []).filter((fact) => fact.at < past)
  const late = effects.filter((effect) => effect.at < past)
  return {
    at,
    service,
    facts: facts.slice(0, shownAtMost).map(keyOfTold),
    factCount: facts.length,
    effects: late.slice(0, shownAtMost),
    effectCount: late.length,
    windows: byLength(windows),
  }
}

function keyOfTold({ kind, source, id, removed }: Told): Restatement['facts'][number] {
  return { kind, source, id, removed }
}

function byLength(windows: readonly RestatedWindow[]): Restatement['windows'] {
  const groups = new Map<string, RestatedWindow[]>()
  for (const window of windows) groups.set(window.series, [...(groups.get(window.series) ?? []), window])
  return [...groups].map(([series, group]) => {
    const { tags } = decodeSeries(series)
    const last = group.reduce((latest, each) => (each.at > latest.at ? each : latest))
    return {
      environment: tags['environment'] ?? '',
      days: Number.parseInt(tags['window'] ?? '', 10),
      first: Math.min(...group.map((window) => window.at)),
      last: last.at,
      count: group.length,
      fields: changedFields(last),
    }
  })
}

function changedFields({ before, after }: RestatedWindow): Record<string, [string | null, string | null]> {
  const former = fieldTexts(before ?? '')
  const now = fieldTexts(after)
  const changed: Record<string, [string | null, string | null]> = {}
  for (const name of new Set([...former.keys(), ...now.keys()])) {
    const pair: [string | null, string | null] = [former.get(name) ?? null, now.get(name) ?? null]
    if (pair[0] !== pair[1]) changed[name] = pair
  }
  return changed
}
