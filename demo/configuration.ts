import type { Company } from './company.ts'
import type { ServicePlan } from './plan.ts'

/** One entry of `services:` in the configuration. */
export interface ServiceConfiguration {
  name: string
  team: string
  repository: string
  paths?: string[]
  environments?: string[]
  incidents: string[]
}

/** What the configuration file of a company says, as an object; config/demo.yaml is that of the first dozen. */
export interface DemoConfiguration {
  timezone: string
  since: string
  services: ServiceConfiguration[]
  sources: object[]
}

/** The configuration for a company of any size; addresses, tokens and `since` are left to the environment. */
export function configurationOf(company: Pick<Company, 'services' | 'repositories'>): DemoConfiguration {
  return {
    timezone: 'UTC',
    since: '${DEMO_SINCE}',
    services: company.services.map(serviceConfiguration),
    sources: [
      {
        kind: 'github',
        baseUrl: '${DEMO_GITHUB_URL}',
        token: '${DEMO_GITHUB_TOKEN}',
        repositories: [...company.repositories.keys()],
        environments: ['/(?i:production)(-.*)?/', '/prod-(eu|us)/'],
      },
      { kind: 'pagerduty', baseUrl: '${DEMO_PAGERDUTY_URL}', token: '${DEMO_PAGERDUTY_TOKEN}' },
    ],
  }
}

const defaultEnvironment = /^(prod|production)$/i

function serviceConfiguration(service: ServicePlan): ServiceConfiguration {
  const { name, team, repository, folders, environments, pagerId } = service
  const isUsual = environments.every((environment) => defaultEnvironment.test(environment))
  return {
    name,
    team,
    repository,
    ...(folders.length > 0 && { paths: folders.map((folder) => `${folder}**`) }),
    ...(!isUsual && { environments: [...environments] }),
    incidents: [pagerId],
  }
}
