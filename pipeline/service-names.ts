import { nameOfScope, repositoryScope } from '../store/scope.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'
import { repositoriesOf } from './service-history.ts'

/** The configured services, and those that only facts name: pushed ones, and repositories that no service names. */
export async function serviceNames(store: Store, catalogue: Catalogue): Promise<string[]> {
  const names = new Set(catalogue.configured.keys())
  if (catalogue.unnamedRepositories) {
    for (const scope of await store.facts.scopes('deployment')) {
      const name = nameOfScope(scope)
      const isNamed =
        scope.startsWith(repositoryScope('')) && !catalogue.servicesOfRepository(name).includes(name)
      if (!isNamed) names.add(name)
    }
  }
  return [...names].sort()
}

/**
 * The services that have facts of a kind by their repositories, with those of their repositories that have some. A
 * repository that no service names is one of its own, where that is configured.
 */
export async function servicesWith(
  store: Store,
  catalogue: Catalogue,
  kind: 'run' | 'testReport',
): Promise<Map<string, string[]>> {
  const there = new Set((await store.facts.scopes(kind)).map(nameOfScope))
  const names = new Set(there.size === 0 ? [] : await serviceNames(store, catalogue))
  for (const repository of there)
    for (const service of catalogue.servicesOfRepository(repository)) names.add(service)
  const services = new Map<string, string[]>()
  for (const service of [...names].sort()) {
    const repositories = repositoriesOf(catalogue, catalogue.settingsOf(service))
      .filter((repository) => there.has(repository))
      .toSorted()
    if (repositories.length > 0) services.set(service, repositories)
  }
  return services
}
