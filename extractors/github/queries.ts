/** The GraphQL documents. Fields and arguments are those of GitHub's public schema. */

const page = 'pageInfo { hasNextPage endCursor }'

export const repositories = `query Repositories($owner: String!, $first: Int!, $after: String) {
  repositoryOwner(login: $owner) {
    repositories(
      first: $first, after: $after, ownerAffiliations: [OWNER], orderBy: {field: NAME, direction: ASC}
    ) { ${page} nodes { nameWithOwner } }
  }
}`

const deploymentRow = `fragment DeploymentRow on Deployment {
  id databaseId commitOid ref { name prefix } environment task state createdAt creator { login __typename }
  repository { nameWithOwner }
  latestStatus { state createdAt environment logUrl }
  statuses(first: 100) { nodes { state createdAt environment logUrl } }
}`

/** CREATED_AT is the only order there is, and ascending unless said otherwise. */
export const deployments = `query Deployments($owner: String!, $name: String!, $first: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    deployments(first: $first, after: $after, orderBy: {field: CREATED_AT, direction: DESC}) {
      ${page} nodes { ...DeploymentRow }
    }
  }
}
${deploymentRow}`

export const deploymentNodes = `query DeploymentNodes($ids: [ID!]!) { nodes(ids: $ids) { ...DeploymentRow } }
${deploymentRow}`

export const releases = `query Releases($owner: String!, $name: String!, $first: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    releases(first: $first, after: $after, orderBy: {field: CREATED_AT, direction: DESC}) {
      ${page}
      nodes {
        databaseId tagName tagCommit { oid } isDraft isPrerelease createdAt publishedAt author { login } url
      }
    }
  }
}`

const commitRow = `fragment CommitRow on Commit {
  oid message authoredDate committedDate author { name email user { login } }
  parents(first: 10) { nodes { oid committedDate } }
  associatedPullRequests(first: 3) { nodes { number merged baseRefName repository { nameWithOwner } } }
}`

export const history = `query History(
  $owner: String!, $name: String!, $head: GitObjectID!, $first: Int!, $after: String,
  $since: GitTimestamp, $until: GitTimestamp
) {
  repository(owner: $owner, name: $name) {
    defaultBranchRef { name }
    object(oid: $head) {
      ... on Commit {
        history(first: $first, after: $after, since: $since, until: $until) { ${page} nodes { ...CommitRow } }
      }
    }
  }
}
${commitRow}`

export const commitNodes = `query CommitNodes($ids: [ID!]!) { nodes(ids: $ids) { ...CommitRow } }
${commitRow}`

const pullRequestsWith = (
  more: string,
): string => `query PullRequests($owner: String!, $name: String!, $first: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    defaultBranchRef { name }
    pullRequests(
      states: [MERGED], first: $first, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}
    ) { ${page} nodes { ...PullRequestRow } }
  }
}
fragment PullRequestRow on PullRequest {
  id number title url author { login __typename } labels(first: 50) { nodes { name } }
  headRefName headRefOid createdAt updatedAt mergedAt additions deletions changedFiles mergeCommit { oid }
  timelineItems(itemTypes: [READY_FOR_REVIEW_EVENT], last: 1) {
    nodes { ... on ReadyForReviewEvent { createdAt } }
  }
  reviews(first: 50) { nodes { author { login __typename } submittedAt state } }
  approvals: reviews(first: 1, states: [APPROVED]) { nodes { submittedAt } }
  commits(first: 100) { ${page} nodes { commit { oid authoredDate } } }${more}
}`

export const pullRequests = pullRequestsWith('')

/** Only where they are wanted: up to a hundred files of each pull request. */
export const pullRequestsWithFiles = pullRequestsWith(`
  files(first: 100) { pageInfo { hasNextPage } nodes { path changeType } }`)

export const pullRequestCommits = `query PullRequestCommits($id: ID!, $first: Int!, $after: String) {
  node(id: $id) {
    ... on PullRequest {
      commits(first: $first, after: $after) { ${page} nodes { commit { oid authoredDate } } }
    }
  }
}`
