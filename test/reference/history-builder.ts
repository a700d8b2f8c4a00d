import type { Fact } from './facts.ts'
import { addDeployment } from './history-deployments.ts'
import { commitToTrunk, iso, mergePull, repository, type Repository } from './history-graph.ts'
import { addIncident } from './history-incidents.ts'
import { asOfOf, midnightAfter, sinceOf } from './history-instants.ts'
import type { CommitAction } from './history-actions.ts'
import type { Script, ServiceScript } from './history-script.ts'
import { chosen, fail, type World } from './history-world.ts'
import type { Config, Options, ServiceConfig } from './settings.ts'

export interface History {
  config: Config
  asOf: string
  facts: Fact[]
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const most = 60
const names = ['checkout', 'web', 'api']

function milliseconds(text: string | null, usual: number): number {
  if (text === null) return usual
  const unit = text.endsWith('d') ? day : text.endsWith('h') ? hour : minute
  return Number.parseInt(text, 10) * unit
}

function optionsOf(service: ServiceScript): Options {
  return {
    ...(service.leadTimeFrom === null ? {} : { leadTimeFrom: service.leadTimeFrom }),
    ...(service.attributionWindow === null ? {} : { attributionWindow: service.attributionWindow }),
    ...(service.remediationWindow === null ? {} : { remediationWindow: service.remediationWindow }),
    ...(service.recoveryClock === null ? {} : { recoveryClock: service.recoveryClock }),
    ...(service.hotfix === null ? {} : { hotfix: [...service.hotfix] }),
    ...(service.bots === null ? {} : { bots: service.bots }),
    ...(service.botsInLeadTime === null ? {} : { botsInLeadTime: service.botsInLeadTime }),
  }
}

function serviceConfig(service: ServiceScript, name: string, options: Options): ServiceConfig {
  const { repository: where, isNamed } = service
  return {
    name,
    ...(service.team === null ? {} : { team: service.team }),
    ...(isNamed && where === 'both' ? { repositories: ['acme/shop', 'acme/mono'] } : {}),
    ...(isNamed && where !== 'both' ? { repository: where } : {}),
    ...(service.paths === null ? {} : { paths: [...service.paths] }),
    ...(service.environments === null ? {} : { environments: [...service.environments] }),
    ...options,
  }
}

/** Turns a script into a configuration and facts. */
export function buildHistory(script: Script): History {
  const repositories = [
    repository('acme/shop', false),
    repository('acme/mono', false),
    repository('acme/pushed', true),
  ]
  const top = script.optionsAtTop ? optionsOf(script.services[0] ?? fail('a history has a service')) : {}
  const world: World = {
    now: Date.parse(script.begin),
    timezone: script.timezone ?? 'UTC',
    services: script.services.map((service, position) => ({
      name: names[position] ?? fail('too many services'),
      production: productionOf(service),
      repositories: repositories.filter((repo) =>
        service.repository === 'both' ? !repo.isSilent : repo.name === service.repository,
      ),
      attributionMs: milliseconds(service.attributionWindow, hour),
      remediationMs: milliseconds(service.remediationWindow, 7 * day),
      isVersioned: service.isVersioned,
    })),
    repositories,
    facts: [],
    deployments: [],
    versions: 0,
    incidents: 0,
  }
  if (script.hasHistory) beginHistory(world)
  for (const action of script.actions) {
    if (world.facts.length >= most - 4) break
    perform(world, action)
  }
  while (world.facts.length < 10) perform(world, { kind: 'run', wait: hour, repository: 0 })

  const since = sinceOf(world, script)
  return {
    config: {
      ...(script.timezone === null ? {} : { timezone: script.timezone }),
      ...(since === null ? {} : { since: iso(since) }),
      ...(script.edition === null ? {} : { edition: script.edition }),
      ...top,
      services: script.services.map((service, position) =>
        serviceConfig(service, names[position] ?? '', script.optionsAtTop ? {} : optionsOf(service)),
      ),
    },
    asOf: iso(asOfOf(world, script)),
    facts: delivered(world.facts.slice(0, most), script),
  }
}

/** Each repository that is used begins with a commit before anything is deployed. */
function beginHistory(world: World): void {
  for (const repo of usedRepositories(world)) {
    commitToTrunk(repo, plainCommit, world.now - day, world.facts)
  }
}

const plainCommit: CommitAction = {
  kind: 'commit',
  wait: 0,
  repository: 0,
  count: 1,
  lag: hour,
  isBot: false,
  isMissing: false,
  isRoot: false,
  isMerge: false,
  message: 'Improve the cart',
  paths: ['api/a.ts'],
  isOrphan: false,
}

function usedRepositories(world: World): Repository[] {
  return world.repositories.filter((repo) =>
    world.services.some((service) => service.repositories.includes(repo)),
  )
}

function perform(world: World, action: Script['actions'][number]): void {
  if (action.kind === 'release') {
    const service = chosen(world.services, action.deploy.service)
    wait(world, action.pull.wait)
    const repo = chosen(service?.repositories ?? [], action.pull.repository)
    if (repo !== undefined) mergePull(repo, action.pull, world.now, world.facts)
    wait(world, 30 * minute)
    const what = action.pull.style === 'unmerged' ? 'head' : 'tip'
    addDeployment(world, { ...action.deploy, what, which: 0 }, repo)
    return
  }
  if (action.kind === 'swing') {
    for (let time = 0; time < action.times; time += 1) {
      wait(world, action.deploy.wait)
      addDeployment(world, { ...action.deploy, what: 'other', version: 'other' }, undefined)
    }
    return
  }
  wait(world, action.wait)
  if (action.kind === 'deploy') addDeployment(world, action, undefined)
  else if (action.kind === 'incident') addIncident(world, action)
  else if (action.kind === 'again') deliverAgain(world, action.which, action.how)
  else {
    const repo = chosen(usedRepositories(world), action.repository) ?? fail('a service has a repository')
    if (action.kind === 'commit') commitToTrunk(repo, action, world.now, world.facts)
    else if (action.kind === 'pull') mergePull(repo, action, world.now, world.facts)
    else addRun(world, repo)
  }
}

function wait(world: World, time: number | 'midnight'): void {
  if (time !== 'midnight') world.now += time
  else world.now = midnightAfter(world.now, world.timezone)
}

function productionOf(service: ServiceScript): string[] {
  if (service.environments === null) return ['production', 'production', 'prod']
  return service.environments.flatMap((pattern) => {
    if (pattern === '/prod-.*/') return ['prod-eu', 'prod-us']
    if (pattern === '/prod(uction|-eu)?/') return ['production', 'prod-eu', 'prod']
    return [pattern]
  })
}

function addRun(world: World, repo: Repository): void {
  world.facts.push({
    kind: 'run',
    source: 'ci',
    id: `r${world.facts.length}`,
    repository: repo.name,
    workflow: 'ci.yml',
    sha: repo.tip ?? 'gone-0',
    branch: 'main',
    attempt: 1,
    startedAt: iso(world.now - 10 * minute),
    finishedAt: iso(world.now),
    outcome: 'failure',
  })
}

/** A fact as it was, or with new content under its old name. */
function deliverAgain(world: World, which: number, how: number): void {
  const fact = chosen(world.facts, which)
  if (fact === undefined) return
  if (how % 3 === 0) world.facts.push(fact)
  else if (fact.kind === 'deployment') {
    world.facts.push({ ...fact, outcome: how % 2 === 0 ? 'success' : 'failure', finishedAt: iso(world.now) })
  } else if (fact.kind === 'incident') world.facts.push({ ...fact, resolvedAt: iso(world.now) })
  else if (fact.kind === 'change') world.facts.push({ ...fact, labels: ['hotfix'] })
  else if (fact.kind === 'commit') world.facts.push({ ...fact, paths: ['api/b.ts'] })
}

function delivered(facts: Fact[], script: Script): Fact[] {
  if (script.delivery === 'as it happened') return facts
  if (script.delivery === 'reversed') return facts.toReversed()
  const middle = script.which % facts.length
  return [...facts.slice(middle), ...facts.slice(0, middle)]
}
