import type { DeriveOptions } from '../pipeline/derive-options.ts'
import { optionsOf } from '../test/analyse.ts'
import { incidentName, repositoryName, serviceName, teamName } from './history.ts'

/** The configuration of so many services, each with a repository, a team and an id in the incident system. */
export function optionsFor(services: number, asOf: number): DeriveOptions {
  const config = {
    timezone: 'Europe/Berlin',
    services: Array.from({ length: services }, (_, service) => ({
      name: serviceName(service),
      team: teamName(service),
      repository: repositoryName(service),
      incidents: [incidentName(service)],
    })),
  }
  return optionsOf(config, asOf)
}
