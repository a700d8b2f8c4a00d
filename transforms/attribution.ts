import type { Incident } from '../core/fact.ts'
import type { ServiceSettings } from '../core/service.ts'
import { lowerBound } from '../core/statistics.ts'
import { byFinish, type Rollout } from './rollout.ts'
import type { Stage } from './stage.ts'

export type AttributionRule = 'caused_by' | 'not_deployment' | 'nearest' | 'unattributed'

/** What one incident is to one service and environment. */
export interface Attribution {
  incident: Incident
  rule: AttributionRule
  /** Position of the deployment that it fails here, -1 for none. */
  deployment: number
  /** It concerns this environment. False where only its stated cause lies here. */
  concerns: boolean
  /** It fails a deployment of the service, here or in another environment. */
  isAttributed: boolean
}

export interface Attributed {
  /** By position of the stage. */
  byStage: Attribution[][]
  /** Incidents whose stated cause matches nothing of this service. */
  causeNotFound: Incident[]
  causeFound: Incident[]
}

/**
 * Attributes incidents to the deployments of one service (metrics, "Incident attribution"). A stated cause is
 * looked for in the environments that the incident concerns, then in the service's others: "that deployment".
 */
export function attribute(
  settings: ServiceSettings,
  stages: readonly Stage[],
  incidents: readonly Incident[],
  isProduction: (environment: string) => boolean,
): Attributed {
  const result: Attributed = { byStage: stages.map(() => []), causeNotFound: [], causeFound: [] }
  const nearest = stages.map(({ rollouts }) => nearestFinder(settings, rollouts))

  for (const incident of incidents) {
    const concerned = concernedStages(incident, stages, isProduction)
    if (concerned.length === 0) {
      // Another service that it names may be concerned, and its cause is found all the same.
      if (hasCause(incident) && causedIn(incident, stages, []).length > 0) result.causeFound.push(incident)
      continue
    }
    const fails = new Map<number, number>()
    let rule: AttributionRule = 'unattributed'
    if (hasCause(incident)) {
      for (const [stage, deployment] of causedIn(incident, stages, concerned)) fails.set(stage, deployment)
      if (fails.size === 0) result.causeNotFound.push(incident)
      else {
        rule = 'caused_by'
        result.causeFound.push(incident)
      }
    } else if (incident.deployTriggered === false) {
      rule = 'not_deployment'
    } else {
      for (const stage of concerned) {
        const deployment = nearest[stage]!(incident)
        if (deployment >= 0) fails.set(stage, deployment)
      }
    }
    for (const stage of new Set([...concerned, ...fails.keys()])) {
      const deployment = fails.get(stage) ?? -1
      result.byStage[stage]!.push({
        incident,
        rule: deployment >= 0 && rule === 'unattributed' ? 'nearest' : rule,
        deployment,
        concerns: concerned.includes(stage),
        isAttributed: fails.size > 0,
      })
    }
  }
  return result
}

const onlyStage: readonly number[] = [0]

/** Without an environment, or in a production one that the service was never deployed to, it concerns all. */
function concernedStages(
  { environment }: Incident,
  stages: readonly Stage[],
  isProduction: (environment: string) => boolean,
): readonly number[] {
  const all = stages.length === 1 ? onlyStage : [...stages.keys()]
  if (environment === undefined) return all
  if (!isProduction(environment)) return []
  const own = all.filter(
    (stage) => stages[stage]!.environment === environment && stages[stage]!.rollouts.length > 0,
  )
  return own.length > 0 ? own : all
}

function hasCause({ causedBy }: Incident): boolean {
  return causedBy !== undefined && Object.values(causedBy).some((cause) => cause !== undefined)
}

/** The deployments that the stated cause names, by stage; where several causes are given, the first that matches. */
function causedIn(
  { causedBy }: Incident,
  stages: readonly Stage[],
  concerned: readonly number[],
): [stage: number, deployment: number][] {
  const { deploymentId, sha, version } = causedBy!
  const finders: ((stage: Stage) => number)[] = []
  if (deploymentId !== undefined) finders.push(({ firsts }) => firsts.id.get(deploymentId) ?? -1)
  if (sha !== undefined) finders.push((stage) => causeBySha(stage, sha))
  if (version !== undefined) finders.push(({ firsts }) => firsts.version.get(version) ?? -1)
  for (const find of finders) {
    const found = stages.flatMap((stage, position): [number, number][] => {
      const deployment = find(stage)
      return deployment < 0 ? [] : [[position, deployment]]
    })
    if (found.length === 0) continue
    const here = found.filter(([stage]) => concerned.includes(stage))
    if (here.length > 0) return here
    // An incident fails one deployment of a service: elsewhere it is the first.
    const rolloutOf = ([stage, deployment]: [number, number]) => stages[stage]!.rollouts[deployment]!
    return [found.toSorted((a, b) => byFinish(rolloutOf(a), rolloutOf(b)))[0]!]
  }
  return []
}

function causeBySha({ firsts, shipping }: Stage, sha: string): number {
  const by = shipping.shippedBy(sha)
  if (by === 'before') return -1
  return by ?? firsts.sha.get(sha) ?? -1
}

/** Finds the latest deployment that had begun when an incident started, if that is near enough; else -1. */
function nearestFinder(
  settings: ServiceSettings,
  rollouts: readonly Rollout[],
): (incident: Incident) => number {
  /** The earliest begin from each position to the end: tells the latest deployment begun by an instant. */
  const earliestBegin = new Float64Array(rollouts.length)
  for (let position = rollouts.length - 1, earliest = Infinity; position >= 0; position -= 1) {
    earliest = Math.min(earliest, rollouts[position]!.begunAt)
    earliestBegin[position] = earliest
  }
  return ({ startedAt, deployTriggered }) => {
    const latest = lowerBound(earliestBegin, startedAt + 1) - 1
    if (latest < 0) return -1
    const isNear = startedAt - rollouts[latest]!.at <= settings.attributionWindowMs
    return isNear || deployTriggered === true ? latest : -1
  }
}
