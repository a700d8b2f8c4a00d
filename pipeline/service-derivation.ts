import type { PointToSave, Store } from '../store/store.ts'
import { derivation } from '../transforms/derive.ts'
import { difference, mergedTimes, type Difference } from '../transforms/difference.ts'
import { eventPoints } from '../transforms/event-points.ts'
import type { Growth } from '../transforms/growth.ts'
import { mergedChanges } from '../transforms/merged-changes.ts'
import { mergedEvents, type MergedEvents } from '../transforms/merged-events.ts'
import type { Member } from '../transforms/members.ts'
import { poolOwner, qualityOwner } from '../transforms/quality-points.ts'
import { noTeam, type WindowOwner } from '../transforms/window-points.ts'
import type { ServiceSettings } from '../core/service.ts'
import type { Changes } from './changes.ts'
import type { DeriveOptions } from './derive-options.ts'
import { repositoryNames, type Histories, type LiveService } from './histories.ts'
import { eventStateOf, type EventState, type Sources } from './kept-state.ts'
import { membersOf } from './members.ts'
import { restatementOf } from './restatements.ts'
import { extend, extensionOf } from './service-history.ts'
import { stampOf } from './stamp.ts'
import { allWindows, type Observed } from './window-update.ts'
import { writeWindows, type WindowPlan } from './window-writes.ts'
import { observedSince, readWritten, saveWritten } from './written.ts'

interface Context {
  store: Store
  options: DeriveOptions
  histories: Histories
  changes: Changes
  /** Until where facts were derived before this pass, and are after it. */
  derivedSeq: number
  seq: number
}

/** The services of one derivation pass; every function that writes returns the number of points it changed. */
export interface Services {
  load(names: readonly string[]): Promise<void>
  /** By service, as they are after what this pass has done so far. */
  states: ReadonlyMap<string, EventState>
  /** Until when the windows of each are written. */
  written: ReadonlyMap<string, Observed>
  /** What the windows of a service, and of the pools that it is in, are made of as things are. */
  membersNow(name: string): Member[]
  /** The instants whose windows were restated, by service; undefined where all were. */
  restatedAt: ReadonlyMap<string, readonly number[] | undefined>
  /** Nothing valid is kept of it: other settings, another version, or never derived. */
  needsDerivingAnew(name: string): boolean
  /** Its facts, or those of one of its repositories, have changed. */
  isTouched(name: string): boolean
  deriveAnew(name: string): Promise<number>
  restate(name: string): Promise<number>
  /** Moves the windows of services on to the present whose facts have not changed. */
  advance(names: readonly string[]): Promise<number>
  /** Keeps how far windows are written; goes with the transaction that wrote them. */
  saveWritten(): Promise<void>
  /** Forgets repositories that changed and that no derived service uses. */
  finishRepositories(): void
  /** Removes what is stored of services and pools that are no more. */
  removeOthers(names: readonly string[]): Promise<number>
}

export function createServices({ store, options, histories, changes, derivedSeq, seq }: Context): Services {
  const { catalogue, since } = options
  const states = new Map<string, EventState>()
  const restatedAt = new Map<string, readonly number[] | undefined>()
  /** Until when the windows of each service are written; kept apart from what changes with its facts. */
  const written = new Map<string, Observed>()
  const observedOf = observedSince(written, options)
  const isCurrent = new Set<string>()
  /** Repositories that are up to date with this pass, and what they grew by; undefined where compiled anew. */
  const growths = new Map<string, Growth | undefined>()
  /** Services by the repositories that they were derived with. */
  const users = new Map<string, string[]>()
  /** As they were before a repository of theirs grew. */
  const ready = new Map<string, LiveService | undefined>()

  const others = stampOf([since, options.edition, options.windowsDays])
  const stampFor = (settings: ServiceSettings) => `${catalogue.stampOf(settings)} ${others}`

  /** Services go on from where they were: those of a repository are at hand before it grows in place. */
  async function update(repository: string): Promise<void> {
    if (!changes.repositories.has(repository) || growths.has(repository)) return
    growths.set(repository, undefined)
    for (const user of users.get(repository) ?? []) {
      if (!ready.has(user)) ready.set(user, await liveOf(user))
    }
    const facts = changes.repositories.get(repository)
    growths.set(repository, await histories.repositories.update(repository, facts, seq))
  }

  async function liveOf(name: string): Promise<LiveService | undefined> {
    return histories.live(catalogue.settingsOf(name), states.get(name)!, derivedSeq)
  }

  async function keep(settings: ServiceSettings, live: LiveService): Promise<EventState> {
    await histories.save(settings.name, live, seq)
    const state = eventStateOf(live.derivation.derived, mergedOf(settings, live), live, stampFor(settings))
    await histories.saveEvents(settings.name, state)
    states.set(settings.name, state)
    written.set(settings.name, observedOf(settings.name))
    return state
  }

  const members = new Map<string, { state: EventState; observed: Observed; made: Member[] }>()
  function membersNow(name: string): Member[] {
    const state = states.get(name)!
    const observed = written.get(name)!
    const kept = members.get(name)
    if (kept?.state === state && kept.observed === observed) return kept.made
    const made = membersOf(name, state, observed, options)
    members.set(name, { state, observed, made })
    return made
  }

  /** What was merged; as it was told before, where nothing came into a repository of the service. */
  function mergedOf(settings: ServiceSettings, { repositories }: LiveService): MergedEvents {
    const names = [...repositories.keys()]
    const earlier = isCurrent.has(settings.name) ? states.get(settings.name) : undefined
    const isSame = earlier && !names.some((name) => changes.repositories.has(name))
    if (isSame && earlier.merged.repositories.join('\n') === names.join('\n')) return earlier.merged
    return mergedEvents(mergedChanges(settings, repositories), names)
  }

  /** Compiled from all its facts. */
  async function compile(settings: ServiceSettings): Promise<LiveService> {
    const history = await histories.compileService(settings)
    for (const repository of repositoryNames(settings, history)) await update(repository)
    return deriveFrom(settings, { history, repositories: await histories.repositoriesNow(settings, history) })
  }

  /** A history that is stored whenever it was compiled anew, so that between two times only additions happen. */
  function deriveFrom(settings: ServiceSettings, sources: Sources): LiveService {
    const derived = derivation(settings, sources.history, (name) => sources.repositories.get(name))
    return { ...sources, derivation: derived, unsaved: Infinity }
  }

  /** Brings a service up to date: it goes on where it can, and is derived once more where it cannot. */
  async function goOn(
    settings: ServiceSettings,
    before: LiveService,
  ): Promise<{ live: LiveService; differs: Difference }> {
    const facts = changes.services.has(settings.name) ? changes.services.get(settings.name) : []
    const extension = facts && extensionOf(catalogue, settings, before.history, facts)
    if (extension) {
      const current = new Map(before.repositories)
      for (const name of current.keys()) current.set(name, await histories.repositories.now(name))
      const find = (name: string) => current.get(name)
      const differs = before.derivation.add({ ...extension, growths: grown(current.keys()) }, find)
      if (differs) {
        extend(before.history, extension)
        // What was replaced cannot be told from the facts any more.
        const unsaved = extension.replaces ? Infinity : before.unsaved + facts.length
        // A repository of which nothing was shipped may be another object by now, with other changes in it.
        return { live: { ...before, repositories: current, unsaved }, differs }
      }
    }
    const live = await compile(settings)
    return { live, differs: difference(before.derivation.derived, live.derivation.derived) }
  }

  function grown(repositories: Iterable<string>): Map<string, Growth> {
    const found = new Map<string, Growth>()
    for (const name of repositories) {
      const growth = growths.get(name)
      if (growth) found.set(name, growth)
    }
    return found
  }

  const services: Services = {
    states,
    restatedAt,
    written,
    membersNow,
    async load(names) {
      for (const [name, until] of await readWritten(store)) written.set(name, until)
      for (const name of names) {
        const events = await histories.events(name)
        if (!events) continue
        states.set(name, events)
        if (events.stamp !== stampFor(catalogue.settingsOf(name)) || !written.has(name)) continue
        isCurrent.add(name)
        for (const [repository] of events.repositories)
          users.set(repository, [...(users.get(repository) ?? []), name])
      }
    },
    needsDerivingAnew: (name) => !isCurrent.has(name),
    isTouched(name) {
      const settings = catalogue.settingsOf(name)
      const used = states.get(name)?.repositories ?? []
      return (
        changes.services.has(name) ||
        settings.repositories.some((repository) => changes.repositories.has(repository)) ||
        used.some(([repository]) => changes.repositories.has(repository))
      )
    },

    async deriveAnew(name) {
      const settings = catalogue.settingsOf(name)
      const live = await compile(settings)
      await keep(settings, live)
      histories.hold(name, live)
      return writeAll(name, live)
    },

    async restate(name) {
      const settings = catalogue.settingsOf(name)
      const earlier = states.get(name)!
      const writtenBefore = written.get(name)!
      const before = ready.has(name) ? ready.get(name) : await liveOf(name)
      if (!before) return services.deriveAnew(name)
      ready.set(name, before)
      for (const repository of before.repositories.keys()) await update(repository)

      const { live, differs } = await goOn(settings, before)
      ready.delete(name)
      histories.hold(name, live)
      const state = await keep(settings, live)
      if (!sameTracks(earlier, state) || (since === null && earlier.firstAt !== state.firstAt)) {
        return writeAll(name, live)
      }
      const merges = mergedTimes(earlier.merged, state.merged)
      const times = [...new Set([...differs.times, ...merges])].sort((x, y) => x - y)
      const owner = `service:${name}`
      const changed =
        (await store.points.remove(differs.remove)) + (await store.points.save(owner, differs.save))
      const windows = await writeWindows(store, plansFor(name, writtenBefore, times), options)
      const restatement = restatementOf(
        {
          at: options.at,
          service: name,
          repositories: [...live.repositories.keys()],
          past: writtenBefore.until,
          effects: differs.effects,
          windows: windows.restated,
        },
        changes,
      )
      if (restatement) await store.restatements.add([restatement])
      return changed + windows.changed
    },

    async advance(names) {
      const plans: WindowPlan[] = []
      for (const name of names) {
        const before = written.get(name)!
        const observed = observedOf(name)
        if (sameObserved(before, observed)) continue
        written.set(name, observed)
        plans.push(...plansFor(name, before, []))
      }
      return (await writeWindows(store, plans, options)).changed
    },

    async saveWritten() {
      await saveWritten(store, new Map([...states.keys()].map((name) => [name, written.get(name)!])))
    },
    finishRepositories() {
      for (const name of changes.repositories.keys()) if (!growths.has(name)) histories.dropRepository(name)
    },

    async removeOthers(names) {
      const teams = names.map((name) => catalogue.settingsOf(name).team)
      const owners = new Set([
        ...names.map((name) => `service:${name}`),
        ...names.map(qualityOwner),
        ...teams.map((team) => `team:${team}`),
        'organization',
        'pipeline',
        poolOwner,
      ])
      let removed = 0
      for (const owner of await store.points.owners()) {
        // CI and flaky tests are derived beside the services, and care for their own.
        if (owners.has(owner) || /^(?:ci|flaky):/.test(owner)) continue
        removed += await store.points.replaceAll(owner, [])
        if (owner.startsWith('service:')) await histories.forget(owner.slice('service:'.length))
      }
      return removed
    },
  }
  return services

  /** Every point of a service, in place of all that it had. */
  async function writeAll(name: string, live: LiveService): Promise<number> {
    const points: PointToSave[] = eventPoints(live.derivation.derived)
    for (const member of membersNow(name)) {
      points.push(...allWindows(ownerOf(member), member.coverage.from, member.coverage, options))
    }
    restatedAt.set(name, undefined)
    return store.points.replaceAll(`service:${name}`, points)
  }

  /** What is to be done about the windows of a service where these instants were restated. */
  function plansFor(name: string, before: Observed, times: readonly number[]): WindowPlan[] {
    restatedAt.set(name, times)
    return membersNow(name).map((member) => ({
      owner: `service:${name}`,
      windows: ownerOf(member),
      change: { from: member.coverage.from, written: before, observed: member.coverage, times },
    }))
  }
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
