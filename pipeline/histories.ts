import type { Change, Commit, Deployment, Incident } from '../core/fact.ts'
import type { ServiceSettings } from '../core/service.ts'
import { repositoryScope } from '../store/scope.ts'
import type { Store } from '../store/store.ts'
import type { Repositories } from '../transforms/derive.ts'
import { addFacts, compileRepository, type Repository } from '../transforms/repository.ts'
import type { ServiceHistory } from '../transforms/rollout.ts'
import { createAtHand, type AtHand } from './at-hand.ts'
import type { Catalogue } from './catalogue.ts'
import {
  compiled,
  derivationVersion,
  packEvents,
  packRepository,
  packState,
  readable,
  unpackEvents,
  unpackRepository,
  unpackState,
  type CompiledRepository,
  type EventState,
  type ServiceState,
} from './kept-state.ts'
import { compileService, extendService } from './service-history.ts'

/** Reads and writes the kept state, and compiles it from the facts where it is missing or stale. */
export interface Histories {
  repository(name: string): Promise<CompiledRepository>
  /** As it was kept, or undefined. */
  stored(name: string): Promise<CompiledRepository | undefined>
  /** Brings a repository up to date with new facts; undefined facts compile it anew. */
  updateRepository(
    name: string,
    facts: readonly (Commit | Change)[] | undefined,
    seq: number,
  ): Promise<{ isAddition: boolean }>
  compileService(settings: ServiceSettings): Promise<ServiceHistory>
  /** The history with these facts added; undefined where one replaces what is there. */
  extendService(
    settings: ServiceSettings,
    history: ServiceHistory,
    facts: readonly (Deployment | Incident)[],
  ): ServiceHistory | undefined
  state(service: string): Promise<ServiceState | undefined>
  saveState(service: string, state: ServiceState): Promise<void>
  events(service: string): Promise<EventState | undefined>
  saveEvents(service: string, state: EventState): Promise<void>
  forget(service: string): Promise<void>
  /** Keeps no history at hand: in a derivation of everything none is used twice. */
  release(): void
  /** The repositories that a service's rollouts are looked up in. */
  repositoriesFor(
    settings: ServiceSettings,
    history: ServiceHistory,
  ): Promise<{ find: Repositories; used: [string, string][] }>
}

/** `keeps: false` compiles without writing, for a store that is only read. */
export function createHistories(store: Store, catalogue: Catalogue, { keeps = true } = {}): Histories {
  const seen = seenOf(store)

  function keep(name: string, loaded: CompiledRepository): CompiledRepository {
    const { shas, changes } = loaded.repository
    seen.repositories.set(name, loaded, shas.length + changes.length)
    return loaded
  }

  async function compile(name: string, seq: number): Promise<CompiledRepository> {
    const facts = await store.facts.inScope(repositoryScope(name), ['commit', 'change'])
    return save(name, compileRepository(name, facts as (Commit | Change)[]), seq)
  }

  async function save(name: string, repository: Repository, seq: number): Promise<CompiledRepository> {
    const stamp = `${derivationVersion} ${seq}`
    if (keeps)
      await store.points.saveHistory(repositoryScope(name), { stamp, body: packRepository(repository) })
    return keep(name, compiled(repository, stamp))
  }

  async function load(name: string): Promise<CompiledRepository | undefined> {
    const found = seen.repositories.get(name)
    if (found) return found
    const stored = await store.points.history(repositoryScope(name))
    if (!stored || !stored.stamp.startsWith(`${derivationVersion} `)) return undefined
    const repository = readable(() => unpackRepository(stored.body))
    if (!repository) return undefined
    return keep(name, compiled(repository, stored.stamp))
  }

  const histories: Histories = {
    async repository(name) {
      return (await load(name)) ?? compile(name, await store.facts.lastSeq())
    },
    async updateRepository(name, facts, seq) {
      const before = facts && (await load(name))
      const after = before && addFacts(before.repository, facts)
      if (after) await save(name, after, seq)
      else await compile(name, seq)
      return { isAddition: after !== undefined }
    },
    async compileService(settings) {
      return compileService(store, catalogue, settings)
    },
    extendService: (settings, history, facts) => extendService(catalogue, settings, history, facts),
    async state(service) {
      const found = seen.states.get(service)
      if (found) return found
      const stored = await store.points.history(`state:${service}`)
      const state = stored && readable(() => unpackState(stored.body))
      if (state) seen.states.set(service, state, state.history.rollouts.length)
      return state
    },
    async saveState(service, state) {
      seen.states.set(service, state, state.history.rollouts.length)
      await store.points.saveHistory(`state:${service}`, { stamp: state.stamp, body: packState(state) })
    },
    async events(service) {
      const found = seen.events.get(service)
      if (found) return found
      const stored = await store.points.history(`events:${service}`)
      const state = stored && readable(() => unpackEvents(stored.body))
      if (state) seen.events.set(service, state)
      return state
    },
    async saveEvents(service, state) {
      seen.events.set(service, state)
      const body = packEvents(state)
      await store.points.saveHistory(`events:${service}`, { stamp: `${derivationVersion}`, body })
    },
    async forget(service) {
      seen.events.delete(service)
      seen.states.delete(service)
      await store.points.removeHistory(`state:${service}`)
      await store.points.removeHistory(`events:${service}`)
    },
    release() {
      seen.states.clear()
      seen.repositories.clear()
    },
    stored: load,
    async repositoriesFor(settings, history) {
      const names = new Set([
        ...settings.repositories,
        ...history.rollouts.map(({ repository }) => repository),
      ])
      names.delete('')
      const loaded = new Map<string, CompiledRepository>()
      for (const name of names) loaded.set(name, await histories.repository(name))
      const used = [...loaded].map(([name, { stamp }]): [string, string] => [name, stamp])
      return { find: (name) => loaded.get(name), used }
    },
  }
  return histories
}

/** What this process has seen of a store: forgotten when a derivation fails, for that is rolled back. */
interface Seen {
  /** Of every service: some 25 KB each, and all of them are needed whenever a team's windows move. */
  events: Map<string, EventState>
  /** Of those used last: who deployed within the last hours does so again. */
  states: AtHand<ServiceState>
  repositories: AtHand<CompiledRepository>
}

const seenOfStores = new WeakMap<Store, Seen>()

/** Weights are deployments, and commits with changes: each bounds some hundred megabytes. */
const mostDeployments = 100_000
const mostCommits = 400_000

function seenOf(store: Store): Seen {
  let seen = seenOfStores.get(store)
  if (!seen) {
    seen = {
      events: new Map(),
      states: createAtHand(mostDeployments),
      repositories: createAtHand(mostCommits),
    }
    seenOfStores.set(store, seen)
  }
  return seen
}

export function forgetSeen(store: Store): void {
  seenOfStores.delete(store)
}
