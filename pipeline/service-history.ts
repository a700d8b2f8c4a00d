import type { Deployment, Incident } from '../core/fact.ts'
import type { ServiceSettings } from '../core/service.ts'
import { incidentScope, repositoryScope, serviceScope } from '../store/scope.ts'
import type { Store } from '../store/store.ts'
import { keyOf, rolloutOf, type Rollout, type ServiceHistory } from '../transforms/rollout.ts'
import { resolveIncident, type Catalogue } from './catalogue.ts'

/** The rollouts and incidents of a service, from its facts. */
export async function compileService(
  store: Store,
  catalogue: Catalogue,
  settings: ServiceSettings,
): Promise<ServiceHistory> {
  const deployments = (await store.facts.inScope(serviceScope(settings.name), ['deployment'])) as Deployment[]
  for (const repository of repositoriesOf(catalogue, settings)) {
    const mapped = (await store.facts.inScope(repositoryScope(repository), ['deployment'])) as Deployment[]
    deployments.push(...mapped.filter((deployment) => catalogue.isOf(settings, deployment)))
  }
  const incidents = new Map<string, Incident>()
  for (const name of catalogue.incidentNames(settings)) {
    for (const fact of await store.facts.inScope(incidentScope(name), ['incident'])) {
      const incident = resolveIncident(catalogue, fact as Incident)
      if (incident.services!.includes(settings.name)) incidents.set(keyOf(fact), incident)
    }
  }
  return { rollouts: rolloutsOf(catalogue, settings, deployments), incidents: [...incidents.values()] }
}

/**
 * The facts of a service that came in after one sequence number and until another, incidents resolved; undefined
 * where some of them were removed, or left the service.
 */
export async function serviceFactsBetween(
  store: Store,
  catalogue: Catalogue,
  settings: ServiceSettings,
  after: number,
  until: number,
): Promise<(Deployment | Incident)[] | undefined> {
  const facts = new Map<string, Deployment | Incident>()
  const scopes: [string, Deployment['kind'] | Incident['kind']][] = [
    [serviceScope(settings.name), 'deployment'],
    ...repositoriesOf(catalogue, settings).map((name): [string, 'deployment'] => [
      repositoryScope(name),
      'deployment',
    ]),
    ...catalogue
      .incidentNames(settings)
      .map((name): [string, 'incident'] => [incidentScope(name), 'incident']),
  ]
  for (const [scope, kind] of scopes) {
    const added = await store.facts.addedIn(scope, [kind], after, until)
    if (!added) return undefined
    for (const fact of added as (Deployment | Incident)[]) {
      const key = `${fact.kind} ${keyOf(fact)}`
      if (fact.kind === 'incident') {
        const incident = resolveIncident(catalogue, fact)
        if (incident.services!.includes(settings.name)) facts.set(key, incident)
      } else if (fact.service !== undefined || catalogue.isOf(settings, fact)) facts.set(key, fact)
    }
  }
  return [...facts.values()]
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

/** What facts add to a history. */
export interface Extension {
  rollouts: Rollout[]
  /** New ones, and those that replace one of the same identity. */
  incidents: Incident[]
  replaces: boolean
}

/** What these facts add to a history; undefined where a deployment replaces one that is there. */
export function extensionOf(
  catalogue: Catalogue,
  settings: ServiceSettings,
  history: ServiceHistory,
  facts: readonly (Deployment | Incident)[],
): Extension | undefined {
  const extension: Extension = { rollouts: [], incidents: [], replaces: false }
  if (facts.length === 0) return extension
  const only = onlyRepository(settings, history.rollouts)
  const has = (list: readonly { source: string; id: string }[], { source, id }: Deployment | Incident) =>
    list.some((each) => each.id === id && each.source === source)
  for (const fact of facts) {
    if (fact.kind === 'incident') {
      extension.replaces ||= has(history.incidents, fact)
      extension.incidents.push(fact)
      continue
    }
    if (has(history.rollouts, fact) || has(extension.rollouts, fact)) return undefined
    const repository = fact.repository ?? only
    // A second repository changes what deployments without one are taken for.
    if (repository !== only) return undefined
    const rollout = rolloutOf(fact, repository, isShared(catalogue, fact))
    if (rollout) extension.rollouts.push(rollout)
  }
  return extension
}

/** Puts an extension into the history, in place. */
export function extend({ rollouts, incidents }: ServiceHistory, extension: Extension): void {
  rollouts.push(...extension.rollouts)
  for (const incident of extension.incidents) {
    const position = incidents.findIndex((each) => each.id === incident.id && each.source === incident.source)
    if (position < 0) incidents.push(incident)
    else incidents[position] = incident
  }
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
