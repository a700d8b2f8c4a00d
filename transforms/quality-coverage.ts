import { dayMs, isoOf } from '../core/calendar.ts'
import type { Finding } from './finding.ts'

/** What a service is configured with, and when it was last deployed. Epoch ms. */
export interface ServiceUse {
  name: string
  repositories: readonly string[]
  /** Those, and the ones that its deployments name. */
  repositoriesUsed: readonly string[]
  incidentNames: readonly string[]
  /** The latest finished deployment to any environment; null for none. */
  deployedAt: number | null
  /** Whether the sources that would tell of its repositories, or its incidents, were all read completely once. */
  repositoriesRead: boolean
  incidentsRead: boolean
}

/** Names of which facts are known. */
export interface KnownNames {
  /** Of commits or changes. */
  history: ReadonlySet<string>
  /** Of facts of any kind. */
  repositories: ReadonlySet<string>
  /** Names and ids that incidents give. */
  incidents: ReadonlySet<string>
}

const longWithoutDeploymentMs = 90 * dayMs

/**
 * What is configured and nothing is known of: a name that is mistyped or not read. Nothing is said where a source
 * that would tell was never read: unknown is not none.
 */
export function unknownFindings(services: readonly ServiceUse[], known: KnownNames): Finding[] {
  const lower = new Map([...known.repositories].map((name) => [name.toLowerCase(), name]))
  return services.flatMap(({ name, repositories, incidentNames, repositoriesRead, incidentsRead }) => [
    ...repositories
      .filter((repository) => repositoriesRead && !known.repositories.has(repository))
      .map((subject): Finding => {
        const same = lower.get(subject.toLowerCase())
        const hint = same === undefined ? '' : `; facts name it ${same}`
        const detail = `no commit, change, run or deployment of this repository is known${hint}`
        return { kind: 'repository_unknown', service: name, subject, detail }
      }),
    ...incidentNames
      .filter((id) => incidentsRead && !known.incidents.has(id))
      .map((subject): Finding => {
        const detail = 'no incident of this name or id is known'
        return { kind: 'incident_name_unknown', service: name, subject, detail }
      }),
  ])
}

/**
 * Repositories with commits or changes, and no deployment of a service that uses them, to any environment, for 90
 * days before `now` or ever; and those that are no service's at all.
 */
export function undeployedFindings(
  services: readonly ServiceUse[],
  known: Pick<KnownNames, 'history'>,
  withoutService: readonly string[],
  now: number,
): Finding[] {
  const kind = 'repository_without_deployments'
  const idle = services.flatMap(({ name, repositoriesUsed, deployedAt }): Finding[] => {
    if (deployedAt !== null && deployedAt > now - longWithoutDeploymentMs) return []
    const last =
      deployedAt === null
        ? `${name} was never deployed to any environment`
        : `${name} was last deployed to any environment ${isoOf(deployedAt)}`
    return repositoriesUsed
      .filter((repository) => known.history.has(repository))
      .map((subject) => ({ kind, service: name, subject, detail: `its commits are known, and ${last}` }))
  })
  const detail = 'its commits are known, no deployment of it is, and no service names it'
  return [...idle, ...withoutService.map((subject): Finding => ({ kind, service: '', subject, detail }))]
}
