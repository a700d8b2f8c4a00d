import type { DeploymentFact, IncidentFact } from './facts.ts'
import { iso } from './history-graph.ts'
import type { IncidentAction } from './history-actions.ts'
import { chosen, type Service, type World } from './history-world.ts'

export function addIncident(world: World, action: IncidentAction): void {
  const anchor = chosen(world.deployments.slice(-6), action.anchor)
  const own = world.services.find((service) => service.name === anchor?.service) ?? world.services[0]
  if (own === undefined) return
  const others = world.services.filter((service) => service !== own).map((service) => service.name)
  const another = chosen(others, action.cause) ?? own.name
  const service = { 'of the deployment': own.name, another, unknown: 'elsewhere' }[action.service]
  const services = {
    none: undefined,
    another: [another],
    'same and another': [service, another],
    all: world.services.map((one) => one.name),
  }[action.services]
  const environment = {
    none: undefined,
    'of the deployment': anchor?.environment,
    another: chosen(own.production, action.cause),
    'never deployed': 'prod-ap',
    staging: 'staging',
  }[action.environment]
  const startedAt = incidentStart(world, action, own, anchor)
  // Nothing is known of an unknown service: what caused its incidents says nothing of the others.
  const causedBy = action.isCaused && service !== 'elsewhere' ? causeOf(world, action, anchor) : undefined
  world.incidents += 1
  const fact: IncidentFact = {
    kind: 'incident',
    source: 'pagerduty',
    id: `i${world.incidents}`,
    service,
    ...(services === undefined ? {} : { services }),
    ...(environment === undefined ? {} : { environment }),
    title: 'Errors',
    startedAt: iso(startedAt),
    ...(action.lasts === null ? {} : { resolvedAt: iso(startedAt + action.lasts) }),
    ...(causedBy === undefined ? {} : { causedBy }),
    ...(action.deployTriggered === null ? {} : { deployTriggered: action.deployTriggered }),
  }
  world.facts.push(fact)
}

function incidentStart(
  world: World,
  action: IncidentAction,
  service: Service,
  anchor: DeploymentFact | undefined,
): number {
  const finishedAt = anchor?.finishedAt === undefined ? world.now : Date.parse(anchor.finishedAt)
  if (action.offset === 'start') return Date.parse(anchor?.startedAt ?? iso(finishedAt))
  if (action.offset === 'window') return finishedAt + service.attributionMs
  if (action.offset === 'past window') return finishedAt + service.attributionMs + 1
  return finishedAt + action.offset
}

function causeOf(
  world: World,
  action: IncidentAction,
  anchor: DeploymentFact | undefined,
): NonNullable<IncidentFact['causedBy']> {
  const cause: NonNullable<IncidentFact['causedBy']> = {}
  const deployment = chosen(
    [...world.deployments, ...(anchor === undefined ? [] : [anchor, anchor])],
    action.cause,
  )
  const repo = world.repositories.find((one) => one.name === deployment?.repository) ?? world.repositories[0]
  const lists = repo?.changes.flatMap((change) => change.commits.map((commit) => commit.sha)) ?? []
  for (const kind of action.causes) {
    if (kind === 'deployment') cause.deploymentId = deployment?.id ?? 'd1'
    if (kind === 'sha') cause.sha = deployment?.sha ?? 'gone-0'
    if (kind === 'listed sha') cause.sha = chosen(lists, action.cause) ?? 'gone-1'
    if (kind === 'old sha')
      cause.sha = chosen([...(repo?.commits.keys() ?? [])].slice(0, 6), action.cause) ?? 'gone-2'
    if (kind === 'failed sha') {
      cause.sha = world.deployments.findLast((one) => one.outcome === 'failure')?.sha ?? 'gone-1'
    }
    if (kind === 'version') cause.version = deployment?.version ?? 'v1'
    if (kind === 'wrong id') cause.deploymentId = 'd900'
    if (kind === 'wrong sha') cause.sha = 'never'
    if (kind === 'wrong version') cause.version = 'v900'
    if (kind === 'not in production') {
      const lost = world.deployments.find(
        (one) => one.environment === 'staging' || one.outcome === 'cancelled',
      )
      cause.deploymentId = lost?.id ?? 'd901'
    }
  }
  return cause
}
