import { buildSchema, type GraphQLSchema } from 'graphql'

/** The part of GitHub's public schema that a reader of deliveries needs, with its true names. */
const text = /* GraphQL */ `
  scalar DateTime
  scalar URI
  scalar GitObjectID
  scalar GitTimestamp

  interface Node { id: ID! }
  interface Actor { login: String! url: URI! }
  interface GitObject { id: ID! oid: GitObjectID! abbreviatedOid: String! }
  interface RepositoryOwner { id: ID! login: String! repositories(${pageArguments()} ownerAffiliations: [RepositoryAffiliation] orderBy: RepositoryOrder): RepositoryConnection! repository(name: String!): Repository }

  enum OrderDirection { ASC DESC }
  enum RepositoryAffiliation { OWNER COLLABORATOR ORGANIZATION_MEMBER }
  enum RepositoryOrderField { CREATED_AT UPDATED_AT PUSHED_AT NAME STARGAZERS }
  enum DeploymentOrderField { CREATED_AT }
  enum IssueOrderField { CREATED_AT UPDATED_AT COMMENTS }
  enum ReleaseOrderField { CREATED_AT NAME }
  enum PullRequestState { OPEN CLOSED MERGED }
  enum PullRequestReviewState { PENDING COMMENTED APPROVED CHANGES_REQUESTED DISMISSED }
  enum PullRequestTimelineItemsItemType { READY_FOR_REVIEW_EVENT MERGED_EVENT CLOSED_EVENT }
  enum PatchStatus { ADDED CHANGED COPIED DELETED MODIFIED RENAMED }
  enum DeploymentState { ABANDONED ACTIVE DESTROYED ERROR FAILURE INACTIVE IN_PROGRESS PENDING QUEUED SUCCESS WAITING }
  enum DeploymentStatusState { ERROR FAILURE INACTIVE IN_PROGRESS PENDING QUEUED SUCCESS WAITING }
  input RepositoryOrder { field: RepositoryOrderField! direction: OrderDirection! }
  input DeploymentOrder { field: DeploymentOrderField! direction: OrderDirection! }
  input IssueOrder { field: IssueOrderField! direction: OrderDirection! }
  input ReleaseOrder { field: ReleaseOrderField! direction: OrderDirection! }

  type Query {
    node(id: ID!): Node
    nodes(ids: [ID!]!): [Node]!
    rateLimit(dryRun: Boolean = false): RateLimit
    repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
    repositoryOwner(login: String!): RepositoryOwner
    organization(login: String!): Organization
    viewer: User!
  }
  type RateLimit { cost: Int! limit: Int! nodeCount: Int! remaining: Int! resetAt: DateTime! used: Int! }
  type PageInfo { endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String }

  type Organization implements Node & RepositoryOwner { id: ID! login: String! name: String repositories(${pageArguments()} ownerAffiliations: [RepositoryAffiliation] orderBy: RepositoryOrder): RepositoryConnection! repository(name: String!): Repository }
  type User implements Node & Actor { id: ID! login: String! name: String url: URI! databaseId: Int }
  type Bot implements Node & Actor { id: ID! login: String! url: URI! databaseId: Int }

  ${connection('Repository')}
  type Repository implements Node {
    id: ID!
    databaseId: Int
    name: String!
    nameWithOwner: String!
    url: URI!
    owner: RepositoryOwner!
    isArchived: Boolean!
    isPrivate: Boolean!
    createdAt: DateTime!
    pushedAt: DateTime
    defaultBranchRef: Ref
    ref(qualifiedName: String!): Ref
    object(oid: GitObjectID, expression: String): GitObject
    deployments(${pageArguments()} environments: [String!], orderBy: DeploymentOrder = {field: CREATED_AT, direction: ASC}): DeploymentConnection!
    pullRequest(number: Int!): PullRequest
    pullRequests(${pageArguments()} states: [PullRequestState!], labels: [String!], baseRefName: String, headRefName: String, orderBy: IssueOrder): PullRequestConnection!
    releases(${pageArguments()} orderBy: ReleaseOrder): ReleaseConnection!
  }
  type Ref implements Node { id: ID! name: String! prefix: String! target: GitObject }

  ${connection('Deployment')}
  type Deployment implements Node {
    id: ID!
    databaseId: Int
    commit: Commit
    commitOid: String!
    ref: Ref
    task: String
    environment: String
    originalEnvironment: String
    latestEnvironment: String
    description: String
    payload: String
    state: DeploymentState
    createdAt: DateTime!
    updatedAt: DateTime!
    creator: Actor!
    repository: Repository!
    latestStatus: DeploymentStatus
    statuses(${pageArguments()}): DeploymentStatusConnection
  }
  ${connection('DeploymentStatus')}
  type DeploymentStatus implements Node { id: ID! state: DeploymentStatusState! createdAt: DateTime! updatedAt: DateTime! environment: String environmentUrl: URI logUrl: URI description: String creator: Actor! deployment: Deployment! }

  ${connection('Commit')}
  ${connection('Commit', 'CommitHistoryConnection')}
  type GitActor { name: String email: String date: GitTimestamp user: User }
  type Commit implements Node & GitObject {
    id: ID!
    oid: GitObjectID!
    abbreviatedOid: String!
    url: URI!
    message: String!
    messageHeadline: String!
    authoredDate: DateTime!
    committedDate: DateTime!
    author: GitActor
    committer: GitActor
    additions: Int!
    deletions: Int!
    changedFilesIfAvailable: Int
    repository: Repository!
    parents(${pageArguments()}): CommitConnection!
    history(${pageArguments()} since: GitTimestamp, until: GitTimestamp, path: String): CommitHistoryConnection!
    associatedPullRequests(${pageArguments()}): PullRequestConnection
  }

  ${connection('PullRequest')}
  type PullRequest implements Node {
    id: ID!
    databaseId: Int
    number: Int!
    title: String!
    url: URI!
    state: PullRequestState!
    isDraft: Boolean!
    merged: Boolean!
    closed: Boolean!
    author: Actor
    mergedBy: Actor
    createdAt: DateTime!
    updatedAt: DateTime!
    closedAt: DateTime
    mergedAt: DateTime
    baseRefName: String!
    headRefName: String!
    headRefOid: GitObjectID!
    mergeCommit: Commit
    additions: Int!
    deletions: Int!
    changedFiles: Int!
    repository: Repository!
    labels(${pageArguments()}): LabelConnection
    commits(${pageArguments()}): PullRequestCommitConnection!
    files(${pageArguments()}): PullRequestChangedFileConnection
    reviews(${pageArguments()} states: [PullRequestReviewState!], author: String): PullRequestReviewConnection
    timelineItems(${pageArguments()} itemTypes: [PullRequestTimelineItemsItemType!]): PullRequestTimelineItemsConnection!
  }
  ${connection('Label')}
  type Label { id: ID! name: String! color: String! }
  ${connection('PullRequestCommit')}
  type PullRequestCommit implements Node { id: ID! commit: Commit! pullRequest: PullRequest! }
  ${connection('PullRequestChangedFile')}
  type PullRequestChangedFile { path: String! changeType: PatchStatus! additions: Int! deletions: Int! }
  ${connection('PullRequestReview')}
  type PullRequestReview implements Node { id: ID! author: Actor state: PullRequestReviewState! submittedAt: DateTime createdAt: DateTime! }
  union PullRequestTimelineItems = ReadyForReviewEvent | MergedEvent | ClosedEvent
  ${connection('PullRequestTimelineItems')}
  type ReadyForReviewEvent implements Node { id: ID! createdAt: DateTime! actor: Actor }
  type MergedEvent implements Node { id: ID! createdAt: DateTime! actor: Actor }
  type ClosedEvent implements Node { id: ID! createdAt: DateTime! actor: Actor }

  ${connection('Release')}
  type Release implements Node { id: ID! databaseId: Int name: String tagName: String! tagCommit: Commit isDraft: Boolean! isPrerelease: Boolean! createdAt: DateTime! publishedAt: DateTime author: User url: URI! }
`

function pageArguments(): string {
  return 'first: Int, after: String, last: Int, before: String'
}

function connection(type: string, name = `${type}Connection`): string {
  const edge = name === `${type}Connection` ? `type ${type}Edge { cursor: String! node: ${type} }` : ''
  return `type ${name} { edges: [${type}Edge] nodes: [${type}] pageInfo: PageInfo! totalCount: Int! } ${edge}`
}

/** The schema, built anew. */
export function githubSchema(): GraphQLSchema {
  return buildSchema(text)
}
