import { commitKey, type DeploymentFact } from './facts.ts'
import type { Note } from './rules.ts'
import { walk, type Graph, type Shipped } from './shipping.ts'

/** Its commit is the live one; "Where there is no sha, the same by version." */
export function sameContent(deployment: DeploymentFact, live: DeploymentFact, note: Note): boolean {
  if (deployment.sha !== undefined && live.sha !== undefined) {
    return deployment.sha === live.sha && deployment.repository === live.repository
  }
  const same = deployment.version !== undefined && deployment.version === live.version
  if (same) note('live: the same version')
  return same
}

/**
 * "it is a **rollback** if it succeeded and its commit was shipped before (deployed, or contained in what
 * was), is not the live one, and does not contain the live one (by the graph where both commits are known,
 * else: was first shipped before the live one was). … Where there is no sha, the same by version."
 */
export function goesBack(
  deployment: DeploymentFact,
  live: DeploymentFact,
  graph: Graph,
  shipped: Shipped,
  note: Note,
): boolean {
  if (deployment.sha !== undefined && live.sha !== undefined) {
    const own = commitKey(deployment.repository, deployment.sha)
    const other = commitKey(live.repository, live.sha)
    const ownShipped = shipped.commits.get(own)
    const otherShipped = shipped.commits.get(other)
    if (ownShipped === undefined || otherShipped === undefined) return false
    if (graph.commits.has(own) && graph.commits.has(other)) {
      const containsLive = walk(graph, [own], () => false).reached.has(other)
      note(containsLive ? 'rollback: not, it contains the live one' : 'rollback: by the graph')
      return !containsLive
    }
    const before = ownShipped.order < otherShipped.order
    note(before ? 'rollback: by the order' : 'rollback: not, by the order')
    return before
  }
  if (deployment.version === undefined || live.version === undefined) return false
  const own = shipped.versions.get(deployment.version)
  const other = shipped.versions.get(live.version)
  if (own === undefined || other === undefined) return false
  note(own < other ? 'rollback: by the version' : 'rollback: not, by the version')
  return own < other
}
