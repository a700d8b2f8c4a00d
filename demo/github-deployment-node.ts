import { actorNode } from './github-actor-node.ts'
import { commitNode } from './github-commit-node.ts'
import { byIndex, connection, type PageArguments } from './github-connection.ts'
import { isoSecond, nodeId } from './github-ids.ts'
import { deploymentStateAt, statusesAt } from './github-state.ts'
import type { RepositoryView } from './github-view.ts'
import type { CommitRecord, DeploymentRecord, DeploymentStatus } from './model.ts'

export function refNode(
  view: RepositoryView,
  ref: DeploymentRecord['ref'],
  target: CommitRecord,
  html: string,
): object {
  return {
    __typename: 'Ref',
    id: nodeId('REF', view.repository.id, ref.name),
    name: ref.name,
    prefix: `refs/${ref.kind}/`,
    target: () => commitNode(view, target, html),
  }
}

export function deploymentNode(view: RepositoryView, deployment: DeploymentRecord, html: string): object {
  const { id, fullName } = view.repository
  const { commit, environment, ref } = deployment
  const statuses = statusesAt(deployment, view.now)
  const status = (each: DeploymentStatus) => statusNode(view, deployment, each, html)
  return {
    __typename: 'Deployment',
    id: nodeId('DE', id, deployment.id),
    databaseId: deployment.id,
    commitOid: deployment.sha,
    commit: () => (commit ? commitNode(view, commit, html) : null),
    ref: () => (commit ? refNode(view, ref, commit, html) : null),
    task: deployment.task,
    environment,
    originalEnvironment: environment,
    latestEnvironment: environment,
    description: null,
    payload: JSON.stringify(deployment.payload),
    state: () => deploymentStateAt(deployment, view.now),
    createdAt: isoSecond(deployment.createdAt),
    updatedAt: isoSecond(statuses[0]?.at ?? deployment.createdAt),
    creator: () => actorNode(deployment.creator, html),
    repository: () => ({ nameWithOwner: fullName, id: nodeId('R', id, id), name: view.repository.name }),
    latestStatus: () => (statuses[0] ? status(statuses[0]) : null),
    statuses: (page: PageArguments) => connection('statuses', statuses, page, byIndex, status),
  }
}

function statusNode(
  view: RepositoryView,
  deployment: DeploymentRecord,
  status: DeploymentStatus,
  html: string,
): object {
  const { id, fullName } = view.repository
  return {
    __typename: 'DeploymentStatus',
    id: nodeId('DES', id, status.id),
    state: status.state.toUpperCase(),
    createdAt: isoSecond(status.at),
    updatedAt: isoSecond(status.at),
    environment: deployment.environment,
    environmentUrl: null,
    logUrl: `${html}/${fullName}/deployments/${deployment.id}`,
    description: null,
    creator: () => actorNode(deployment.creator, html),
  }
}
