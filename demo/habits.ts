import type { RepositoryPlan, Rhythm, ServicePlan, Trouble } from './plan.ts'

/** A repository's habits before it has an owner and an id. */
export interface Archetype extends Omit<RepositoryPlan, 'owner' | 'id' | 'services'> {
  services: Omit<ServicePlan, 'team' | 'repository' | 'pagerId'>[]
}

/** After each landing, once its checks have passed. */
export function continuous(checksMinutes: number): Rhythm {
  return { kind: 'continuous', checksMinutes }
}

/** At these hours (UTC) of these weekdays. */
export function scheduled(weekdays: readonly number[], ...hours: number[]): Rhythm {
  return { kind: 'scheduled', weekdays, hours }
}

/** Troubles that come at these shares of the simulated time. */
export function certainly(...troubles: [number, Trouble][]): ServicePlan['certain'] {
  return troubles.map(([at, trouble]) => ({ at, trouble }))
}

export const workdays = [1, 2, 3, 4, 5]
/** What most repositories have in common. */
export const usual = {
  pushedShare: 0,
  hasStaging: false,
  hasPreviews: false,
  hasPages: false,
  isTagged: false,
  autoInactive: true,
  botShare: 0.12,
}
/** A service that has its repository to itself. */
export const alone = { folders: [], environments: ['production'] }
export const quickTroubles: Trouble[] = [
  'retry',
  'broken',
  'incident-rollback',
  'incident-hotfix',
  'incident-revert',
  'incident-only',
  'redeploy',
  'late-incident',
]
export const slowTroubles: Trouble[] = [
  'incident-hotfix',
  'incident-rollback',
  'late-incident',
  'retry',
  'silent-rollback',
]

/** A service of the monorepo: its own folder, what it shares, and an environment named after it. */
export function folderService(name: string, at: number, trouble: Trouble): Archetype['services'][number] {
  return {
    name,
    folders: [`${name}/`, 'libraries/'],
    environments: [`production-${name}`],
    rhythm: continuous(14),
    troubleShare: 0.07,
    troubles: quickTroubles,
    certain: certainly([at, trouble]),
    outagesPerDay: 0.02,
  }
}
