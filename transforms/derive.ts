import { environmentMatcher } from '../core/matchers.ts'
import type { ServiceSettings } from '../core/service.ts'
import type { Incident } from '../core/fact.ts'
import { attribute, type Attributed, type Attribution } from './attribution.ts'
import type { Role } from './classify.ts'
import { additionOf, type Difference, type FailingOtherwise } from './difference.ts'
import { failures, type Failure } from './failure.ts'
import type { Finding } from './finding.ts'
import { unknownRepository, type Growth, type KnownRepository } from './growth.ts'
import { sampleOf, type Sample } from './lead-time.ts'
import { compareText } from './repository.ts'
import { byFinish, keyOf, type Rollout, type ServiceHistory } from './rollout.ts'
import type { UnknownShipment } from './shipping.ts'
import { createStage, type Stage } from './stage.ts'
import { incidentFindings, recoveryFindings, withoutRepetition } from './track-findings.ts'

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
  (name: string): KnownRepository | undefined
}

/** What came in since: rollouts, incidents that are new or replace those of the same identity, and commits. */
export interface Arrivals {
  rollouts: readonly Rollout[]
  incidents: readonly Incident[]
  /** What the repositories grew by, by name. */
  growths: ReadonlyMap<string, Growth>
}

/** What is derived of one service, able to go on where its history does. */
export interface Derivation {
  /** As of what was told so far; the same object throughout. */
  readonly derived: Derived
  /**
   * Adds what came in, and tells what that changes. Undefined, and nothing done, where the past is seen otherwise
   * now, or where a rollout is not the latest of its environment: then the service has to be derived anew.
   */
  add(arrivals: Arrivals, repositories: Repositories): Difference | undefined
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
  return derivation(settings, history, repositories).derived
}

/** As derive, to be gone on with: adding to it gives what deriving everything anew would give. */
export function derivation(
  settings: ServiceSettings,
  history: ServiceHistory,
  repositories: Repositories,
): Derivation {
  const isProduction = environmentMatcher(settings.environments)
  const empty = new Map<string, KnownRepository>()
  let find = repositories
  const repositoryOf = (name: string): KnownRepository => {
    const found = find(name) ?? empty.get(name)
    if (found) return found
    const unknown = unknownRepository(name)
    empty.set(name, unknown)
    return unknown
  }

  const incidents = new Map(
    history.incidents.toSorted(byStart).map((incident) => [keyOf(incident), incident]),
  )
  const rolloutsIn = byEnvironment(history.rollouts.filter(({ environment }) => isProduction(environment)))
  if (rolloutsIn.size === 0) rolloutsIn.set(idleEnvironment(settings), [])
  const stages: Stage[] = [...rolloutsIn.keys()]
    .sort()
    .map((environment) =>
      createStage(settings, environment, rolloutsIn.get(environment)!.sort(byFinish), repositoryOf),
    )
  /** Findings about samples: what was once said of them stays. */
  const sampleFindings = stages.map((): Finding[] => [])
  const tracks = stages.map(({ environment }): Track => ({ environment, deployments: [], incidents: [] }))
  const derived: Derived = { service: settings, tracks, findings: [], causesFound: new Set() }
  let attributed: Attributed | undefined
  tellNew()
  return { derived, add }

  /** Brings everything up to date with the stages and incidents; tells whose failure is another than before. */
  function tellNew(): FailingOtherwise[][] {
    attributed = attribute(settings, stages, [...incidents.values()], isProduction)
    const changed = stages.map((stage, index) => tellStage(stage, index, attributed!.byStage[index]!))
    derived.findings = withoutRepetition(settings, tracks, findingsNow(), repositoryOf)
    derived.causesFound = new Set(attributed.causeFound.map(keyOf))
    return changed
  }

  function tellStage(stage: Stage, index: number, attributions: readonly Attribution[]): FailingOtherwise[] {
    const { rollouts, roles } = stage
    const track = tracks[index]!
    const failed = failures(settings, rollouts, roles, attributions)
    const changed: FailingOtherwise[] = []
    for (const [position, deployment] of track.deployments.entries()) {
      const failure = failed[position]
      if (!isSameFailure(deployment.failure, failure)) changed.push({ deployment, former: { ...deployment } })
      deployment.failure = failure
    }
    for (let position = track.deployments.length; position < rollouts.length; position += 1) {
      const samples = samplesOf(stage, position, sampleFindings[index]!)
      track.deployments.push({
        rollout: rollouts[position]!,
        role: roles[position]!,
        failure: failed[position],
        samples,
        unknownBecause: stage.shipping.shipments[position]!.unknownBecause,
      })
    }
    track.incidents = attributions.filter(({ concerns }) => concerns)
    return changed
  }

  function samplesOf({ rollouts, shipping }: Stage, position: number, findings: Finding[]): Sample[] {
    const rollout = rollouts[position]!
    const { changes } = shipping.shipments[position]!
    if (changes.length === 0) return []
    const { repository } = repositoryOf(rollout.repository)
    const samples: Sample[] = []
    for (const change of changes) {
      if (change.kind === 'unknown') continue
      const { sample, findings: said } = sampleOf(settings, rollout, change, repository)
      findings.push(...said)
      samples.push(sample)
    }
    return samples.sort((a, b) => compareText(a.id, b.id))
  }

  function findingsNow(): Finding[] {
    return [
      ...stages.flatMap(({ shipping }, index) => [
        ...shipping.findings,
        ...sampleFindings[index]!,
        ...recoveryFindings(settings, tracks[index]!),
      ]),
      ...incidentFindings(settings, tracks, attributed!.causeNotFound),
    ]
  }

  function add(arrivals: Arrivals, current: Repositories): Difference | undefined {
    const before = find
    find = current
    const added = byEnvironment(arrivals.rollouts.filter(({ environment }) => isProduction(environment)))
    if (!canGoOn(added, arrivals.growths)) {
      find = before
      return undefined
    }
    for (const stage of stages) {
      stage.rollouts.push(...(added.get(stage.environment) ?? []).sort(byFinish))
      stage.tellNew()
    }
    const former = attributed!
    const startedFormerly = new Map(
      arrivals.incidents.map(({ source, id }) => {
        const key = keyOf({ source, id })
        return [key, incidents.get(key)]
      }),
    )
    for (const incident of arrivals.incidents) incidents.set(keyOf(incident), incident)
    if (arrivals.incidents.length > 0) reorder(incidents)
    const first = tracks.map(({ deployments }) => deployments.length)
    const changed = tellNew()
    return additionOf({ derived, first, changed, former, now: attributed!, replaced: startedFormerly })
  }

  /** Every new rollout is the latest of an environment that is there, and nothing told so far looks other than before. */
  function canGoOn(
    added: ReadonlyMap<string, readonly Rollout[]>,
    growths: ReadonlyMap<string, Growth>,
  ): boolean {
    for (const [environment, rollouts] of added) {
      const stage = stages.find((each) => each.environment === environment)
      const latest = stage?.rollouts.at(-1)
      if (!latest || rollouts.some((rollout) => byFinish(rollout, latest) <= 0)) return false
    }
    return stages.every(({ shipping }) => shipping.stays(growths))
  }
}

function byStart(a: Incident, b: Incident): number {
  return a.startedAt - b.startedAt || compareText(keyOf(a), keyOf(b))
}

function reorder(incidents: Map<string, Incident>): void {
  const sorted = [...incidents].sort(([, a], [, b]) => byStart(a, b))
  incidents.clear()
  for (const [key, incident] of sorted) incidents.set(key, incident)
}

function byEnvironment(rollouts: readonly Rollout[]): Map<string, Rollout[]> {
  const groups = new Map<string, Rollout[]>()
  for (const rollout of rollouts) {
    const list = groups.get(rollout.environment)
    if (list) list.push(rollout)
    else groups.set(rollout.environment, [rollout])
  }
  return groups
}

function idleEnvironment({ environments }: ServiceSettings): string {
  return environments.find((environment) => !environment.startsWith('/')) ?? defaultEnvironment
}

/** Whether both say the same of the windows and points that are made of them. */
function isSameFailure(a: Failure | undefined, b: Failure | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  const one = a.recovery
  const other = b.recovery
  if (one.state !== other.state) return false
  if (one.state === 'unknown' || other.state === 'unknown') return true
  if (one.startedAt !== other.startedAt) return false
  return one.state === 'open' || other.state === 'open' || one.endedAt === other.endedAt
}
