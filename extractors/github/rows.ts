import { Rejected } from '../../core/errors.ts'
import type { Change, Commit } from '../../core/fact.ts'
import {
  instant,
  maybeInstant,
  maybeText,
  maybeWhole,
  member,
  nodesOf,
  present,
  text,
  whole,
} from './fields.ts'
import type { Row } from './fields.ts'

/** Where a row comes from: the configured name of the source and `owner/name`. */
export interface Origin {
  source: string
  repository: string
  /** The default branch, where it is known. */
  branch?: string
}

/** GraphQL gives bots a type, REST too, and both have logins and names that end in `[bot]`. */
function isBot(user: Row | undefined): boolean {
  if (maybeText(user, '__typename', 'type') === 'Bot') return true
  const name = maybeText(user, 'login', 'name') ?? ''
  return name.endsWith('[bot]') || (maybeText(user, 'email') ?? '').includes('[bot]@')
}

/** The commits of a pull request: `commit{oid authoredDate}` nodes, or REST commits. Broken ones are left out. */
export function pullRequestCommits(rows: Row[]): { sha: string; authoredAt: number }[] {
  const commits: { sha: string; authoredAt: number }[] = []
  for (const row of rows) {
    const commit = member(row, 'commit') ?? row
    const sha = maybeText(commit, 'oid') ?? maybeText(row, 'sha')
    const authoredAt = maybeInstant(commit, 'authoredDate') ?? maybeInstant(member(commit, 'author'), 'date')
    if (sha !== undefined && authoredAt !== undefined) commits.push({ sha, authoredAt })
  }
  return commits
}

/** The first review by a human who is not the author; a pending review was not submitted yet. */
function firstReviewAt(reviews: Row[], author: string): number | undefined {
  const times: number[] = []
  for (const review of reviews) {
    const reviewer = member(review, 'author') ?? member(review, 'user')
    const login = maybeText(reviewer, 'login')
    if (login === undefined || login === author || isBot(reviewer)) continue
    const at = maybeInstant(review, 'submittedAt', 'submitted_at')
    if (at !== undefined) times.push(at)
  }
  return times.length === 0 ? undefined : Math.min(...times)
}

function approvedAt(row: Row): number | undefined {
  const approvals = nodesOf(row['approvals'])
  const rows =
    approvals.length > 0 ? approvals : nodesOf(row['reviews']).filter((each) => each['state'] === 'APPROVED')
  const times = rows.map((each) => maybeInstant(each, 'submittedAt', 'submitted_at'))
  return times.filter((at) => at !== undefined).sort((a, b) => a - b)[0]
}

/**
 * A merged pull request, from GraphQL or REST (where commits and reviews may be put beside it). Throws
 * Rejected for one that is not merged. First commit times are author dates: a rebase rewrites the
 * committer's.
 */
export function changeFact(row: Row, origin: Origin): Change {
  const number = whole(row, 'number')
  const mergedAt = maybeInstant(row, 'mergedAt', 'merged_at')
  if (mergedAt === undefined) throw new Rejected('not merged')
  const user = member(row, 'author') ?? member(row, 'user')
  // The account of a deleted user is called ghost on every page of GitHub.
  const author = maybeText(user, 'login') ?? 'ghost'
  const ready = nodesOf(row['timelineItems']).map((item) => maybeInstant(item, 'createdAt'))
  const commits = pullRequestCommits(nodesOf(row['commits']))
  return {
    kind: 'change',
    source: origin.source,
    id: `${origin.repository}!${number}`,
    repository: origin.repository,
    number,
    title: maybeText(row, 'title') ?? '',
    author,
    isBot: isBot(user),
    labels: nodesOf(row['labels']).flatMap((label) => maybeText(label, 'name') ?? []),
    openedAt: instant(row, 'createdAt', 'created_at'),
    mergedAt,
    commits,
    ...present({
      branch: maybeText(row, 'headRefName') ?? maybeText(member(row, 'head'), 'ref'),
      readyAt: ready.at(-1),
      firstReviewAt: firstReviewAt(nodesOf(row['reviews']), author),
      approvedAt: approvedAt(row),
      headSha: maybeText(row, 'headRefOid') ?? maybeText(member(row, 'head'), 'sha'),
      mergeSha: maybeText(member(row, 'mergeCommit'), 'oid') ?? maybeText(row, 'merge_commit_sha'),
      additions: maybeWhole(row, 'additions'),
      deletions: maybeWhole(row, 'deletions'),
      changedFiles: maybeWhole(row, 'changedFiles', 'changed_files'),
      url: row['html_url'] === undefined ? maybeText(row, 'url') : maybeText(row, 'html_url'),
    }),
  }
}

/** The merged pull request that brought a commit in: one into the default branch goes before others. */
function changeOf(row: Row, origin: Origin): string | undefined {
  const merged = nodesOf(row['associatedPullRequests']).filter(
    (each) =>
      each['merged'] === true &&
      (maybeText(member(each, 'repository'), 'nameWithOwner') ?? origin.repository).toLowerCase() ===
        origin.repository.toLowerCase(),
  )
  const chosen = merged.find((each) => maybeText(each, 'baseRefName') === origin.branch) ?? merged[0]
  const number = maybeWhole(chosen, 'number')
  return number === undefined ? undefined : `${origin.repository}!${number}`
}

/** A commit of a history (GraphQL) or of a comparison (REST). */
export function commitFact(row: Row, origin: Origin): Commit {
  const sha = text(row, 'oid', 'sha')
  const rest = member(row, 'commit')
  const signed = member(rest ?? row, 'author')
  const user = rest ? member(row, 'author') : member(signed, 'user')
  const parents = nodesOf(row['parents']).flatMap((parent) => maybeText(parent, 'oid', 'sha') ?? [])
  if (row['parents'] === undefined) throw new Rejected('parents are missing')
  return {
    kind: 'commit',
    source: origin.source,
    id: `${origin.repository}@${sha}`,
    repository: origin.repository,
    sha,
    parents,
    authoredAt: maybeInstant(row, 'authoredDate') ?? instant(signed ?? {}, 'date'),
    committedAt: maybeInstant(row, 'committedDate') ?? instant(member(rest, 'committer') ?? {}, 'date'),
    isBot: isBot(user) || isBot(signed),
    ...present({
      author: maybeText(user, 'login') ?? maybeText(signed, 'name'),
      message: maybeText(rest ?? row, 'message'),
      change: changeOf(row, origin),
    }),
  }
}
