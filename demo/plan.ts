import { capitalId } from './random.ts'
import { archetypes } from './archetypes.ts'
import type { Archetype } from './habits.ts'

export type MergeStyle = 'merge' | 'squash' | 'rebase'

/** When a service is deployed: after each landing, at fixed hours (UTC), or not at all. */
export type Rhythm =
  | { kind: 'continuous'; checksMinutes: number }
  | { kind: 'scheduled'; weekdays: readonly number[]; hours: readonly number[] }
  | { kind: 'never' }

export type Trouble =
  | 'retry'
  | 'broken'
  | 'halfway'
  | 'stuck'
  | 'incident-rollback'
  | 'incident-hotfix'
  | 'incident-revert'
  | 'incident-only'
  | 'merged-incidents'
  | 'late-incident'
  | 'silent-rollback'
  | 'redeploy'
  | 'missing-commit'

export interface ServicePlan {
  name: string
  team: string
  repository: string
  /** Folders that are this service's; empty where the repository is. */
  folders: readonly string[]
  /** Production environments; the later ones get what the first has proven. */
  environments: readonly string[]
  rhythm: Rhythm
  /** The share of deployments that something happens to. */
  troubleShare: number
  troubles: readonly Trouble[]
  /** Troubles that come for certain, at this share of the simulated time. */
  certain: readonly { at: number; trouble: Trouble }[]
  outagesPerDay: number
  pagerId: string
}

export interface RepositoryPlan {
  owner: string
  name: string
  id: number
  team: string
  style: MergeStyle
  landingsPerDay: number
  /** The share of landings that are pushed to the default branch without a pull request. */
  pushedShare: number
  codingHours: number
  reviewHours: number
  botShare: number
  hasStaging: boolean
  hasPreviews: boolean
  hasPages: boolean
  /** Deployments of releases carry a tag. */
  isTagged: boolean
  /** A success makes the earlier ones of its environment inactive. */
  autoInactive: boolean
  services: ServicePlan[]
}

/** That many services in repositories of different habits; the first dozen is config/demo.yaml. */
export function createPlan(services: number, owner = 'acme'): RepositoryPlan[] {
  const plans: RepositoryPlan[] = []
  let left = services
  for (let round = 1; left > 0; round += 1) {
    for (const archetype of archetypes) {
      if (left <= 0) break
      plans.push(repositoryPlan(archetype, owner, round, plans.length + 1, left))
      left -= archetype.services.length
    }
  }
  return plans
}

function repositoryPlan(
  archetype: Archetype,
  owner: string,
  round: number,
  id: number,
  left: number,
): RepositoryPlan {
  const suffix = round === 1 ? '' : `-${round}`
  const { services, ...habits } = archetype
  const name = archetype.name + suffix
  const team = archetype.team + suffix
  return {
    ...habits,
    owner,
    name,
    team,
    id,
    services: services.slice(0, left).map((service) => ({
      ...service,
      name: service.name + suffix,
      team,
      repository: `${owner}/${name}`,
      pagerId: capitalId('P', `service ${service.name}${suffix}`, 7),
    })),
  }
}
