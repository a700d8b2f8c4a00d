import type { DeploymentFact, Fact } from './facts.ts'
import type { Repository } from './history-graph.ts'

/** A service of which facts are made. */
export interface Service {
  name: string
  production: string[]
  repositories: Repository[]
  attributionMs: number
  remediationMs: number
  isVersioned: boolean
}

/** What a history has come to. */
export interface World {
  now: number
  timezone: string
  services: Service[]
  repositories: Repository[]
  facts: Fact[]
  deployments: DeploymentFact[]
  versions: number
  incidents: number
}

/** One of the values, by number. */
export function chosen<T>(values: readonly T[], pick: number): T | undefined {
  return values.length === 0 ? undefined : values[pick % values.length]
}

export function fail(message: string): never {
  throw new Error(message)
}
