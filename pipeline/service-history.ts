import type { Deployment, Incident } from '../core/fact.ts'
import type { ServiceSettings } from '../core/service.ts'
import { incidentScope, repositoryScope, serviceScope } from '../store/scope.ts'
import type { Store } from '../store/store.ts'
import { rolloutOf, type ServiceHistory } from '../transforms/rollout.ts'
import { resolveIncident, type Catalogue } from './catalogue.ts'

/** The rollouts and incidents of a service, from its facts. */
export async function compileService(
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

/** The history with these facts added; undefined where one replaces what is there. */
export function extendService(
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
