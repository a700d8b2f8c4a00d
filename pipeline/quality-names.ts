import type { FactKind } from '../core/fact.ts'
import { environmentMatcher } from '../core/matchers.ts'
import { nameOfScope, repositoryScope } from '../store/scope.ts'
import type { Store } from '../store/store.ts'
import type { KnownNames, ServiceUse } from '../transforms/quality-coverage.ts'
import type { Catalogue } from './catalogue.ts'

/** Whether an environment is production of another service of the same repository, whose deployments are told to both. */
export function othersProduction(catalogue: Catalogue, service: string): (environment: string) => boolean {
  const sharers = new Set(catalogue.settingsOf(service).repositories.flatMap(catalogue.servicesOfRepository))
  sharers.delete(service)
  const matchers = [...sharers].map((name) => environmentMatcher(catalogue.settingsOf(name).environments))
  return (environment) => matchers.some((matches) => matches(environment))
}

/** Names of which facts were ever seen. */
export async function knownNames(store: Store): Promise<KnownNames> {
  const named = async (kind: FactKind) => (await store.facts.scopes(kind)).map(nameOfScope)
  const history = [...(await named('commit')), ...(await named('change'))]
  const deployed = (await store.facts.scopes('deployment'))
    .filter((scope) => scope.startsWith(repositoryScope('')))
    .map(nameOfScope)
  return {
    history: new Set(history),
    repositories: new Set([...history, ...deployed, ...(await named('run'))]),
    incidents: new Set(await named('incident')),
  }
}

/** Repositories with a history that are no service's, unless the configuration leaves them out. */
export function ownerless(
  { unnamedRepositories }: Catalogue,
  { history }: KnownNames,
  uses: readonly ServiceUse[],
): string[] {
  if (!unnamedRepositories) return []
  const used = new Set(
    uses.flatMap(({ repositories, repositoriesUsed }) => [...repositories, ...repositoriesUsed]),
  )
  return [...history].filter((name) => !used.has(name))
}
