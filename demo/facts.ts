import type { Company } from './company.ts'
import { isoSecond } from './github-ids.ts'
import { pullStateAt, runStateAt } from './github-state.ts'
import { incidentStateAt } from './incident-state.ts'
import type {
  CommitRecord,
  DeploymentRecord,
  IncidentRecord,
  PullRequest,
  RepositoryRecord,
  RunRecord,
} from './model.ts'

/** A fact as it stands in a line of NDJSON. */
export type FactLine = Record<string, unknown>

/**
 * What a perfect reader of the company's systems would know at an instant, without asking them: the input of
 * `dorado import` for companies that are too large to be read within a test or a benchmark.
 */
export function* factsOf(company: Company, now = company.endsAt): Generator<FactLine> {
  for (const repository of company.repositories.values()) {
    for (const commit of repository.commits) {
      if (commit.visibleAt <= now) yield commitFact(repository, commit, now)
    }
    for (const pull of repository.pulls) {
      if (pull.mergedAt !== undefined && pull.mergedAt <= now) yield changeFact(repository, pull, now)
    }
    for (const deployment of repository.deployments) {
      if (deployment.createdAt <= now) yield deploymentFact(repository, deployment, now)
    }
    for (const run of repository.runs) if (run.createdAt <= now) yield runFact(repository, run, now)
  }
  for (const incident of company.incidents) {
    const fact = incidentFact(incident, now)
    if (fact) yield fact
  }
}

function commitFact({ fullName }: RepositoryRecord, commit: CommitRecord, now: number): FactLine {
  const { sha, parents, author, message, paths, pull } = commit
  const isMerged = pull?.mergedAt !== undefined && pull.mergedAt <= now
  return {
    kind: 'commit',
    source: 'github',
    id: `${fullName}@${sha}`,
    repository: fullName,
    sha,
    parents: parents.map((parent) => parent.sha),
    authoredAt: isoSecond(commit.authoredAt),
    committedAt: isoSecond(commit.committedAt),
    author: author.login,
    isBot: author.isBot,
    message: message.split('\n')[0],
    paths,
    ...(isMerged && { change: `${fullName}!${pull.number}` }),
  }
}

function changeFact({ fullName }: RepositoryRecord, pull: PullRequest, now: number): FactLine {
  const { number, title, author, labels, branch, mergeCommit } = pull
  const { commits, head, readyAt, reviews } = pullStateAt(pull, now)
  const byOthers = reviews.filter((review) => review.author !== author && !review.author.isBot)
  const approval = reviews.find((review) => review.state === 'APPROVED')
  return {
    kind: 'change',
    source: 'github',
    id: `${fullName}!${number}`,
    repository: fullName,
    number,
    title,
    author: author.login,
    isBot: author.isBot,
    labels,
    branch,
    openedAt: isoSecond(pull.openedAt),
    ...(readyAt !== undefined && { readyAt: isoSecond(readyAt) }),
    ...(byOthers[0] && { firstReviewAt: isoSecond(byOthers[0].submittedAt) }),
    ...(approval && { approvedAt: isoSecond(approval.submittedAt) }),
    mergedAt: isoSecond(pull.mergedAt!),
    commits: commits.map(({ sha, authoredAt }) => ({ sha, authoredAt: isoSecond(authoredAt) })),
    headSha: head.sha,
    mergeSha: mergeCommit!.sha,
    additions: pull.additions,
    deletions: pull.deletions,
    changedFiles: pull.paths.length,
  }
}

function deploymentFact({ fullName }: RepositoryRecord, deployment: DeploymentRecord, now: number): FactLine {
  const { id, environment, sha, ref, statuses, createdAt } = deployment
  const end = statuses.find((status) => /success|failure|error/.test(status.state) && status.at <= now)
  const begun = statuses.find((status) => status.state === 'in_progress' && status.at <= now)
  return {
    kind: 'deployment',
    source: 'github',
    id: `${fullName}#${id}`,
    environment,
    repository: fullName,
    sha,
    ref: ref.name,
    ...(ref.kind === 'tags' && { version: ref.name }),
    startedAt: isoSecond(begun?.at ?? createdAt),
    outcome: end ? (end.state === 'success' ? 'success' : 'failure') : 'running',
    ...(end && { finishedAt: isoSecond(end.at) }),
  }
}

function runFact({ fullName }: RepositoryRecord, run: RunRecord, now: number): FactLine {
  const { attempt, status, conclusion, startedAt, updatedAt } = runStateAt(run, now)!
  const isDone = status === 'completed'
  const outcome = conclusion === 'success' || conclusion === 'cancelled' ? conclusion : 'failure'
  return {
    kind: 'run',
    source: 'github',
    id: `${run.id}#${attempt}`,
    repository: fullName,
    workflow: run.workflow.path.split('/').at(-1),
    sha: run.sha,
    branch: run.branch,
    attempt,
    startedAt: isoSecond(startedAt),
    outcome: isDone ? outcome : 'running',
    ...(isDone && { finishedAt: isoSecond(updatedAt) }),
  }
}

function incidentFact(incident: IncidentRecord, now: number): FactLine | undefined {
  const state = incidentStateAt(incident, now)
  if (!state || state.isMerged) return undefined
  const { sha, version } = state.alerts[0]?.details ?? {}
  return {
    kind: 'incident',
    source: 'pagerduty',
    id: incident.id,
    service: incident.service.id,
    title: incident.title,
    severity: incident.urgency,
    startedAt: isoSecond(state.startedAt),
    openedAt: isoSecond(incident.createdAt),
    ...(state.acknowledgedAt !== undefined && { acknowledgedAt: isoSecond(state.acknowledgedAt) }),
    ...(state.resolvedAt !== undefined && { resolvedAt: isoSecond(state.resolvedAt) }),
    ...((sha ?? version) !== undefined && { causedBy: { ...(sha && { sha }), ...(version && { version }) } }),
  }
}
