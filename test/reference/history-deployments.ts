import type { DeploymentFact } from './facts.ts'
import { iso, revList, type Repository } from './history-graph.ts'
import type { DeployAction } from './history-actions.ts'
import { chosen, fail, type Service, type World } from './history-world.ts'

/** As the script says, or what was live before what is live. */
type DeploymentToAdd = Omit<DeployAction, 'what' | 'version'> & {
  what: DeployAction['what'] | 'other'
  version: DeployAction['version'] | 'other'
}

export function addDeployment(world: World, action: DeploymentToAdd, from: Repository | undefined): void {
  const service = chosen(world.services, action.service) ?? fail('a history has a service')
  const environment = action.lookAlike ?? chosen(service.production, action.environment) ?? 'production'
  const name = action.isGhost ? 'ghost' : service.name
  const earlier = world.deployments.filter((one) => one.service === name && one.environment === environment)
  const successes = earlier.filter((one) => one.outcome === 'success')
  const live = successes.at(-1)
  const repo = from ?? chosen(service.repositories, action.which) ?? fail('a service has a repository')
  const sha = service.isVersioned ? undefined : shaOf(action, repo, successes)
  const finishedAt = finishOf(world, action, service, earlier)
  const version = versionOf(world, action, successes, sha)
  const range = sha === undefined ? undefined : rangeOf(action, repo, sha, live?.sha)
  const fact: DeploymentFact = {
    kind: 'deployment',
    source: 'ci',
    id: `d${world.deployments.length + 1}`,
    service: name,
    environment,
    repository: repo.name,
    ...(sha === undefined ? {} : { sha }),
    ...(version === undefined ? {} : { version }),
    ...(action.started === null ? {} : { startedAt: iso(finishedAt - action.started) }),
    finishedAt: iso(finishedAt),
    outcome: action.outcome,
    ...(range === undefined ? {} : { range }),
    ...(action.isRollback === null ? {} : { isRollback: action.isRollback }),
    ...(action.isRework === null ? {} : { isRework: action.isRework }),
    ...(action.firstCommit === null ? {} : { firstCommitAt: iso(finishedAt - action.firstCommit) }),
  }
  world.deployments.push(fact)
  world.facts.push(fact)
}

function shaOf(action: DeploymentToAdd, repo: Repository, successes: DeploymentFact[]): string | undefined {
  const tip = repo.tip ?? 'gone-first'
  if (action.what === 'tip') return tip
  if (action.what === 'live') return successes.at(-1)?.sha ?? tip
  if (action.what === 'previous') return chosen(successes.slice(-4), action.which)?.sha ?? tip
  if (action.what === 'other') {
    return successes.findLast((one) => one.sha !== undefined && one.sha !== successes.at(-1)?.sha)?.sha ?? tip
  }
  if (action.what === 'any') return chosen([...repo.commits.keys()], action.which) ?? tip
  if (action.what === 'head') return repo.heads.at(-1 - (action.which % 2)) ?? tip
  if (action.what === 'before') return repo.commits.get(tip)?.parents[0] ?? tip
  if (action.what === 'gone') return `gone-${action.which % 3}`
  return undefined
}

function versionOf(
  world: World,
  action: DeploymentToAdd,
  successes: DeploymentFact[],
  sha: string | undefined,
): string | undefined {
  if (action.version === 'none' && sha !== undefined) return undefined
  if (action.version === 'other') {
    const live = successes.at(-1)?.version
    return successes.findLast((one) => one.version !== undefined && one.version !== live)?.version ?? 'v0'
  }
  if (action.version === 'old') return chosen(successes, action.which)?.version ?? 'v0'
  if (action.version === 'live') return successes.at(-1)?.version ?? 'v0'
  world.versions += 1
  return `v${world.versions}`
}

/** Now, or at a boundary: as the one before, or as long after it as a remediation may come. */
function finishOf(
  world: World,
  action: DeploymentToAdd,
  service: Service,
  earlier: DeploymentFact[],
): number {
  const last = Date.parse(earlier.at(-1)?.finishedAt ?? '')
  if (Number.isNaN(last) || action.when === 'now') return world.now
  if (action.when === 'equal') return last
  const late = action.when === 'past window' ? 1 : 0
  world.now = Math.max(world.now, last + service.remediationMs + late)
  return world.now
}

function rangeOf(
  action: DeploymentToAdd,
  repo: Repository,
  sha: string,
  live: string | undefined,
): DeploymentFact['range'] {
  const before = live ?? 'gone-base'
  const commits = revList(repo, before, sha)
  if (action.range === 'right') return { base: before, commits }
  if (action.range === 'partial')
    return { base: before, commits: commits.slice(0, Math.ceil(commits.length / 2)) }
  if (action.range === 'unknown base') return { base: 'gone-base', commits }
  const parent = repo.commits.get(sha)?.parents[0]
  if (action.range === 'older base' && parent !== undefined) {
    const grandparent = repo.commits.get(parent)?.parents[0] ?? parent
    return { base: grandparent, commits: revList(repo, grandparent, sha) }
  }
  if (action.range === 'later base' && parent !== undefined) {
    return { base: parent, commits: revList(repo, parent, sha) }
  }
  return undefined
}
