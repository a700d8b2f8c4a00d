import { deserialize, serialize } from 'node:v8'
import type { Change, Commit, Deployment, Incident } from '../core/fact.ts'
import type { ServiceSettings } from '../core/service.ts'
import { incidentScope, repositoryScope, serviceScope } from '../store/scope.ts'
import type { Store } from '../store/store.ts'
import type { Derived, Repositories } from '../transforms/derive.ts'
import type { Digests } from '../transforms/digest.ts'
import type { Finding } from '../transforms/finding.ts'
import { addFacts, compileRepository, type PullRequest, type Repository } from '../transforms/repository.ts'
import { rolloutOf, type ServiceHistory } from '../transforms/rollout.ts'
import { indexGraph, type GraphIndex } from '../transforms/shipping.ts'
import { windowEvents, type WindowEvents } from '../transforms/window-events.ts'
import { resolveIncident, type Catalogue } from './catalogue.ts'

/** Changed whenever derivation may give another result for the same facts: everything is derived anew then. */
export const derivationVersion = 2

export interface CompiledRepository {
  repository: Repository
  /** Made when it is first asked for. */
  readonly graph: GraphIndex
  /** Changes with every fact that came in. */
  stamp: string
}

/** What is kept of a service between refreshes. */
export interface ServiceState {
  /** Of the settings and of everything else that the points of this service depend on. */
  stamp: string
  history: ServiceHistory
  /** The repositories it was derived with, by name, with their stamps. */
  repositories: [name: string, stamp: string][]
  digests: Digests
}

/** The part of it that windows are made of: loaded for every service when a team's windows change. */
export interface EventState {
  /** As in ServiceState. */
  stamp: string
  repositories: string[]
  team: string | null
  timezone: string
  events: WindowEvents[]
  /** The finish of the service's first production deployment, null for none. */
  firstAt: number | null
  findings: Finding[]
  /** Incidents of several services whose stated cause was found here. */
  causesFound: string[]
}

export function eventStateOf(
  derived: Derived,
  used: readonly (readonly [name: string, stamp: string])[],
  stamp: string,
): EventState {
  const { team, timezone } = derived.service
  return {
    stamp,
    repositories: used.map(([repository]) => repository),
    team,
    timezone,
    events: windowEvents(derived),
    firstAt: firstAtOf(derived),
    findings: derived.findings,
    causesFound: [...derived.causesFound],
  }
}

function firstAtOf({ tracks }: Derived): number | null {
  const firsts = tracks.flatMap(({ deployments }) => deployments[0]?.rollout.at ?? [])
  return firsts.length === 0 ? null : Math.min(...firsts)
}

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
  /** The repositories that a service's rollouts are looked up in. */
  repositoriesFor(
    settings: ServiceSettings,
    history: ServiceHistory,
  ): Promise<{ find: Repositories; used: [string, string][] }>
}

/** Repositories kept at hand: services of one repository are derived one after the other. */
const repositoriesAtHand = 4

function compiled(repository: Repository, stamp: string): CompiledRepository {
  let graph: GraphIndex | undefined
  return {
    repository,
    stamp,
    get graph() {
      graph ??= indexGraph(repository)
      return graph
    },
  }
}

/**
 * Typed arrays are copied whole by the structured clone; plain objects go through JSON, which reads and writes them
 * two to three times as fast.
 */
function packRepository({ changes, ...columns }: Repository): Uint8Array {
  return serialize([columns, JSON.stringify(changes)])
}

function unpackRepository(body: Uint8Array): Repository {
  const [columns, changes] = deserialize(body) as [Omit<Repository, 'changes'>, string]
  return { ...columns, changes: JSON.parse(changes) as PullRequest[] }
}

/** What another version wrote, or nobody can read, is as good as not there: it is made again from the facts. */
function readable<State>(read: () => State): State | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function packState({ digests, ...state }: ServiceState): Uint8Array {
  return serialize([digests, JSON.stringify(state)])
}

function unpackState(body: Uint8Array): ServiceState {
  const [digests, state] = deserialize(body) as [Digests, string]
  return { ...(JSON.parse(state) as Omit<ServiceState, 'digests'>), digests }
}

/** `keeps: false` compiles without writing, for a store that is only read. */
export function createHistories(store: Store, catalogue: Catalogue, { keeps = true } = {}): Histories {
  const atHand = new Map<string, CompiledRepository>()

  function keep(name: string, loaded: CompiledRepository): CompiledRepository {
    atHand.delete(name)
    atHand.set(name, loaded)
    if (atHand.size > repositoriesAtHand) atHand.delete(atHand.keys().next().value!)
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
    const found = atHand.get(name)
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
      const stored = await store.points.history(`state:${service}`)
      return stored && readable(() => unpackState(stored.body))
    },
    async saveState(service, state) {
      await store.points.saveHistory(`state:${service}`, { stamp: state.stamp, body: packState(state) })
    },
    async events(service) {
      const found = eventsAtHand(store).get(service)
      if (found) return found
      const state = await read<EventState>(store, `events:${service}`)
      if (state) eventsAtHand(store).set(service, state)
      return state
    },
    async saveEvents(service, state) {
      eventsAtHand(store).set(service, state)
      await store.points.saveHistory(`events:${service}`, {
        stamp: `${derivationVersion}`,
        body: serialize(state),
      })
    },
    async forget(service) {
      eventsAtHand(store).delete(service)
      await store.points.removeHistory(`state:${service}`)
      await store.points.removeHistory(`events:${service}`)
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

/**
 * The events of every service of a store that this process has seen: some 25 KB each, and all of them are needed
 * whenever a team's windows move. They are forgotten when a derivation fails, for it may have been rolled back.
 */
const eventsOfStores = new WeakMap<Store, Map<string, EventState>>()

function eventsAtHand(store: Store): Map<string, EventState> {
  let events = eventsOfStores.get(store)
  if (!events) eventsOfStores.set(store, (events = new Map()))
  return events
}

export function forgetEvents(store: Store): void {
  eventsOfStores.delete(store)
}

async function read<State>(store: Store, scope: string): Promise<State | undefined> {
  const stored = await store.points.history(scope)
  return stored && readable(() => deserialize(stored.body) as State)
}

async function compileService(
  store: Store,
  catalogue: Catalogue,
  settings: ServiceSettings,
): Promise<ServiceHistory> {
  const own = (await store.facts.inScope(serviceScope(settings.name), ['deployment'])) as Deployment[]
  const mapped: Deployment[] = []
  for (const repository of repositoriesOf(catalogue, settings)) {
    const deployments = (await store.facts.inScope(repositoryScope(repository), [
      'deployment',
    ])) as Deployment[]
    mapped.push(...deployments.filter((deployment) => catalogue.isOf(settings, deployment)))
  }
  const incidents = new Map<string, Incident>()
  for (const name of catalogue.incidentNames(settings)) {
    for (const fact of await store.facts.inScope(incidentScope(name), ['incident'])) {
      const incident = resolveIncident(catalogue, fact as Incident)
      if (incident.services!.includes(settings.name)) incidents.set(`${fact.source}\n${fact.id}`, incident)
    }
  }
  return {
    rollouts: rolloutsOf(catalogue, settings, [...own, ...mapped]),
    incidents: [...incidents.values()],
  }
}

/** The repositories whose deployments without a service are this one's. */
export function repositoriesOf(catalogue: Catalogue, settings: ServiceSettings): readonly string[] {
  if (catalogue.configured.has(settings.name)) return settings.repositories
  return catalogue.servicesOfRepository(settings.name).includes(settings.name) ? [settings.name] : []
}

function rolloutsOf(catalogue: Catalogue, settings: ServiceSettings, deployments: readonly Deployment[]) {
  const only = onlyRepository(settings, deployments)
  return deployments.flatMap((deployment) => {
    const rollout = rolloutOf(deployment, deployment.repository ?? only, isShared(catalogue, deployment))
    return rollout ? [rollout] : []
  })
}

/** A deployment that names no repository is of the only one that the service has. */
function onlyRepository(settings: ServiceSettings, of: readonly { repository?: string }[]): string {
  const named = new Set(settings.repositories)
  for (const { repository } of of) if (repository !== undefined && repository !== '') named.add(repository)
  return named.size === 1 ? [...named][0]! : ''
}

function extendService(
  catalogue: Catalogue,
  settings: ServiceSettings,
  history: ServiceHistory,
  facts: readonly (Deployment | Incident)[],
): ServiceHistory | undefined {
  const only = onlyRepository(settings, history.rollouts)
  const rollouts = [...history.rollouts]
  const incidents = [...history.incidents]
  const has = (list: readonly { source: string; id: string }[], fact: Deployment | Incident) =>
    list.some(({ source, id }) => source === fact.source && id === fact.id)
  for (const fact of facts) {
    if (fact.kind === 'incident') {
      if (has(incidents, fact)) return undefined
      incidents.push(fact)
      continue
    }
    if (has(rollouts, fact)) return undefined
    const repository = fact.repository ?? only
    // A second repository changes what deployments without one are taken for.
    if (repository !== only) return undefined
    const rollout = rolloutOf(fact, repository, isShared(catalogue, fact))
    if (rollout) rollouts.push(rollout)
  }
  return { rollouts, incidents }
}

/** Whether several services have this very deployment. */
function isShared(catalogue: Catalogue, deployment: Deployment): boolean {
  if (deployment.service !== undefined || deployment.repository === undefined) return false
  const services = catalogue.servicesOfRepository(deployment.repository)
  return (
    services.length > 1 &&
    services.filter((name) => catalogue.isOf(catalogue.settingsOf(name), deployment)).length > 1
  )
}
