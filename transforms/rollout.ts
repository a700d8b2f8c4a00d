import type { Deployment, Incident } from '../core/fact.ts'
import { compareText } from './repository.ts'

/** A finished deployment, as the derivation sees it: `success` or `failure`, everything else counts nowhere. */
export interface Rollout {
  source: string
  id: string
  environment: string
  repository: string
  sha: string | undefined
  version: string | undefined
  /** When it began: `startedAt`, else the finish. */
  begunAt: number
  at: number
  succeeded: boolean
  range: { base: string; commits: string[] } | undefined
  isRollback: boolean | undefined
  isRework: boolean | undefined
  firstCommitAt: number | undefined
  url: string
  /** More than one service has this deployment: above the services it counts once. */
  shared: boolean
}

/** What one service has of rollouts and incidents; a cache of the facts like Repository. */
export interface ServiceHistory {
  rollouts: Rollout[]
  incidents: Incident[]
}

/** The rollout of a deployment, or undefined where it counts nowhere. */
export function rolloutOf(deployment: Deployment, repository: string, shared: boolean): Rollout | undefined {
  const { outcome, finishedAt } = deployment
  if ((outcome !== 'success' && outcome !== 'failure') || finishedAt === undefined) return undefined
  return {
    source: deployment.source,
    id: deployment.id,
    environment: deployment.environment,
    repository,
    sha: deployment.sha,
    version: deployment.version,
    begunAt: deployment.startedAt ?? finishedAt,
    at: finishedAt,
    succeeded: outcome === 'success',
    range: deployment.range,
    isRollback: deployment.isRollback,
    isRework: deployment.isRework,
    firstCommitAt: deployment.firstCommitAt,
    url: deployment.url ?? '',
    shared,
  }
}

/** The order in which everything is told: finish, then id, then source. */
export function byFinish(a: Rollout, b: Rollout): number {
  return a.at - b.at || compareText(a.id, b.id) || compareText(a.source, b.source)
}

/** (source, id) of a deployment or incident, to compare between environments and services. */
export function keyOf({ source, id }: { source: string; id: string }): string {
  return `${source}\n${id}`
}

/** The services that an incident fact names, each once. */
export function namedServices(incident: Incident): string[] {
  const named = [...(incident.service === undefined ? [] : [incident.service]), ...(incident.services ?? [])]
  return [...new Set(named)]
}
