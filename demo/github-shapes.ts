import { statusesAt } from './github-state.ts'
import { isoSecond, nodeId } from './github-ids.ts'
import type { RepositoryView } from './github-view.ts'
import type { CommitRecord, DeploymentRecord, Person, PullRequest, ReleaseRecord } from './model.ts'
import { digest } from './random.ts'

/** Where the API and the pages of this GitHub are. */
export interface Bases {
  api: string
  /** Of the pages for people; nothing is served there. */
  html: string
  /** Fields that the API version has removed are left out. */
  version: string
}

export function userShape(person: Person, bases: Bases): object {
  const login = encodeURIComponent(person.login)
  return {
    login: person.login,
    id: person.id,
    node_id: nodeId('U', 0, person.id),
    url: `${bases.api}/users/${login}`,
    html_url: `${bases.html}/${login}`,
    type: person.isBot ? 'Bot' : 'User',
    site_admin: false,
  }
}

export function repositoryShape(view: RepositoryView, bases: Bases): object {
  const { id, name, fullName, owner, defaultBranch, createdAt } = view.repository
  return {
    id,
    node_id: nodeId('R', id, id),
    name,
    full_name: fullName,
    private: true,
    owner: { login: owner, id: 1, type: 'Organization' },
    html_url: `${bases.html}/${fullName}`,
    url: `${bases.api}/repos/${fullName}`,
    fork: false,
    archived: false,
    disabled: false,
    default_branch: defaultBranch,
    created_at: isoSecond(createdAt),
    pushed_at: isoSecond(view.head.visibleAt),
    permissions: { admin: false, push: false, pull: true },
  }
}

export function commitShape(view: RepositoryView, commit: CommitRecord, bases: Bases): object {
  const { id, fullName } = view.repository
  const email = `${commit.author.id}+${commit.author.login}@users.noreply.example.com`
  const url = `${bases.api}/repos/${fullName}/commits`
  return {
    sha: commit.sha,
    node_id: nodeId('C', id, commit.sha),
    commit: {
      author: { name: commit.author.name, email, date: isoSecond(commit.authoredAt) },
      committer: { name: 'GitHub', email: 'noreply@example.com', date: isoSecond(commit.committedAt) },
      message: commit.message,
      tree: { sha: digest(`tree ${commit.sha}`) },
      comment_count: 0,
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null },
    },
    url: `${url}/${commit.sha}`,
    html_url: `${bases.html}/${fullName}/commit/${commit.sha}`,
    author: userShape(commit.author, bases),
    committer: null,
    parents: commit.parents.map(({ sha }) => ({ sha, url: `${url}/${sha}` })),
  }
}

export function fileShapes(paths: readonly string[], seed: string): object[] {
  return paths.map((filename) => ({
    sha: digest(`${seed} ${filename}`),
    filename,
    status: 'modified',
    additions: 6,
    deletions: 2,
    changes: 8,
  }))
}

/** As in the list; `isFull` adds what only the single pull request has. */
export function pullShape(view: RepositoryView, pull: PullRequest, bases: Bases, isFull = false): object {
  const { repository } = view
  const state = view.stateOf(pull)
  const url = `${bases.api}/repos/${repository.fullName}/pulls/${pull.number}`
  const base = { id: repository.id, full_name: repository.fullName, default_branch: repository.defaultBranch }
  return {
    url,
    id: pull.id,
    node_id: nodeId('PR', repository.id, pull.id),
    html_url: `${bases.html}/${repository.fullName}/pull/${pull.number}`,
    number: pull.number,
    state: state.state === 'OPEN' ? 'open' : 'closed',
    locked: false,
    title: pull.title,
    user: userShape(pull.author, bases),
    body: null,
    created_at: isoSecond(pull.openedAt),
    updated_at: isoSecond(state.updatedAt),
    closed_at: isoOrNull(state.closedAt),
    merged_at: isoOrNull(state.mergedAt),
    // On an open pull request it is the throw-away commit of the test merge.
    ...(bases.version < '2026-03-10' && {
      merge_commit_sha: state.mergeCommit?.sha ?? digest(`test merge ${pull.id}`),
    }),
    draft: state.isDraft,
    labels: pull.labels.map((name) => ({ id: pull.id, name, color: 'ededed', default: false })),
    head: { label: `${repository.owner}:${pull.branch}`, ref: pull.branch, sha: state.head.sha, repo: base },
    base: {
      label: `${repository.owner}:${pull.base}`,
      ref: pull.base,
      sha: pull.commits[0]!.parents[0]?.sha,
      repo: base,
    },
    ...(isFull && {
      merged: state.mergedAt !== undefined,
      merged_by: state.mergedAt !== undefined && pull.mergedBy ? userShape(pull.mergedBy, bases) : null,
      commits: state.commits.length,
      additions: pull.additions,
      deletions: pull.deletions,
      changed_files: pull.paths.length,
    }),
  }
}

export function deploymentShape(view: RepositoryView, deployment: DeploymentRecord, bases: Bases): object {
  const { id, fullName } = view.repository
  const url = `${bases.api}/repos/${fullName}/deployments/${deployment.id}`
  const [latest] = statusesAt(deployment, view.now)
  return {
    url,
    id: deployment.id,
    node_id: nodeId('DE', id, deployment.id),
    task: deployment.task,
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: null,
    created_at: isoSecond(deployment.createdAt),
    updated_at: isoSecond(latest?.at ?? deployment.createdAt),
    statuses_url: `${url}/statuses`,
    repository_url: `${bases.api}/repos/${fullName}`,
    creator: userShape(deployment.creator, bases),
    sha: deployment.sha,
    ref: deployment.ref.name,
    payload: deployment.payload,
    transient_environment: deployment.isTransient,
    production_environment: deployment.isProduction,
  }
}

export function statusShapes(view: RepositoryView, deployment: DeploymentRecord, bases: Bases): object[] {
  const { id, fullName } = view.repository
  const url = `${bases.api}/repos/${fullName}/deployments/${deployment.id}`
  return statusesAt(deployment, view.now).map((status) => ({
    url: `${url}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DES', id, status.id),
    state: status.state,
    creator: userShape(deployment.creator, bases),
    description: '',
    environment: deployment.environment,
    target_url: '',
    log_url: '',
    environment_url: '',
    created_at: isoSecond(status.at),
    updated_at: isoSecond(status.at),
    deployment_url: url,
    repository_url: `${bases.api}/repos/${fullName}`,
  }))
}

export function releaseShape(view: RepositoryView, release: ReleaseRecord, bases: Bases): object {
  const { id, fullName } = view.repository
  return {
    id: release.id,
    node_id: nodeId('RE', id, release.id),
    url: `${bases.api}/repos/${fullName}/releases/${release.id}`,
    html_url: `${bases.html}/${fullName}/releases/tag/${release.tag}`,
    tag_name: release.tag,
    target_commitish: 'main',
    name: release.tag,
    draft: false,
    prerelease: false,
    created_at: isoSecond(release.commit.committedAt),
    published_at: isoSecond(release.publishedAt),
    author: userShape(release.author, bases),
  }
}

export function isoOrNull(at: number | undefined): string | null {
  return at === undefined ? null : isoSecond(at)
}
