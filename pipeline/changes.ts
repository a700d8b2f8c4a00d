import type { Change, Commit, Deployment, Fact, FactKey, FactKind, Incident } from '../core/fact.ts'
import { instantOf, nameOfScope, repositoryScope, scopesOf, serviceScope } from '../store/scope.ts'
import type { Store } from '../store/store.ts'
import { resolveIncident, type Catalogue } from './catalogue.ts'

/** What has come in since the last derivation, by repository and service. */
export interface Changes {
  /** New commits and changes; undefined where something was replaced or removed. */
  repositories: Map<string, (Commit | Change)[] | undefined>
  /** New deployments and incidents; undefined where something was replaced or removed. */
  services: Map<string, (Deployment | Incident)[] | undefined>
  /** The first of the facts that came in, by repository and service: what a restatement is because of. */
  told: Map<string, Told[]>
}

/** A fact that came in, with the instant that it is about. */
export interface Told extends FactKey {
  at: number
  removed: boolean
}

/** Of a service or repository so many are told one by one. */
const toldAtMost = 100

/** Above this many changed facts it is cheaper to compile histories anew than to add to them. */
const manyChanges = 20_000

export async function changesSince(store: Store, catalogue: Catalogue, seq: number): Promise<Changes> {
  const changes: Changes = { repositories: new Map(), services: new Map(), told: new Map() }
  // Every change takes a number; where very many were taken, there is no use in looking at each.
  const isMuch = (await store.facts.lastSeq()) - seq > 5 * manyChanges
  const rows = isMuch ? [] : await store.facts.changesAfter(seq, manyChanges)
  if (isMuch || rows.length > manyChanges) {
    for (const { scope, kind } of await store.facts.scopesChangedAfter(seq)) {
      touch(changes, catalogue, scope, kind, undefined)
    }
    return changes
  }
  for (const { fact, removed } of rows) {
    for (const scope of scopesOf(fact)) {
      touch(changes, catalogue, scope, fact.kind, removed ? undefined : fact)
      for (const key of keysOf(catalogue, scope, fact.kind)) tell(changes.told, key, fact, removed)
    }
  }
  for (const { scope, kind } of await store.facts.scopesLeftAfter(seq)) {
    touch(changes, catalogue, scope, kind, undefined)
  }
  return changes
}

/** The repository or services that a fact of this scope is told to: prefixed, for they may have one name. */
function keysOf(catalogue: Catalogue, scope: string, kind: FactKind): string[] {
  const name = nameOfScope(scope)
  if (kind === 'incident') return catalogue.servicesOfIncidentName(name).map(serviceScope)
  if (kind !== 'deployment' || !scope.startsWith(repositoryScope(''))) return [scope]
  return catalogue.servicesOfRepository(name).map(serviceScope)
}

function tell(told: Changes['told'], key: string, fact: Fact, removed: boolean): void {
  let list = told.get(key)
  if (!list) told.set(key, (list = []))
  const { kind, source, id } = fact
  if (list.length < toldAtMost) list.push({ kind, source, id, removed, at: instantOf(fact) })
}

function touch(
  { repositories, services }: Changes,
  catalogue: Catalogue,
  scope: string,
  kind: Fact['kind'],
  fact: Fact | undefined,
): void {
  const name = nameOfScope(scope)
  if (kind === 'run' || kind === 'testReport') return
  if (kind === 'commit' || kind === 'change')
    return add(repositories, name, fact as Commit | Change | undefined)
  if (kind === 'incident') {
    const incident = fact && resolveIncident(catalogue, fact as Incident)
    for (const service of catalogue.servicesOfIncidentName(name)) add(services, service, incident)
    return
  }
  const deployment = fact as Deployment | undefined
  if (!scope.startsWith(repositoryScope(''))) return add(services, name, deployment)
  for (const service of catalogue.servicesOfRepository(name)) {
    if (!deployment || catalogue.isOf(catalogue.settingsOf(service), deployment))
      add(services, service, deployment)
  }
}

function add<Item>(map: Map<string, Item[] | undefined>, name: string, item: Item | undefined): void {
  const list = map.has(name) ? map.get(name) : []
  if (list && item) list.push(item)
  map.set(name, item && list)
}
