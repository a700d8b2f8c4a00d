import type { Commit } from '../../core/fact.ts'
import type { Page, Skipped } from '../extractor.ts'
import { pathsOf } from './commit-files.ts'
import { maybeInstant, maybeText, member, nodesOf } from './fields.ts'
import type { Row } from './fields.ts'
import { mapped, nodesById, pageOf, slices } from './pages.ts'
import * as queries from './queries.ts'
import { cursorOf, originOf, ownerAndName } from './reading.ts'
import type { Reading, Repository } from './reading.ts'
import { commitFact } from './rows.ts'

const permission = 'Contents: read'

/** The commits that a refresh has come to know, to see what is still missing between them. */
export interface Walk {
  known: Map<string, { sha: string; at: number | undefined }[]>
  /** Epoch ms: commits of the default branch from here on are known. */
  horizon: number
  /** Instants of commits that turned out to be needed. */
  needs: number[]
  /** When each commit was made whose files are wanted and were not told with it. */
  pathless: Map<string, number>
  /** Stored with their files: told again by a history they would lose them. */
  withPaths: ReadonlySet<string>
}

function note(walk: Walk, rows: Row[], facts: Commit[]): void {
  const dated = new Map<string, number>()
  for (const parent of rows.flatMap((row) => nodesOf(row['parents']))) {
    const sha = maybeText(parent, 'oid')
    const at = Date.parse(maybeText(parent, 'committedDate') ?? '')
    if (sha !== undefined && Number.isFinite(at)) dated.set(sha, at)
  }
  for (const fact of facts)
    walk.known.set(
      fact.sha,
      fact.parents.map((sha) => ({ sha, at: dated.get(sha) })),
    )
}

/** Commits as they are told, and where files are wanted with those of pull requests; the others are kept for later. */
function commitPage(
  reading: Reading,
  repository: Repository,
  walk: Walk,
  { facts, skipped }: { facts: Commit[]; skipped: Skipped[] },
): Page {
  if (!repository.wantsPaths) return pageOf(facts, skipped)
  const { state } = repository
  const pathless = new Set(state.pathless)
  const fresh = facts.filter(({ sha }) => !walk.withPaths.has(sha))
  for (const fact of fresh) {
    const paths = pathsOf(repository, fact)
    if (paths) fact.paths = paths
    else {
      walk.pathless.set(fact.sha, fact.committedAt)
      pathless.add(fact.sha)
    }
  }
  state.pathless = [...pathless]
  // In the same transaction as the commits: what is stored need not be told again.
  return { ...pageOf(fresh, skipped), cursor: cursorOf(reading) }
}

/** Commits reachable from `head` that were committed in [since, until), newest first. */
export async function* historyPages(
  reading: Reading,
  repository: Repository,
  walk: Walk,
  range: { head: string; since: number; until?: number },
): AsyncGenerator<Page> {
  const variables = {
    ...ownerAndName(repository.name),
    head: range.head,
    since: new Date(range.since).toISOString(),
    ...(range.until !== undefined && { until: new Date(range.until).toISOString() }),
  }
  const path = ['repository', 'object', 'history']
  const query = { document: queries.history, variables, path, first: 100 }
  for await (const slice of slices(reading.client, query, { repository: repository.name, permission })) {
    const branch = maybeText(member(slice.data, 'repository', 'defaultBranchRef'), 'name')
    if (branch !== undefined) repository.state.branch = branch
    const origin = originOf(reading, repository)
    const { facts, skipped } = mapped(slice.rows, repository.name, (row) => commitFact(row, origin))
    note(walk, slice.rows, facts)
    yield commitPage(reading, repository, walk, { facts, skipped: [...slice.skipped, ...skipped] })
  }
}

/**
 * The commits reachable from `head` and not from `base`, whatever their dates: a history since some instant
 * would lack those of an old branch that was merged lately. Returns false where one of the two is gone.
 */
export async function* comparisonPages(
  reading: Reading,
  repository: Repository,
  walk: Walk,
  range: { base: string; head: string },
): AsyncGenerator<Page, boolean> {
  const about = { repository: repository.name, permission }
  const path = `/repos/${repository.name}/compare/${range.base}...${range.head}?per_page=100`
  let page: string | undefined
  do {
    const url = page === undefined ? path : `${path}&page=${page}`
    const answer = await reading.client.get(url, about, { mayBeGone: true })
    if (answer.state !== 'ok') return false
    const comparison = member(answer.data) ?? {}
    const rest = nodesOf(comparison['commits'])
    // REST does not say which pull request a commit came in with, nor how old its parents are.
    const ids = rest.map((row) => maybeText(row, 'node_id') ?? '')
    const nodes = await nodesById(reading.client, queries.commitNodes, ids, about)
    const rows = rest.map((row, at) => nodes[at] ?? row)
    const origin = originOf(reading, repository)
    const { facts, skipped } = mapped(rows, repository.name, (row) => commitFact(row, origin))
    note(walk, rows, facts)
    if (facts.length > 0 || skipped.length > 0)
      yield commitPage(reading, repository, walk, { facts, skipped })
    if (comparison['ahead_by'] === 0) {
      const base = member(comparison, 'merge_base_commit', 'commit', 'committer')
      const at = maybeInstant(base, 'date')
      if (at !== undefined && !walk.known.has(range.head)) walk.needs.push(at)
    }
    page = answer.next
  } while (page !== undefined)
  return true
}
