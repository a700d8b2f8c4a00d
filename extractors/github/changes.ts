import type { Change } from '../../core/fact.ts'
import type { Page } from '../extractor.ts'
import { notePullRequest } from './commit-files.ts'
import { continued } from './cursor.ts'
import { isBefore, maybeText, member, nodesOf, present } from './fields.ts'
import type { Row } from './fields.ts'
import { mapped, pageOf, slices } from './pages.ts'
import * as queries from './queries.ts'
import { checkpoint, lacksPaths, originOf, ownerAndName } from './reading.ts'
import type { Reading, Repository } from './reading.ts'
import { changeFact, pullRequestCommits } from './rows.ts'

const permission = 'Pull requests: read'

/** The commits of a pull request beyond its first hundred. */
async function furtherCommits(reading: Reading, repository: string, row: Row): Promise<Change['commits']> {
  const info = member(row, 'commits', 'pageInfo')
  const id = maybeText(row, 'id')
  const after = maybeText(info, 'endCursor')
  if (info?.['hasNextPage'] !== true || id === undefined || after === undefined) return []
  const path = ['node', 'commits']
  const query = { document: queries.pullRequestCommits, variables: { id }, path, first: 100, after }
  const commits: Change['commits'] = []
  for await (const { rows } of slices(reading.client, query, { repository, permission }))
    commits.push(...pullRequestCommits(rows))
  return commits
}

/** Merged pull requests, the latest updated first, until those of the last refresh. */
export async function* readChanges(reading: Reading, repository: Repository): AsyncGenerator<Page> {
  const { client, historyFrom, sweepFrom } = reading
  const { name, state } = repository
  const about = { repository: name, permission }
  const { wantsPaths } = repository
  // Read again together with the history of commits, for it has their files.
  const again = lacksPaths(repository) && state.empty !== true
  const stream = again ? undefined : continued(state.changes, historyFrom)
  const list = `/repos/${name}/pulls?state=closed&sort=updated&direction=desc&per_page=1`
  const etag = sweepFrom === undefined ? stream?.etag : undefined
  const probe = await client.get(list, about, { etag })
  const known = { from: Math.min(historyFrom, stream?.from ?? historyFrom), at: reading.startAt }
  // The list changes with every push to the repository, not only with its pull requests.
  const newest = nodesOf(probe.data)[0]
  const stale = newest !== undefined && isBefore(stream?.at ?? 0, newest, 'updated_at')
  if (stream && (probe.state === 'unchanged' || (stale && sweepFrom === undefined))) {
    state.changes = { ...stream, ...known, ...present({ etag: probe.etag ?? stream.etag }) }
    return
  }
  const until = Math.min(stream?.at ?? historyFrom, sweepFrom ?? Number.POSITIVE_INFINITY)
  const query = {
    document: wantsPaths ? queries.pullRequestsWithFiles : queries.pullRequests,
    variables: ownerAndName(name),
    path: ['repository', 'pullRequests'],
    first: 50,
  }
  for await (const { rows, data, skipped } of slices(client, query, about)) {
    const branch = maybeText(member(data, 'repository', 'defaultBranchRef'), 'name')
    if (branch !== undefined) state.branch = branch
    const origin = originOf(reading, repository)
    const page = mapped(rows, name, (row) => changeFact(row, origin))
    const byNumber = new Map(rows.map((row) => [row['number'], row]))
    for (const fact of page.facts) {
      reading.seen.change.add(fact.id)
      const row = byNumber.get(fact.number) ?? {}
      fact.commits.push(...(await furtherCommits(reading, name, row)))
      if (wantsPaths) notePullRequest(repository, row, fact)
    }
    yield pageOf(page.facts, [...skipped, ...page.skipped])
    if (rows.some((row) => isBefore(until, row, 'updatedAt'))) break
  }
  state.changes = { ...known, ...present({ etag: probe.etag }) }
  yield checkpoint(reading)
}
