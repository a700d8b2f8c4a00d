import type { Deployment, Incident } from '../core/fact.ts'
import type { ServiceSettings } from '../core/service.ts'
import { stampOf } from './stamp.ts'

/** What the pipeline needs of the configuration to tell whose facts are whose. */
export interface CatalogueConfig {
  services: readonly ServiceSettings[]
  unnamedRepositories: boolean
}

/** Which service a fact belongs to. Facts are stored as their source told them; this is asked when deriving. */
export interface Catalogue {
  /** The configured services, by name. */
  configured: ReadonlyMap<string, ServiceSettings>
  /** Settings of any service; one that is not configured gets the defaults. */
  settingsOf(service: string): ServiceSettings
  /** The services that a deployment without a service of its own belongs to. */
  servicesOfRepository(repository: string): readonly string[]
  /** Whether a service counts only some paths of this repository. */
  wantsPaths(repository: string): boolean
  /** Whether this repository's deployment is one of this service. */
  isOf(settings: ServiceSettings, deployment: Deployment): boolean
  /** The services behind a name or id that an incident uses: those mapped to it, else the one of that name. */
  servicesOfIncidentName(name: string): readonly string[]
  /**
   * Changes with everything configured that a service's numbers depend on: its own settings, and those of others
   * that say whose an incident is, and whether a deployment is shared.
   */
  stampOf(settings: ServiceSettings): string
  /** The names and ids under which incidents of this service are found. */
  incidentNames(settings: ServiceSettings): string[]
  unnamedRepositories: boolean
}

export function createCatalogue(
  { services, unnamedRepositories }: CatalogueConfig,
  defaultsOf: (service: string, repositories: string[]) => ServiceSettings,
): Catalogue {
  const configured = new Map(services.map((service) => [service.name, service]))
  const byRepository = group(services, (service) => service.repositories)
  const byIncidentName = group(services, (service) => service.incidentServices)

  const servicesOfRepository = (repository: string): readonly string[] => {
    const named = byRepository.get(repository)
    if (named) return named
    return unnamedRepositories ? [repository] : []
  }

  /** The services that share this one's repositories, with what tells their deployments apart. */
  function sharersOf({ name, repositories }: ServiceSettings) {
    const own = repositories.length > 0 ? repositories : [name]
    const sharers = new Set(own.flatMap((repository) => byRepository.get(repository) ?? []))
    return [...sharers].map((sharer) => [sharer, configured.get(sharer)!.workflows])
  }
  const mapping = stampOf([...byIncidentName])
  const stamps = new WeakMap<ServiceSettings, string>()

  return {
    configured,
    unnamedRepositories,
    settingsOf: (name) => configured.get(name) ?? defaultsOf(name, []),
    servicesOfRepository,
    wantsPaths: (repository) =>
      servicesOfRepository(repository).some((name) => (configured.get(name)?.paths.length ?? 0) > 0),
    isOf({ workflows }, { workflow }) {
      return workflows.length === 0 || (workflow !== undefined && workflows.includes(workflow))
    },
    servicesOfIncidentName: (name) => byIncidentName.get(name) ?? [name],
    stampOf(settings) {
      let stamp = stamps.get(settings)
      if (stamp === undefined) {
        // No number depends on the labels.
        const { labels: _, ...others } = settings
        stamp = stampOf([others, sharersOf(settings), mapping])
        stamps.set(settings, stamp)
      }
      return stamp
    },
    incidentNames: ({ name, incidentServices }) => [...new Set([name, ...incidentServices])],
  }
}

function group(
  services: readonly ServiceSettings[],
  keysOf: (service: ServiceSettings) => readonly string[],
): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const service of services) {
    for (const key of keysOf(service)) groups.set(key, [...(groups.get(key) ?? []), service.name])
  }
  return groups
}

/** The incident with its names resolved to services. */
export function resolveIncident(catalogue: Catalogue, incident: Incident): Incident {
  const { service, services, ...rest } = incident
  const named = [...(service === undefined ? [] : [service]), ...(services ?? [])]
  return { ...rest, services: [...new Set(named.flatMap((name) => catalogue.servicesOfIncidentName(name)))] }
}
