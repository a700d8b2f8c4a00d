import type { Page } from '../extractor.ts'
import { comparisonPages, historyPages } from './commit-pages.ts'
import type { Walk } from './commit-pages.ts'
import { continued } from './cursor.ts'
import { maybeText, nodesOf, present } from './fields.ts'
import { checkpoint, dayMs, lacksPaths } from './reading.ts'
import type { Reading, Repository } from './reading.ts'

/** Branches that were open when history begins are somewhat older than it. */
const marginMs = 30 * dayMs
/** How far back a branch may have been forked and still be connected. */
const deepestMs = 730 * dayMs

/** The commits that the baseline contains, with the parents where what is known of them ends. */
function contained(walk: Walk, baseline: string | undefined): Set<string> {
  const reached = new Set<string>()
  const open = baseline === undefined ? [] : [baseline]
  for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
    if (reached.has(sha)) continue
    reached.add(sha)
    for (const parent of walk.known.get(sha) ?? []) open.push(parent.sha)
  }
  return reached
}

/** When the oldest commit was made that is needed and not known; undefined where nothing is missing. */
function missingAt(walk: Walk, shipped: Set<string>): number | undefined {
  let oldest = Math.min(...walk.needs)
  for (const [sha, parents] of walk.known) {
    if (shipped.has(sha)) continue
    for (const parent of parents) {
      if (walk.known.has(parent.sha) || shipped.has(parent.sha)) continue
      if (parent.at !== undefined) oldest = Math.min(oldest, parent.at)
    }
  }
  return oldest < walk.horizon ? oldest : undefined
}

/**
 * Reads further back until every branch that was merged or deployed is connected to what is known. What the
 * baseline contains needs no ancestors: it is shipped. After a comparison one step is enough, for it gives
 * all of a branch and only where that was forked may be unknown.
 */
async function* deepen(
  reading: Reading,
  repository: Repository,
  walk: Walk,
  head: string,
  steps: number,
): AsyncGenerator<Page> {
  const floor = reading.historyFrom - deepestMs
  const baseline = steps > 1 ? repository.state.baseline?.sha : undefined
  for (let step = 0; step < steps; step += 1) {
    // Without a baseline among what is known nothing tells a branch from the end of history.
    const blind = steps > 1 && !walk.known.has(baseline ?? '')
    const oldest = blind ? Math.min(...walk.needs) : missingAt(walk, contained(walk, baseline))
    if (oldest === undefined || oldest >= walk.horizon) return
    const since = Math.max(oldest - dayMs, floor)
    if (since < walk.horizon)
      yield* historyPages(reading, repository, walk, { head, since, until: walk.horizon })
    walk.horizon = Math.min(walk.horizon, since)
    walk.needs = []
    if (oldest - dayMs >= floor) continue
    const reason = `a branch goes back to ${new Date(oldest).toISOString()}, further than history is read`
    yield { facts: [], skipped: [{ row: `${repository.name} commits`, reason }] }
    return
  }
}

/** Deployed commits that are not known: production first, then the newest, at most as many as may be. */
async function unknown(reading: Reading, repository: Repository, walk: Walk): Promise<string[]> {
  const missing = (repository.state.wanted ?? []).filter((each) => !walk.known.has(each.sha))
  if (missing.length === 0) return []
  const stored = await reading.stored('commit')
  const unseen = missing.filter((each) => !stored.has(`${repository.name}@${each.sha}`))
  unseen.sort((a, b) => Number(b.production) - Number(a.production) || b.at - a.at)
  return unseen.map((each) => each.sha)
}

/** Commits that were deployed from elsewhere than the default branch: hotfix and feature branches. */
async function* offBranch(
  reading: Reading,
  repository: Repository,
  walk: Walk,
  head: string,
): AsyncGenerator<Page> {
  const shas = await unknown(reading, repository, walk)
  const limit = reading.settings.comparisons
  for (const sha of shas.slice(0, limit)) {
    if (walk.known.has(sha)) continue
    const found = yield* comparisonPages(reading, repository, walk, { base: head, head: sha })
    if (found) continue
    yield {
      facts: [],
      skipped: [{ row: `${repository.name}@${sha}`, reason: 'deployed, but GitHub has no such commit' }],
    }
  }
  if (shas.length > limit) {
    const reason = `${shas.length - limit} deployed commits were not looked up (comparisons: ${limit})`
    yield { facts: [], skipped: [{ row: `${repository.name} commits`, reason }] }
  }
}

async function storedShas(reading: Reading, name: string): Promise<string[]> {
  const ids = await reading.since.stored('commit', 0)
  return ids.filter((id) => id.startsWith(`${name}@`)).map((id) => id.slice(name.length + 1))
}

/** Stored commits whose files are known, if any can be. */
async function withPaths(reading: Reading, repository: Repository): Promise<Set<string>> {
  const { wantsPaths, state, name } = repository
  if (!wantsPaths || lacksPaths(repository)) return new Set()
  const stored = new Set(await storedShas(reading, name))
  for (const sha of state.pathless ?? []) stored.delete(sha)
  return stored
}

/**
 * The commits whose files are to be asked for: the newest of this walk, then what is left of earlier refreshes.
 * Where files were not wanted before, every stored commit is: some are of branches that the walk does not come to.
 */
async function pathless(reading: Reading, { name, state }: Repository, walk: Walk): Promise<string[]> {
  const fresh = [...walk.pathless].sort(([, a], [, b]) => b - a).map(([sha]) => sha)
  const left = [...(state.pathless ?? [])]
  if (state.commits && !state.commits.paths) left.push(...(await storedShas(reading, name)))
  return [...new Set([...fresh, ...left.filter((sha) => !walk.known.has(sha))])]
}

/**
 * Commits of the default branch, and of what was deployed from elsewhere. The first refresh reads history;
 * later ones compare the branch's new head with the one that is known.
 */
export async function* readCommits(reading: Reading, repository: Repository): AsyncGenerator<Page> {
  const { client } = reading
  const { name, state } = repository
  const from = reading.historyFrom - marginMs
  const { wantsPaths } = repository
  const stream = lacksPaths(repository) ? undefined : continued(state.commits, from)
  const about = { repository: name, permission: 'Contents: read' }
  const wanted = state.wanted !== undefined
  // Asking an empty repository always counts against the limit; what is deployed shows that it is none.
  if (state.empty && !wanted && reading.sweepFrom === undefined) return
  const probe = await client.get(`/repos/${name}/commits?per_page=1`, about, { etag: stream?.etag })
  const head = probe.state === 'unchanged' ? stream?.head : maybeText(nodesOf(probe.data)[0], 'sha')
  state.empty = head === undefined
  if (head === undefined) return
  if (stream) stream.at = reading.startAt
  if (stream && probe.state === 'unchanged' && !wanted) return
  const walk: Walk = {
    known: new Map(),
    horizon: stream?.from ?? from,
    needs: [],
    pathless: new Map(),
    withPaths: await withPaths(reading, repository),
  }
  let connected = stream !== undefined
  if (stream && stream.head !== head)
    connected = yield* comparisonPages(reading, repository, walk, { base: stream.head, head })
  // A force-push may have taken the known head away.
  if (!connected) yield* historyPages(reading, repository, walk, { head, since: walk.horizon })
  yield* offBranch(reading, repository, walk, head)
  yield* deepen(reading, repository, walk, head, connected ? 1 : 8)
  const etag = probe.etag ?? stream?.etag
  delete state.wanted
  if (wantsPaths) state.pathless = await pathless(reading, repository, walk)
  state.commits = {
    at: reading.startAt,
    from: walk.horizon,
    head,
    ...present({ etag }),
    ...(wantsPaths && { paths: true }),
  }
  yield checkpoint(reading)
}
