import { settingsFor } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { createCatalogue } from '../pipeline/catalogue.ts'
import type { DeriveOptions } from '../pipeline/derive-options.ts'
import { observedBy } from '../pipeline/observed.ts'
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
  const loaded = loadConfig({
    path: 'bench.yaml',
    text: JSON.stringify(config),
    env: {},
    readFile: () => '',
    connectors: { sources: [], sinks: [] },
  })
  return {
    catalogue: createCatalogue(loaded, (name, repositories) => settingsFor(loaded, name, repositories)),
    since: loaded.since,
    timezone: loaded.timezone,
    edition: loaded.edition,
    windowsDays: loaded.windowsDays,
    observed: observedBy([], new Map(), asOf),
  }
}
