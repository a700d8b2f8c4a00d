import type { Change, Commit, Deployment, Fact, Incident } from '../core/fact.ts'
import { nameOfScope, repositoryScope, scopesOf } from '../store/scope.ts'
import type { Store } from '../store/store.ts'
import { resolveIncident, type Catalogue } from './catalogue.ts'

/** What has come in since the last derivation, by repository and service. */
export interface Changes {
  /** New commits and changes; undefined where something was replaced or removed. */
  repositories: Map<string, (Commit | Change)[] | undefined>
  /** New deployments and incidents; undefined where something was replaced or removed. */
  services: Map<string, (Deployment | Incident)[] | undefined>
}

/** Above this many changed facts it is cheaper to compile histories anew than to add to them. */
const manyChanges = 20_000

export async function changesSince(store: Store, catalogue: Catalogue, seq: number): Promise<Changes> {
  const changes: Changes = { repositories: new Map(), services: new Map() }
  const rows = await store.facts.changesAfter(seq, manyChanges)
  if (rows.length > manyChanges) {
    for (const { scope, kind } of await store.facts.scopesChangedAfter(seq)) {
      touch(changes, catalogue, scope, kind, undefined)
    }
    return changes
  }
  for (const { fact, removed } of rows) {
    for (const scope of scopesOf(fact))
      touch(changes, catalogue, scope, fact.kind, removed ? undefined : fact)
  }
  for (const { scope, kind } of await store.facts.scopesLeftAfter(seq)) {
    touch(changes, catalogue, scope, kind, undefined)
  }
  return changes
}

function touch(
  { repositories, services }: Changes,
  catalogue: Catalogue,
  scope: string,
  kind: Fact['kind'],
  fact: Fact | undefined,
): void {
  const name = nameOfScope(scope)
  if (kind === 'run') return
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
