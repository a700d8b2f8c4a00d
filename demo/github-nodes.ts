import { userNode } from './github-actor-node.ts'
import { commitNode } from './github-commit-node.ts'
import { connection, type PageArguments, type Place } from './github-connection.ts'
import { deploymentNode, refNode } from './github-deployment-node.ts'
import { isoSecond, nodeId, type NodeId } from './github-ids.ts'
import { pullNode } from './github-pull-node.ts'
import type { RepositoryView } from './github-view.ts'
import type { DeploymentRecord, ReleaseRecord } from './model.ts'

type Arguments<T> = PageArguments & Partial<T>
type Direction = 'ASC' | 'DESC'

/** The objects that the schema's types are resolved from, each as of its repository's view. */
export interface Nodes {
  repository(view: RepositoryView): object
  /** The node of a global id in its repository; null where there is none. */
  byId(view: RepositoryView, id: NodeId): object | null
}

export function createNodes(html: string): Nodes {
  const nodes: Nodes = {
    repository: (view) => repositoryNode(view, html),
    byId(view, { kind, key }) {
      if (kind === 'R') return repositoryNode(view, html)
      if (kind === 'DE')
        return orNull(view.deployment(Number(key)), (each) => deploymentNode(view, each, html))
      if (kind === 'PR')
        return orNull(view.pullById(Number(key)), (each) => pullNode(view, each, html, commitNode))
      if (kind === 'C') return orNull(view.commit(key), (each) => commitNode(view, each, html))
      return null
    },
  }
  return nodes
}

function whenCreated({ createdAt, id }: DeploymentRecord): Place {
  return { at: createdAt, id }
}

function whenPublished({ publishedAt, id }: ReleaseRecord): Place {
  return { at: publishedAt, id }
}

function orNull<T>(item: T | undefined, node: (item: T) => object): object | null {
  return item === undefined ? null : node(item)
}

function repositoryNode(view: RepositoryView, html: string): object {
  const { id, name, fullName, owner, defaultBranch, createdAt } = view.repository
  const main = { name: defaultBranch, kind: 'heads' } as const
  return {
    __typename: 'Repository',
    id: nodeId('R', id, id),
    databaseId: id,
    name,
    nameWithOwner: fullName,
    url: `${html}/${fullName}`,
    owner: { __typename: 'Organization', id: nodeId('U', 0, owner), login: owner },
    isArchived: false,
    isPrivate: true,
    createdAt: isoSecond(createdAt),
    pushedAt: isoSecond(view.head.visibleAt),
    defaultBranchRef: () => refNode(view, main, view.head, html),
    ref: ({ qualifiedName }: { qualifiedName: string }) =>
      /^(refs\/heads\/)?main$/.test(qualifiedName) ? refNode(view, main, view.head, html) : null,
    object({ oid, expression }: { oid?: string; expression?: string }) {
      const commit = oid
        ? view.commit(oid)
        : /^(HEAD|main)$/.test(expression ?? '')
          ? view.head
          : view.commit(expression ?? '')
      return orNull(commit, (each) => commitNode(view, each, html))
    },
    deployments(page: Arguments<{ environments: string[]; orderBy: { direction: Direction } }>) {
      const wanted = page.environments
      const found = view.deployments().filter((each) => !wanted || wanted.includes(each.environment))
      const isDescending = page.orderBy?.direction === 'DESC'
      const list = isDescending ? found : found.toReversed()
      return connection(
        'deployments',
        list,
        page,
        whenCreated,
        (each) => deploymentNode(view, each, html),
        isDescending,
      )
    },
    pullRequest: ({ number }: { number: number }) =>
      orNull(view.pull(number), (each) => pullNode(view, each, html, commitNode)),
    pullRequests: (page: PullArguments) => pullRequests(view, page, html),
    releases(page: Arguments<{ orderBy: { direction: Direction } }>) {
      const isDescending = page.orderBy?.direction !== 'ASC'
      const list = isDescending ? view.releases() : view.releases().toReversed()
      return connection(
        'releases',
        list,
        page,
        whenPublished,
        (each) => releaseNode(view, each, html),
        isDescending,
      )
    },
  }
}

type PullArguments = Arguments<{
  states: string[]
  baseRefName: string
  orderBy: { field: string; direction: Direction }
}>

function pullRequests(view: RepositoryView, page: PullArguments, html: string): object {
  const { states, baseRefName, orderBy } = page
  const isUpdated = orderBy?.field === 'UPDATED_AT'
  const found = view
    .pulls()
    .filter(
      (each) =>
        (!states || states.includes(view.stateOf(each).state)) && (!baseRefName || baseRefName === each.base),
    )
  if (!isUpdated) found.sort((a, b) => b.openedAt - a.openedAt || b.id - a.id)
  const isDescending = orderBy?.direction === 'DESC'
  const place = (each: (typeof found)[number]) => ({
    at: isUpdated ? view.stateOf(each).updatedAt : each.openedAt,
    id: each.id,
  })
  const list = isDescending ? found : found.toReversed()
  const node = (each: (typeof found)[number]) => pullNode(view, each, html, commitNode)
  return connection('pullRequests', list, page, place, node, isDescending)
}

function releaseNode(view: RepositoryView, release: ReleaseRecord, html: string): object {
  const { id, fullName } = view.repository
  return {
    __typename: 'Release',
    id: nodeId('RE', id, release.id),
    databaseId: release.id,
    name: release.tag,
    tagName: release.tag,
    tagCommit: () => commitNode(view, release.commit, html),
    isDraft: false,
    isPrerelease: false,
    createdAt: isoSecond(release.commit.committedAt),
    publishedAt: isoSecond(release.publishedAt),
    author: () => userNode(release.author, html),
    url: `${html}/${fullName}/releases/tag/${release.tag}`,
  }
}
