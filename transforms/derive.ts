import { isoOf } from '../core/calendar.ts'
import { environmentMatcher } from '../core/matchers.ts'
import type { ServiceSettings } from '../core/service.ts'
import { attribute, type Attribution, type Stage } from './attribution.ts'
import { classify, type Role } from './classify.ts'
import { failures, type Failure } from './failure.ts'
import type { Finding } from './finding.ts'
import { sampleOf, type Sample } from './lead-time.ts'
import { compareText, emptyRepository, type Repository } from './repository.ts'
import { byFinish, namedServices, type Rollout, type ServiceHistory } from './rollout.ts'
import { indexGraph, shipping, type GraphIndex, type UnknownShipment } from './shipping.ts'

/** Everything derived of one service in one production environment, deployments in order of finish. */
export interface Track {
  environment: string
  deployments: TrackedDeployment[]
  /** Every incident that concerns this environment. */
  incidents: Attribution[]
}

export interface TrackedDeployment {
  rollout: Rollout
  role: Role
  failure: Failure | undefined
  /** What it shipped, samples and left out alike. */
  samples: Sample[]
  /** Why the samples are not all that it shipped; undefined where they are. */
  unknownBecause: UnknownShipment | undefined
}

export interface Derived {
  service: ServiceSettings
  /** Sorted by environment; a service that was never deployed has one, without deployments. */
  tracks: Track[]
  findings: Finding[]
  /** Incidents with a stated cause that matched here: another service of the same incident may have none. */
  causesFound: Set<string>
}

export interface Repositories {
  (name: string): { repository: Repository; graph: GraphIndex } | undefined
}

/** The environment of a service that was never deployed. */
const defaultEnvironment = 'production'

/**
 * All that follows from one service's facts: pure, and the same whatever the order in which the facts came.
 */
export function derive(
  settings: ServiceSettings,
  history: ServiceHistory,
  repositories: Repositories,
): Derived {
  const isProduction = environmentMatcher(settings.environments)
  const byEnvironment = new Map<string, Rollout[]>()
  for (const rollout of history.rollouts) {
    if (!isProduction(rollout.environment)) continue
    const list = byEnvironment.get(rollout.environment)
    if (list) list.push(rollout)
    else byEnvironment.set(rollout.environment, [rollout])
  }
  if (byEnvironment.size === 0) byEnvironment.set(idleEnvironment(settings), [])

  const empty = new Map<string, { repository: Repository; graph: GraphIndex }>()
  const repositoryOf = (name: string) => {
    const found = repositories(name) ?? empty.get(name)
    if (found) return found
    const repository = emptyRepository(name)
    const unknown = { repository, graph: indexGraph(repository) }
    empty.set(name, unknown)
    return unknown
  }

  const findings: Finding[] = []
  const incidents = history.incidents.toSorted(
    (a, b) => a.startedAt - b.startedAt || compareText(keyOf(a), keyOf(b)),
  )
  const stages: Stage[] = [...byEnvironment.keys()].sort().map((environment) => {
    const rollouts = byEnvironment.get(environment)!.toSorted(byFinish)
    return { environment, rollouts, shipping: shipping(settings, rollouts, repositoryOf) }
  })
  const attributed = attribute(settings, stages, incidents, isProduction)
  const tracks = stages.map(({ environment, rollouts, shipping: shipped }, stage) => {
    findings.push(...shipped.findings)
    const roles = classify(settings, rollouts, shipped, (name) => repositoryOf(name).repository)
    const attributions = attributed.byStage[stage]!
    const failed = failures(settings, rollouts, roles, attributions)

    const deployments = rollouts.map((rollout, position): TrackedDeployment => {
      const { repository } = repositoryOf(rollout.repository)
      const samples = shipped.shipments[position]!.changes.flatMap((change) => {
        if (change.kind === 'unknown') return []
        const { sample, findings: said } = sampleOf(settings, rollout, change, repository)
        findings.push(...said)
        return [sample]
      })
      samples.sort((a, b) => compareText(a.id, b.id))
      const failure = failed[position]
      if (failure?.recovery.state === 'unknown') {
        const { reason, detail } = failure.recovery
        findings.push({ kind: reason, service: settings.name, environment, subject: rollout.id, detail })
      }
      const { unknownBecause } = shipped.shipments[position]!
      return { rollout, role: roles[position]!, failure, samples, unknownBecause }
    })
    return { environment, deployments, incidents: attributions.filter(({ concerns }) => concerns) }
  })

  const concerning = new Set(tracks.flatMap((track) => track.incidents.map(({ incident }) => incident)))
  for (const { id, startedAt, resolvedAt } of concerning) {
    if (resolvedAt === undefined || resolvedAt >= startedAt) continue
    const detail = `started ${isoOf(startedAt)}, resolved ${isoOf(resolvedAt)}`
    findings.push({ kind: 'negative_recovery', service: settings.name, subject: id, detail })
  }
  for (const incident of attributed.causeNotFound) {
    const detail = `causedBy ${JSON.stringify(incident.causedBy)} matches no finished production deployment of ${namedServices(incident).join(', ')}`
    findings.push({
      kind: 'cause_not_found',
      service: settings.name,
      subject: incident.id,
      detail,
      incident: keyOf(incident),
    })
  }
  return {
    service: settings,
    tracks,
    findings: withoutRepetition(settings, tracks, findings, repositoryOf),
    causesFound: new Set(attributed.causeFound.map(keyOf)),
  }
}

/** (source, id) of an incident, to compare between services. */
export function keyOf(incident: { source: string; id: string }): string {
  return `${incident.source}\n${incident.id}`
}

function idleEnvironment({ environments }: ServiceSettings): string {
  return environments.find((environment) => !environment.startsWith('/')) ?? defaultEnvironment
}

/** Where not one commit of the service is known, that is said once instead of at every deployment. */
function withoutRepetition(
  settings: ServiceSettings,
  tracks: readonly Track[],
  findings: Finding[],
  repositoryOf: (name: string) => { graph: GraphIndex },
): Finding[] {
  const isAboutCommits = ({ kind }: Finding) => kind === 'baseline_unresolved' || kind === 'commit_unknown'
  if (!findings.some(({ kind }) => kind === 'baseline_unresolved')) return findings
  const names = new Set(
    tracks.flatMap(({ deployments }) => deployments.map(({ rollout }) => rollout.repository)),
  )
  for (const name of [...settings.repositories, ...names]) {
    if (repositoryOf(name).graph.knowsCommits) return findings
  }
  const detail = `no commit of ${[...names].filter(Boolean).join(', ') || 'its repository'} is known: there is no lead time`
  return [
    ...findings.filter((finding) => !isAboutCommits(finding)),
    { kind: 'no_commits', service: settings.name, subject: settings.name, detail },
  ]
}
