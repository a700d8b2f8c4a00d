import { actorNode } from './github-actor-node.ts'
import { byIndex, connection, type PageArguments } from './github-connection.ts'
import { isoSecond, nodeId } from './github-ids.ts'
import { isoOrNull } from './github-shapes.ts'
import type { RepositoryView } from './github-view.ts'
import type { CommitRecord, PullRequest, Review } from './model.ts'

type CommitNode = (view: RepositoryView, commit: CommitRecord, html: string) => object

/** A pull request; how a commit looks is the caller's. */
export function pullNode(
  view: RepositoryView,
  pull: PullRequest,
  html: string,
  commitNode: CommitNode,
): object {
  const { id, fullName, name } = view.repository
  const state = view.stateOf(pull)
  return {
    __typename: 'PullRequest',
    id: nodeId('PR', id, pull.id),
    databaseId: pull.id,
    number: pull.number,
    title: pull.title,
    url: `${html}/${fullName}/pull/${pull.number}`,
    state: state.state,
    isDraft: state.isDraft,
    merged: state.mergedAt !== undefined,
    closed: state.closedAt !== undefined,
    author: () => actorNode(pull.author, html),
    mergedBy: () => (state.mergedAt !== undefined && pull.mergedBy ? actorNode(pull.mergedBy, html) : null),
    createdAt: isoSecond(pull.openedAt),
    updatedAt: isoSecond(state.updatedAt),
    closedAt: isoOrNull(state.closedAt),
    mergedAt: isoOrNull(state.mergedAt),
    baseRefName: pull.base,
    headRefName: pull.branch,
    headRefOid: state.head.sha,
    mergeCommit: () => (state.mergeCommit ? commitNode(view, state.mergeCommit, html) : null),
    additions: pull.additions,
    deletions: pull.deletions,
    changedFiles: pull.paths.length,
    repository: () => ({ nameWithOwner: fullName, id: nodeId('R', id, id), name }),
    labels: (page: PageArguments) =>
      connection('labels', pull.labels, page, byIndex, (label) => ({
        id: label,
        name: label,
        color: 'ededed',
      })),
    commits: (page: PageArguments) =>
      connection('commits', state.commits, page, byIndex, (commit) => ({
        __typename: 'PullRequestCommit',
        id: nodeId('C', id, `${pull.number}-${commit.sha}`),
        commit: () => commitNode(view, commit, html),
      })),
    files: (page: PageArguments) =>
      connection('files', pull.paths, page, byIndex, (path) => ({
        path,
        changeType: 'MODIFIED',
        additions: 6,
        deletions: 2,
      })),
    reviews: (page: PageArguments & { states?: string[] }) => {
      const wanted = page.states
      const list = state.reviews.filter((review) => !wanted || wanted.includes(review.state))
      return connection('reviews', list, page, byIndex, (review) => reviewNode(id, review, html))
    },
    timelineItems: (page: PageArguments & { itemTypes?: string[] }) => {
      const events = timelineOf(view, pull).filter(
        ({ type }) => !page.itemTypes || page.itemTypes.includes(type),
      )
      return connection('timelineItems', events, page, byIndex, ({ type, typename, at }) => ({
        __typename: typename,
        id: nodeId('PR', id, `${pull.id}-${type}`),
        createdAt: isoSecond(at),
        actor: () => actorNode(pull.author, html),
      }))
    },
  }
}

function reviewNode(repositoryId: number, review: Review, html: string): object {
  return {
    __typename: 'PullRequestReview',
    id: nodeId('PRR', repositoryId, review.id),
    author: () => actorNode(review.author, html),
    state: review.state,
    submittedAt: isoSecond(review.submittedAt),
    createdAt: isoSecond(review.submittedAt),
  }
}

function timelineOf(
  view: RepositoryView,
  pull: PullRequest,
): { type: string; typename: string; at: number }[] {
  const { readyAt, mergedAt, closedAt } = view.stateOf(pull)
  const ready = { type: 'READY_FOR_REVIEW_EVENT', typename: 'ReadyForReviewEvent', at: readyAt }
  const merged = { type: 'MERGED_EVENT', typename: 'MergedEvent', at: mergedAt }
  const closed = { type: 'CLOSED_EVENT', typename: 'ClosedEvent', at: closedAt }
  return [ready, merged, closed].flatMap(({ at, ...event }) => (at === undefined ? [] : [{ ...event, at }]))
}
