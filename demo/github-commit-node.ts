import { userNode } from './github-actor-node.ts'
import { byIndex, connection, type PageArguments } from './github-connection.ts'
import { isoSecond, nodeId } from './github-ids.ts'
import { pullNode } from './github-pull-node.ts'
import type { RepositoryView } from './github-view.ts'
import type { CommitRecord } from './model.ts'

/** A commit. What has commits is handed this function, so that the files need not know each other. */
export function commitNode(view: RepositoryView, commit: CommitRecord, html: string): object {
  const { id, fullName, name } = view.repository
  const { author, message, sha } = commit
  const email = `${author.id}+${author.login}@users.noreply.example.com`
  const node = (each: CommitRecord) => commitNode(view, each, html)
  return {
    __typename: 'Commit',
    id: nodeId('C', id, sha),
    oid: sha,
    abbreviatedOid: sha.slice(0, 7),
    url: `${html}/${fullName}/commit/${sha}`,
    message,
    messageHeadline: message.split('\n')[0],
    authoredDate: () => isoSecond(commit.authoredAt),
    committedDate: () => isoSecond(commit.committedAt),
    author: () => ({
      name: author.name,
      email,
      date: isoSecond(commit.authoredAt),
      user: () => userNode(author, html),
    }),
    committer: () => ({
      name: 'GitHub',
      email: 'noreply@example.com',
      date: isoSecond(commit.committedAt),
      user: null,
    }),
    additions: commit.paths.length * 6,
    deletions: commit.paths.length * 2,
    changedFilesIfAvailable: commit.paths.length,
    repository: () => ({ nameWithOwner: fullName, id: nodeId('R', id, id), name }),
    parents: (page: PageArguments) => connection('parents', commit.parents, page, byIndex, node),
    history(page: PageArguments & { since?: string; until?: string }) {
      const since = page.since ? Date.parse(page.since) : Number.NEGATIVE_INFINITY
      const until = page.until ? Date.parse(page.until) : Number.POSITIVE_INFINITY
      const list = view
        .history(commit)
        .filter((each) => each.committedAt >= since && each.committedAt <= until)
      return connection('history', list, page, byIndex, node)
    },
    associatedPullRequests(page: PageArguments) {
      const pulls = commit.pull ? [commit.pull] : []
      return connection('associatedPullRequests', pulls, page, byIndex, (each) =>
        pullNode(view, each, html, commitNode),
      )
    },
  }
}
