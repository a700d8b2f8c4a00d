import { nameOfScope, repositoryScope } from '../store/scope.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from './catalogue.ts'

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
