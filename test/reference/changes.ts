import { at, commitKey, type ChangeFact } from './facts.ts'
import type { Note } from './rules.ts'
import { isHotfix, matchesGlob, type Settings } from './settings.ts'
import { changeKey, type Graph, type Shipped, type ShippedChange } from './shipping.ts'

/** Does the commit touch the service's paths? Where it cannot be known, it does not count and is listed. */
export function touches(
  graph: Graph,
  settings: Settings,
  key: string,
  list: (kind: string, subject: string, detail: string) => void,
  note: Note,
): boolean {
  if (settings.paths === null) return true
  const paths = graph.commits.get(key)?.paths
  if (paths === undefined) {
    // "A commit whose paths are unknown does not count where `paths` are configured, and is listed as
    // `paths_unknown`."
    note('paths: unknown')
    list('paths_unknown', key.slice(key.indexOf('@') + 1), 'the paths of this commit are unknown')
    return false
  }
  const globs = settings.paths
  const touched = paths.some((path) => globs.some((glob) => matchesGlob(glob, path)))
  note(touched ? 'paths: touched' : 'paths: not touched')
  return touched
}

/** All keys by which a pull request's commits are known: "(listed, head, merge, or by `commit.change`)". */
export function commitsOf(graph: Graph, change: ChangeFact): Set<string> {
  const keys = new Set<string>()
  for (const commit of change.commits) keys.add(commitKey(change.repository, commit.sha))
  if (change.headSha !== undefined) keys.add(commitKey(change.repository, change.headSha))
  if (change.mergeSha !== undefined) keys.add(commitKey(change.repository, change.mergeSha))
  for (const [key, commit] of graph.commits) {
    if (commit.repository === change.repository && commit.change === change.id) keys.add(key)
  }
  return keys
}

/** "A pull request is shipped by the first deployment that ships its merge commit or its head commit." */
export function newlyShippedChanges(
  graph: Graph,
  shipped: Shipped,
  fresh: Set<string>,
  note: Note,
): ChangeFact[] {
  return graph.changes.filter((change) => {
    const merge = change.mergeSha !== undefined && fresh.has(commitKey(change.repository, change.mergeSha))
    const head = change.headSha !== undefined && fresh.has(commitKey(change.repository, change.headSha))
    if (!merge && !head) return false
    if (shipped.changes.has(changeKey(change))) {
      note('change: shipped before')
      return false
    }
    note(merge ? 'change: by its merge' : 'change: by its head alone')
    return true
  })
}

/** The changes of a shipment whose range is known. */
export function changesOf(
  graph: Graph,
  settings: Settings,
  fresh: Set<string>,
  pulls: ChangeFact[],
  touching: Set<string>,
  note: Note,
): ShippedChange[] {
  const changes: ShippedChange[] = []
  for (const change of pulls) {
    // "With `paths`, a pull request counts if one of its commits … that this deployment ships touches them."
    const counts = settings.paths === null || [...commitsOf(graph, change)].some((key) => touching.has(key))
    if (counts) changes.push({ kind: 'change', change })
    else note('change: touches none of the paths')
  }
  const claimed = new Set(graph.changes.flatMap((change) => [...commitsOf(graph, change)]))
  for (const key of fresh) {
    const commit = graph.commits.get(key)
    // "Every other shipped commit that no pull request claims (as one of its `commits`, its head, its merge,
    // or by `commit.change`) is a change of its own, unless it is a merge commit."
    if (claimed.has(key) || commit?.change !== undefined) {
      note('commit: claimed')
      if (commit?.change !== undefined) note('commit: claimed by its own word')
      continue
    }
    if (commit !== undefined && commit.parents.length > 1) {
      note('commit: merge of no change')
      continue
    }
    if (!touching.has(key)) continue
    note(commit === undefined ? 'commit: listed by a range, not known' : 'commit: a change of its own')
    changes.push(commit === undefined ? { kind: 'unknown', key } : { kind: 'commit', commit })
  }
  return changes
}

/**
 * "all of them are reverts (title or message begins with `Revert "`, but not `Revert "Revert `) or carry a
 * hotfix label or branch"
 */
export function repairs(settings: Settings, shipped: ShippedChange, note: Note): boolean {
  if (shipped.kind === 'unknown') return false
  const text = shipped.kind === 'change' ? shipped.change.title : (shipped.commit.message ?? '')
  if (text.startsWith('Revert "Revert ')) note('rework: a revert of a revert is none')
  else if (text.startsWith('Revert "')) {
    note('rework: a revert')
    return true
  }
  if (shipped.kind === 'commit') return false
  const { labels, branch } = shipped.change
  const hotfix = [...labels, ...(branch === undefined ? [] : [branch])].some((name) =>
    isHotfix(settings, name),
  )
  if (hotfix) note('rework: a hotfix')
  return hotfix
}

/** "Time: first commit authored (the earliest of `change.commits`) → deployment finished." Null: unknown. */
export function clockStart(settings: Settings, shipped: ShippedChange, note: Note): number | null {
  if (shipped.kind === 'unknown') return null
  if (settings.leadTimeFrom !== 'first-commit') note(`lead time: from ${settings.leadTimeFrom}`)
  if (shipped.kind === 'commit') {
    // "(a single commit then counts from `committedAt`)"
    return at(
      settings.leadTimeFrom === 'first-commit' ? shipped.commit.authoredAt : shipped.commit.committedAt,
    )
  }
  if (settings.leadTimeFrom === 'merge') return at(shipped.change.mergedAt)
  if (settings.leadTimeFrom === 'opened') return at(shipped.change.openedAt)
  return firstAuthored(shipped.change)
}

export function firstAuthored(change: ChangeFact): number | null {
  const times = change.commits.map((commit) => at(commit.authoredAt))
  return times.length === 0 ? null : Math.min(...times)
}
