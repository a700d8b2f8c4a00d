import type { ServiceSettings } from '../core/service.ts'
import type { Store } from '../store/store.ts'
import { derivation, type Derivation } from '../transforms/derive.ts'
import type { KnownRepository } from '../transforms/growth.ts'
import type { ServiceHistory } from '../transforms/rollout.ts'
import { createAtHand, type AtHand } from './at-hand.ts'
import type { Catalogue } from './catalogue.ts'
import {
  checkpointSeq,
  checkpointStamp,
  derivationVersion,
  packEvents,
  packHistory,
  readable,
  unpackEvents,
  unpackHistory,
  type EventState,
  type Sources,
} from './kept-state.ts'
import { knownRepositories, type HeldRepository, type KnownRepositories } from './repositories.ts'
import { compileService, extend, extensionOf, serviceFactsBetween } from './service-history.ts'

/** A service as it was derived last, ready to go on. */
export interface LiveService extends Sources {
  derivation: Derivation
  /** How many facts came in since its history was stored. */
  unsaved: number
}

/** Reads and keeps what was derived of services, and what from; compiles from the facts what is missing or stale. */
export interface Histories {
  repositories: KnownRepositories
  compileService(settings: ServiceSettings): Promise<ServiceHistory>
  /** The repositories that a service's rollouts are looked up in, with all facts there are. */
  repositoriesNow(settings: ServiceSettings, history: ServiceHistory): Promise<Map<string, KnownRepository>>
  /**
   * The service as it was derived last, when facts had come in until `seq` and `state` was kept of it; undefined
   * where that cannot be told any more.
   */
  live(settings: ServiceSettings, state: EventState, seq: number): Promise<LiveService | undefined>
  hold(service: string, live: LiveService): void
  save(service: string, live: LiveService, seq: number): Promise<void>
  events(service: string): Promise<EventState | undefined>
  saveEvents(service: string, state: EventState): Promise<void>
  forget(service: string): Promise<void>
  /** Keeps no history at hand: in a derivation of everything none is used twice. */
  release(): void
  /** Not to be used again: it is behind. */
  dropRepository(name: string): void
}

/** A history is stored anew when so many facts came in, or an eighth of what it has: storing one costs as much. */
const unsavedAtMost = 64

/** `keeps: false` compiles without writing, for a store that is only read. */
export function createHistories(store: Store, catalogue: Catalogue, { keeps = true } = {}): Histories {
  const seen = seenOf(store)
  const repositories = knownRepositories(store, seen.repositories, { keeps })

  /** From what was stored, with the facts that came in until then. */
  async function restore(
    settings: ServiceSettings,
    state: EventState,
    seq: number,
  ): Promise<LiveService | undefined> {
    const known = new Map<string, KnownRepository>()
    for (const [name, facts] of state.repositories) {
      const found = await repositories.asOf(name, seq)
      if (found?.repository.facts !== facts) return undefined
      known.set(name, found)
    }
    const stored = await store.histories.find(`state:${settings.name}`)
    const storedSeq = stored && checkpointSeq(stored.stamp, derivationVersion)
    if (storedSeq === undefined) return undefined
    const added = await serviceFactsBetween(store, catalogue, settings, storedSeq, seq)
    const history = added && readable(() => unpackHistory(stored!.body))
    const extension = history && extensionOf(catalogue, settings, history, added)
    if (!extension || extension.replaces) return undefined
    extend(history, extension)
    // Nothing but additions happens between two times of storing it, so the numbers tell that none is missing.
    if (history.rollouts.length !== state.rollouts || history.incidents.length !== state.incidents)
      return undefined
    const derived = derivation(settings, history, (name) => known.get(name))
    return { history, repositories: known, derivation: derived, unsaved: added.length }
  }

  return {
    repositories,
    compileService: (settings) => compileService(store, catalogue, settings),
    async repositoriesNow(settings, history) {
      const known = new Map<string, KnownRepository>()
      for (const name of repositoryNames(settings, history)) known.set(name, await repositories.now(name))
      return known
    },
    async live(settings, state, seq) {
      const held = seen.live.get(settings.name)
      const isCurrent =
        held &&
        state.repositories.every(([name, facts]) => {
          const used = held.repositories.get(name)?.repository
          return used?.facts === facts && used === seen.repositories.get(name)?.repository
        })
      if (isCurrent) return held
      const restored = await restore(settings, state, seq)
      if (restored) seen.live.set(settings.name, restored, weightOf(restored))
      return restored
    },
    hold: (service, live) => seen.live.set(service, live, weightOf(live)),
    async save(service, live, seq) {
      const { rollouts, incidents } = live.history
      if (live.unsaved <= Math.max(unsavedAtMost, (rollouts.length + incidents.length) >> 3)) return
      live.unsaved = 0
      const stamp = checkpointStamp(derivationVersion, seq)
      await store.histories.save(`state:${service}`, { stamp, body: packHistory(live.history) })
    },
    async events(service) {
      const found = seen.events.get(service)
      if (found) return found
      const stored = await store.histories.find(`events:${service}`)
      const state = stored?.stamp === `${derivationVersion}` && readable(() => unpackEvents(stored.body))
      if (!state) return undefined
      seen.events.set(service, state)
      return state
    },
    async saveEvents(service, state) {
      seen.events.set(service, state)
      const body = packEvents(state)
      await store.histories.save(`events:${service}`, { stamp: `${derivationVersion}`, body })
    },
    async forget(service) {
      seen.events.delete(service)
      seen.live.delete(service)
      await store.histories.remove(`state:${service}`)
      await store.histories.remove(`events:${service}`)
    },
    release() {
      seen.live.clear()
      seen.repositories.clear()
    },
    dropRepository: (name) => seen.repositories.delete(name),
  }
}

export function repositoryNames(settings: ServiceSettings, history: ServiceHistory): Set<string> {
  const names = new Set(settings.repositories)
  for (const { repository } of history.rollouts) if (repository !== '') names.add(repository)
  return names
}

/** What this process has seen of a store: forgotten when a derivation fails, for that is rolled back. */
interface Seen {
  /** Of every service: some 25 KB each, and all of them are needed whenever a team's windows move. */
  events: Map<string, EventState>
  /** Of those used last: who deployed within the last hours does so again. */
  live: AtHand<LiveService>
  repositories: AtHand<HeldRepository>
}

const seenOfStores = new WeakMap<Store, Seen>()

/** Weights are deployments, and commits with changes: each bounds some hundred megabytes. */
const mostDeployments = 150_000
const mostCommits = 400_000

/** What a service received of its repositories is marked commit by commit, in a number each. */
function weightOf({ history, repositories }: LiveService): number {
  let commits = 0
  for (const { repository } of repositories.values()) commits += repository.shas.length
  return history.rollouts.length + history.incidents.length + (commits >> 7)
}

function seenOf(store: Store): Seen {
  let seen = seenOfStores.get(store)
  if (!seen) {
    seen = {
      events: new Map(),
      live: createAtHand(mostDeployments),
      repositories: createAtHand(mostCommits),
    }
    seenOfStores.set(store, seen)
  }
  return seen
}

export function forgetSeen(store: Store): void {
  seenOfStores.delete(store)
}
