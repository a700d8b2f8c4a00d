import { createAgenda, type Agenda } from './agenda.ts'
import { advance, addCommit, headAt } from './graph.ts'
import type {
  CommitRecord,
  DeploymentRecord,
  IncidentRecord,
  PagerService,
  Person,
  RepositoryRecord,
  RunRecord,
} from './model.ts'
import type { RepositoryPlan, ServicePlan, Trouble } from './plan.ts'
import { createRandom, dayMs, hourMs, wholeSecond, type Random } from './random.ts'
import type { TruthChange, TruthDeployment, TruthIncident } from './truth.ts'

/** What came to a branch and awaits its deployment. */
export interface Landing {
  change: TruthChange
  /** Deployed with every head of the default branch whose index is this or larger. */
  index: number
  paths: readonly string[]
}

/** A deployment that was begun and comes to an end. */
export interface Rollout {
  truth: TruthDeployment
  /** Absent where it was pushed away. */
  commit: CommitRecord | undefined
  ref: DeploymentRecord['ref']
  run: RunRecord
  begunAt: number
  finishedAt: number
}

/** One service in one production environment. */
export interface Target {
  service: ServicePlan
  environment: string
  pending: Landing[]
  live: Rollout | undefined
  /** Successes that nothing was wrong with, which one may go back to. */
  good: Rollout[]
  lastBegun: Rollout | undefined
  /** What a rollback takes back: the latest success that was no redeploy. */
  lastSuccess: TruthDeployment | undefined
  /** What rework mends: the latest that was neither rollback, rework nor redeploy. */
  lastNormal: TruthDeployment | undefined
  unrecovered: TruthDeployment[]
  busyUntil: number
  /** Somebody is busy with a failure: nothing is deployed meanwhile. */
  isFrozen: boolean
  isWanted: boolean
  /** How many of the next deployments go well for certain. */
  calm: number
  certain: Trouble[]
}

/** One repository, its services and what the simulation of them needs. */
export interface Site {
  seed: string
  plan: RepositoryPlan
  random: Random
  agenda: Agenda
  repository: RepositoryRecord
  people: readonly Person[]
  targets: Target[]
  /** Commits on branches of their own, with a fix that the default branch did not have. */
  patches: Set<CommitRecord>
  /** By environment: what the next success makes inactive. */
  latestSuccess: Map<string, DeploymentRecord>
  from: number
  endsAt: number
  until: number
  /** The identities of what is created, unique in the whole company. */
  nextId: () => number
  /** Deploys what is pending for a target, if nothing speaks against it. */
  attempt: (target: Target, at: number) => void
  pagerServices: Map<string, PagerService>
  incidents: IncidentRecord[]
  deployments: TruthDeployment[]
  truthIncidents: TruthIncident[]
}

export interface Span {
  from: number
  endsAt: number
  until: number
}

export function createSite(
  seed: string,
  plan: RepositoryPlan,
  people: readonly Person[],
  span: Span,
  attempt: (site: Site, target: Target, at: number) => void,
): Site {
  const random = createRandom(`${seed} ${plan.owner}/${plan.name}`)
  const repository: RepositoryRecord = {
    id: 700_000 + plan.id,
    owner: plan.owner,
    name: plan.name,
    fullName: `${plan.owner}/${plan.name}`,
    defaultBranch: 'main',
    createdAt: span.from - 60 * dayMs,
    commits: [],
    commitBySha: new Map(),
    heads: [],
    pulls: [],
    deployments: [],
    runs: [],
    releases: [],
  }
  let ids = plan.id * 1_000_000
  const site: Site = {
    ...span,
    seed,
    plan,
    random,
    agenda: createAgenda(),
    repository,
    people,
    targets: plan.services.flatMap((service) =>
      service.environments.map((name) => createTarget(service, name)),
    ),
    patches: new Set(),
    latestSuccess: new Map(),
    nextId: () => (ids += 1),
    attempt: (target, at) => attempt(site, target, at),
    pagerServices: new Map(plan.services.map((service) => [service.name, pagerService(service, span.from)])),
    incidents: [],
    deployments: [],
    truthIncidents: [],
  }
  addFirstCommits(site)
  return site
}

function createTarget(service: ServicePlan, environment: string): Target {
  return {
    service,
    environment,
    pending: [],
    live: undefined,
    good: [],
    lastBegun: undefined,
    lastSuccess: undefined,
    lastNormal: undefined,
    unrecovered: [],
    busyUntil: 0,
    isFrozen: false,
    isWanted: false,
    calm: 0,
    certain: [],
  }
}

function pagerService(service: ServicePlan, createdAt: number): PagerService {
  const { name, team, pagerId } = service
  return { id: pagerId, name, description: `Alerts of ${name}`, createdAt: createdAt - 90 * dayMs, team }
}

/** What was there before the simulated time: the first deployments ship it without a sample. */
function addFirstCommits(site: Site): void {
  const { repository, random, people } = site
  let parents: CommitRecord[] = []
  for (let count = 12; count > 0; count -= 1) {
    const at = wholeSecond(site.from - count * 3 * dayMs + random.between(0, 20) * hourMs)
    const commit = addCommit(repository, site.seed, {
      parents,
      authoredAt: at,
      committedAt: at,
      visibleAt: at,
      author: random.pick(people),
      message: count === 12 ? 'Initial commit' : `Lay the foundations, part ${12 - count}`,
      paths: ['README.md', `${site.plan.services[0]?.folders[0] ?? 'src/'}part-${12 - count}.ts`],
    })
    advance(repository, commit, at)
    parents = [commit]
  }
}

/** The head of the default branch at an instant of the simulation. */
export function mainHead(site: Site, at: number): CommitRecord {
  return headAt(site.repository, at)!
}

/** Within a day, as people work: most at ten and at three, hardly any at night. UTC. */
export function workingTime(random: Random, dayStartAt: number): number {
  const hour = random.chance(0.55) ? random.around(10, 0.12) : random.around(15, 0.1)
  return wholeSecond(dayStartAt + Math.min(hour, 22) * hourMs + random.between(0, 1799) * 1000)
}
