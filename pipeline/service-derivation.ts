import type { ServiceSettings } from '../core/service.ts'
import type { PointToSave, Store } from '../store/store.ts'
import { derive, type Derived, type Repositories } from '../transforms/derive.ts'
import { addition, difference, mergedTimes } from '../transforms/difference.ts'
import { digestsOf, keepsPast } from '../transforms/digest.ts'
import { eventPoints } from '../transforms/event-points.ts'
import { mergedChanges, type MergedChange } from '../transforms/merged-changes.ts'
import type { Member } from '../transforms/members.ts'
import type { ServiceHistory } from '../transforms/rollout.ts'
import { noTeam, type WindowOwner } from '../transforms/window-points.ts'
import type { Changes } from './changes.ts'
import { stampOf, type DeriveOptions } from './derive-options.ts'
import { type Histories } from './histories.ts'
import { eventStateOf, type CompiledRepository, type EventState, type ServiceState } from './kept-state.ts'
import { membersOf } from './members.ts'
import { allWindows, changedWindows, type Observed } from './window-update.ts'
import { observedSince, readWritten, saveWritten } from './written.ts'

interface Context {
  store: Store
  options: DeriveOptions
  histories: Histories
  changes: Changes
  seq: number
}

/** The services of one derivation pass; every function that writes returns the number of points it changed. */
export interface Services {
  load(names: readonly string[]): Promise<void>
  /** By service, as they are after what this pass has done so far. */
  states: ReadonlyMap<string, EventState>
  /** Until when the windows of each are written. */
  written: ReadonlyMap<string, Observed>
  /** The instants whose windows were restated, by service; undefined where all were. */
  restatedAt: ReadonlyMap<string, readonly number[] | undefined>
  /** Nothing valid is kept of it: other settings, another version, or never derived. */
  needsDerivingAnew(name: string): boolean
  /** Its facts, or those of one of its repositories, have changed. */
  isTouched(name: string): boolean
  deriveAnew(name: string): Promise<number>
  restate(name: string): Promise<number>
  advance(name: string): Promise<number>
  /** Keeps how far windows are written; goes with the transaction that wrote them. */
  saveWritten(): Promise<void>
  /** Repositories that changed and that no derived service uses. */
  finishRepositories(): Promise<void>
  /** Removes what is stored of services and pools that are no more. */
  removeOthers(names: readonly string[]): Promise<number>
}

export function createServices({ store, options, histories, changes, seq }: Context): Services {
  const { catalogue, since } = options
  const states = new Map<string, EventState>()
  const restatedAt = new Map<string, readonly number[] | undefined>()
  /** Until when the windows of each service are written; kept apart from what changes with its facts. */
  const written = new Map<string, Observed>()
  const observedOf = observedSince(written, options)
  const isCurrent = new Set<string>()
  /** Changed repositories as they were before this pass; undefined where nothing was kept. */
  const former = new Map<string, CompiledRepository | undefined>()
  /** Those of them in which something was replaced or removed. */
  const rewritten = new Set<string>()

  // Whose an incident is, and whether a deployment is shared, is said by the settings of other services too.
  const mapping = stampOf(catalogue.incidentMapping)
  const stampFor = (settings: ServiceSettings) =>
    stampOf([settings, catalogue.sharersOf(settings), mapping, since, options.edition, options.windowsDays])

  /** What was kept before is remembered for services that are restated; those derived anew need it not. */
  async function update(name: string, remember: boolean): Promise<void> {
    if (!changes.repositories.has(name) || former.has(name)) return
    former.set(name, remember ? await histories.stored(name) : undefined)
    const { isAddition } = await histories.updateRepository(name, changes.repositories.get(name), seq)
    if (!isAddition) rewritten.add(name)
  }

  async function updateAll(
    settings: ServiceSettings,
    history: ServiceHistory,
    remember: boolean,
  ): Promise<void> {
    const names = new Set([...settings.repositories, ...history.rollouts.map(({ repository }) => repository)])
    for (const name of names) await update(name, remember)
  }

  async function keep(
    settings: ServiceSettings,
    history: ServiceHistory,
    used: [string, string][],
    derived: Derived,
    merged: readonly MergedChange[],
    digests = digestsOf(derived, history),
  ): Promise<EventState> {
    const stamp = stampFor(settings)
    await histories.saveState(settings.name, { stamp, history, repositories: used, digests })
    const events = eventStateOf(derived, merged, used, stamp)
    await histories.saveEvents(settings.name, events)
    states.set(settings.name, events)
    written.set(settings.name, observedOf(settings.name))
    return events
  }

  const services: Services = {
    states,
    restatedAt,
    written,
    async load(names) {
      for (const [name, until] of await readWritten(store)) written.set(name, until)
      for (const name of names) {
        const events = await histories.events(name)
        if (!events) continue
        states.set(name, events)
        if (events.stamp === stampFor(catalogue.settingsOf(name)) && written.has(name)) isCurrent.add(name)
      }
    },
    needsDerivingAnew: (name) => !isCurrent.has(name),
    isTouched(name) {
      const settings = catalogue.settingsOf(name)
      const repositories = [...settings.repositories, ...(states.get(name)?.repositories ?? [])]
      return (
        changes.services.has(name) || repositories.some((repository) => changes.repositories.has(repository))
      )
    },

    async deriveAnew(name) {
      const settings = catalogue.settingsOf(name)
      const history = await histories.compileService(settings)
      await updateAll(settings, history, false)
      const { find, used } = await histories.repositoriesFor(settings, history)
      const derived = derive(settings, history, find)
      const merged = mergedChanges(settings, namesOf(used), find)
      const state = await keep(settings, history, used, derived, merged)
      const points: PointToSave[] = eventPoints(derived)
      for (const member of membersOf(name, state, written.get(name)!, options)) {
        points.push(...allWindows(ownerOf(member), member.coverage.from, member.coverage, options))
      }
      restatedAt.set(name, undefined)
      return store.points.replaceAll(`service:${name}`, points)
    },

    async restate(name) {
      const settings = catalogue.settingsOf(name)
      const stored = await histories.state(name)
      const earlier = states.get(name)!
      const writtenBefore = written.get(name)!
      if (!stored) return services.deriveAnew(name)
      const facts = changes.services.get(name)
      const extended = changes.services.has(name)
        ? facts && histories.extendService(settings, stored.history, facts)
        : stored.history
      const history = extended ?? (await histories.compileService(settings))
      await updateAll(settings, history, true)
      const before = await repositoriesBefore(stored)
      if (!before) return services.deriveAnew(name)

      const { find, used } = await histories.repositoriesFor(settings, history)
      const after = derive(settings, history, find)
      const digests = digestsOf(after, history)
      const isAddition =
        extended !== undefined &&
        used.every(([repository]) => !rewritten.has(repository)) &&
        keepsPast(stored.digests, digests)
      const differs = isAddition
        ? addition(after, stored.history, history)
        : difference(derive(settings, stored.history, before), after)
      const merged = mergedChanges(settings, namesOf(used), find)
      const state = await keep(settings, history, used, after, merged, digests)
      const merges = mergedTimes(earlier.merged, state.merged)
      const times = [...new Set([...differs.times, ...merges])].sort((a, b) => a - b)
      if (times.length === 0) return advanceWindows(name, writtenBefore, state, [])
      if (!sameTracks(earlier, state) || (since === null && earlier.firstAt !== state.firstAt)) {
        return services.deriveAnew(name)
      }
      const owner = `service:${name}`
      return (
        (await store.points.remove(differs.remove)) +
        (await store.points.save(owner, differs.save)) +
        (await advanceWindows(name, writtenBefore, state, times))
      )
    },

    async advance(name) {
      const before = written.get(name)!
      const observed = observedOf(name)
      if (sameObserved(before, observed)) return 0
      written.set(name, observed)
      return advanceWindows(name, before, states.get(name)!, [])
    },

    async saveWritten() {
      await saveWritten(store, new Map([...states.keys()].map((name) => [name, written.get(name)!])))
    },
    async finishRepositories() {
      for (const name of changes.repositories.keys()) await update(name, false)
    },

    async removeOthers(names) {
      const teams = names.map((name) => catalogue.settingsOf(name).team)
      const owners = new Set([
        ...names.map((name) => `service:${name}`),
        ...teams.map((team) => `team:${team}`),
        'organization',
        'pipeline',
      ])
      let removed = 0
      for (const owner of await store.points.owners()) {
        if (owners.has(owner)) continue
        removed += await store.points.replaceAll(owner, [])
        if (owner.startsWith('service:')) await histories.forget(owner.slice('service:'.length))
      }
      return removed
    },
  }
  return services

  /** The repositories as the stored state was derived with, or undefined where that is gone. */
  async function repositoriesBefore({ repositories }: ServiceState): Promise<Repositories | undefined> {
    const found = new Map<string, CompiledRepository>()
    for (const [name, stamp] of repositories) {
      const compiled = former.has(name) ? former.get(name) : await histories.repository(name)
      if (compiled?.stamp !== stamp) return undefined
      found.set(name, compiled)
    }
    return (name) => found.get(name)
  }

  async function advanceWindows(
    name: string,
    before: Observed,
    state: EventState,
    times: readonly number[],
  ): Promise<number> {
    restatedAt.set(name, times)
    let changed = 0
    for (const member of membersOf(name, state, written.get(name)!, options)) {
      const { save, remove } = changedWindows(
        ownerOf(member),
        member.coverage.from,
        before,
        member.coverage,
        times,
        options,
      )
      if (remove.length > 0) changed += await store.points.remove(remove)
      if (save.length > 0) changed += await store.points.save(`service:${name}`, save)
    }
    return changed
  }
}

function namesOf(used: readonly (readonly [name: string, stamp: string])[]): string[] {
  return used.map(([name]) => name)
}

function ownerOf(member: Member): WindowOwner {
  const { service, team, environment, timezone } = member
  return { service, team: team ?? noTeam, environment, timezone, members: [member] }
}

function sameObserved(a: Observed, b: Observed): boolean {
  return a.until === b.until && a.changesUntil === b.changesUntil && a.incidentsUntil === b.incidentsUntil
}

function sameTracks(a: EventState, b: EventState): boolean {
  return (
    a.events.map((events) => events.environment).join('\n') ===
    b.events.map((events) => events.environment).join('\n')
  )
}
