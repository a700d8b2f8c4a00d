import type { ServiceSettings } from '../core/service.ts'
import { classify, type Role } from './classify.ts'
import type { Repository } from './repository.ts'
import type { Rollout } from './rollout.ts'
import { shipping, type RepositoryOf, type Shipping } from './shipping.ts'

/** One environment of a service, as far as it is known before incidents are looked at. Grows at its end. */
export interface Stage {
  environment: string
  /** In order of finish. */
  rollouts: Rollout[]
  shipping: Shipping
  roles: readonly Role[]
  /** Positions of the first rollout of an id, a commit and a version. */
  firsts: Record<'id' | 'sha' | 'version', Map<string, number>>
  /** Goes on with what was added to `rollouts`. */
  tellNew(): void
}

export function createStage(
  settings: ServiceSettings,
  environment: string,
  rollouts: Rollout[],
  repositoryOf: RepositoryOf,
): Stage {
  const firsts: Stage['firsts'] = { id: new Map(), sha: new Map(), version: new Map() }
  const shipped = shipping(settings, rollouts, repositoryOf)
  const classified = classify(
    settings,
    rollouts,
    shipped,
    (name): Repository => repositoryOf(name).repository,
  )
  let indexed = 0

  function indexNew(): void {
    for (; indexed < rollouts.length; indexed += 1) {
      const rollout = rollouts[indexed]!
      for (const key of ['id', 'sha', 'version'] as const) {
        const value = rollout[key]
        if (value !== undefined && !firsts[key].has(value)) firsts[key].set(value, indexed)
      }
    }
  }

  indexNew()
  return {
    environment,
    rollouts,
    shipping: shipped,
    roles: classified.roles,
    firsts,
    tellNew() {
      shipped.tellNew()
      classified.tellNew()
      indexNew()
    },
  }
}
