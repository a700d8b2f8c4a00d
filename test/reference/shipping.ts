import { commitKey, type ChangeFact, type CommitFact, type DeploymentFact } from './facts.ts'
import type { Note } from './rules.ts'

/** What is known of the repositories. */
export interface Graph {
  commits: Map<string, CommitFact>
  changes: ChangeFact[]
}

/** A finding of the data-quality list. */
export interface Finding {
  kind: string
  service: string
  environment?: string
  subject: string
  detail: string
}

/** What the successful deployments of one service and environment have shipped so far. */
export interface Shipped {
  /** Each commit with the deployment that first shipped it; history that came with the baseline says so. */
  commits: Map<string, { deployment: DeploymentFact; order: number; beforeBaseline: boolean }>
  /** Each change, by source and id, likewise. */
  changes: Map<string, { deployment: DeploymentFact; order: number; beforeBaseline: boolean }>
  /** Each version with the position of the deployment that first shipped it. */
  versions: Map<string, number>
}

/** One deployment's shipment: the commits that are new, and how they were found. */
export interface Shipment {
  found: 'nothing' | 'baseline' | 'unresolved' | 'pushed' | 'resolved'
  fresh: Set<string>
  changes: ShippedChange[]
}

export type ShippedChange =
  | { kind: 'change'; change: ChangeFact }
  | { kind: 'commit'; commit: CommitFact }
  | { kind: 'unknown'; key: string }

export function changeKey(change: ChangeFact): string {
  return JSON.stringify([change.source, change.id])
}

/** The walk over parents, which does not go beyond what was shipped. */
export function walk(
  graph: Graph,
  starts: string[],
  shipped: (key: string) => boolean,
): { reached: Set<string>; met: boolean; lost: boolean } {
  const reached = new Set<string>()
  const waiting = [...starts]
  let met = false
  let lost = false
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (reached.has(key)) continue
    if (shipped(key)) {
      met = true
      continue
    }
    reached.add(key)
    const commit = graph.commits.get(key)
    if (commit === undefined) {
      lost = true
      continue
    }
    for (const parent of commit.parents) waiting.push(commitKey(commit.repository, parent))
  }
  return { reached, met, lost }
}

/**
 * "a successful deployment ships the commits reachable from its `sha` that no earlier successful deployment
 * to the same service and environment had shipped."
 */
export function freshCommits(
  graph: Graph,
  deployment: DeploymentFact,
  isFirst: boolean,
  shipped: Shipped,
  note: Note,
): { found: Shipment['found']; fresh: Set<string> } {
  const key = deployment.sha === undefined ? null : commitKey(deployment.repository, deployment.sha)
  const range = deployment.range
  const listed = (range?.commits ?? []).map((sha) => commitKey(deployment.repository, sha))
  const base = range === undefined ? null : commitKey(deployment.repository, range.base)
  const wasShipped = (commit: string) => shipped.commits.has(commit)
  const own = key === null ? [] : [key]

  // "A deployment that carries `firstCommitAt` and has no commits to work from (neither its own nor one of
  // its `range` is known) gives one sample from it, the first one too, unless its commit was shipped before;
  // nothing is unresolved then."
  const worksFromNothing = ![...own, ...listed].some((commit) => graph.commits.has(commit))
  if (deployment.firstCommitAt !== undefined && worksFromNothing) {
    if (key !== null && wasShipped(key)) {
      note('pushed: its commit was shipped before')
      return { found: 'nothing', fresh: new Set() }
    }
    note(isFirst ? 'pushed: the first one too' : 'pushed: one sample')
    return { found: 'pushed', fresh: new Set([...own, ...listed].filter((commit) => !wasShipped(commit))) }
  }

  // "The first known successful deployment is the baseline: it ships everything before it, and none of that
  // is a sample."
  if (isFirst) {
    note('baseline')
    const everything = walk(graph, [...own, ...listed, ...(base === null ? [] : [base])], wasShipped)
    return { found: 'baseline', fresh: everything.reached }
  }

  // Without a sha there is nothing to walk from; what was shipped is reachable from what ships it.
  if (key === null || wasShipped(key)) return { found: 'nothing', fresh: new Set() }

  // `range`: "the commits reachable from `sha` and not from `base`. Without it the range is walked over the
  // parents of `commit` facts." "A `range` whose `base` was not shipped is continued by the walk over parents
  // from that base."
  if (base !== null && wasShipped(base)) {
    note('range: base shipped')
    return { found: 'resolved', fresh: new Set([...own, ...listed].filter((commit) => !wasShipped(commit))) }
  }
  const walked = walk(graph, base === null ? own : [base], wasShipped)
  const fresh = new Set([...own, ...listed, ...walked.reached].filter((commit) => !wasShipped(commit)))

  // "If the range cannot be computed (the walk comes to a commit that is neither known nor shipped, or ends
  // without having met anything shipped …), there are no samples … It is never the whole history. What was
  // not sampled counts as shipped from then on."
  if (walked.lost || !walked.met) {
    note(walked.lost ? 'unresolved: unknown commit' : 'unresolved: met nothing shipped')
    if (base !== null) note('unresolved: from the base of a range')
    return { found: 'unresolved', fresh }
  }
  note(base === null ? 'range: walked' : 'range: continued from its base')
  return { found: 'resolved', fresh }
}
