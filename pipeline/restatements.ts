import { fieldTexts } from '../core/field-names.ts'
import { decodeSeries } from '../core/line-protocol.ts'
import { repositoryScope, serviceScope } from '../store/scope.ts'
import type { Effect, PoolRestatement, RestatedWindows, Restatement } from '../core/restatement.ts'
import type { Changes, Told } from './changes.ts'
import type { RestatedWindow } from './window-writes.ts'

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

/** The same of the windows of teams and the organisation; why is told by the restatements of their services. */
export function poolRestatementsOf(at: number, windows: readonly RestatedWindow[]): PoolRestatement[] {
  const teams = Map.groupBy(windows, ({ series }) => decodeSeries(series).tags['team'] ?? '')
  return [...teams].map(([team, ofTeam]) => ({ at, team, windows: byLength(ofTeam) }))
}

function keyOfTold({ kind, source, id, removed }: Told): Restatement['facts'][number] {
  return { kind, source, id, removed }
}

function byLength(windows: readonly RestatedWindow[]): RestatedWindows[] {
  const groups = new Map<string, { environment: string; days: number; windows: RestatedWindow[] }>()
  for (const restated of windows) {
    const { environment = '', window = '' } = decodeSeries(restated.series).tags
    const key = `${environment} ${window}`
    const group = groups.get(key) ?? { environment, days: Number.parseInt(window, 10), windows: [] }
    group.windows.push(restated)
    groups.set(key, group)
  }
  return [...groups.values()].map(({ environment, days, windows: group }) => {
    const ends = new Set(group.map(({ at }) => at))
    const last = Math.max(...ends)
    const fields = Object.assign({}, ...group.filter(({ at }) => at === last).map(changedFields)) as Fields
    return { environment, days, first: Math.min(...ends), last, count: ends.size, fields }
  })
}

type Fields = RestatedWindows['fields']

function changedFields({ before, after }: RestatedWindow): Fields {
  const former = fieldTexts(before ?? '')
  const now = fieldTexts(after)
  const changed: Fields = {}
  for (const name of new Set([...former.keys(), ...now.keys()])) {
    const pair: [string | null, string | null] = [former.get(name) ?? null, now.get(name) ?? null]
    if (pair[0] !== pair[1]) changed[name] = pair
  }
  return changed
}
