import type { CountedEvents } from './counted-events.ts'

/**
 * The members without repeated copies: a deployment that belongs to several services, or an incident that
 * concerns several services or environments, stays in the first member that has it, with what is said of it
 * anywhere, and with the largest size and age that a deployment has in any of the services. All copies of one thing have the same time, so which one stays moves nothing between windows.
 */
export function withoutCopies(members: readonly CountedEvents[]): readonly CountedEvents[] {
  const hasShared = members.some(
    (member) => member.sharedDeployments.size + member.sharedFailures.size + member.sharedIncidents.size > 0,
  )
  if (members.length < 2 || !hasShared) return members

  const kept = members.map((member) => ({
    ...member,
    deploymentFlags: member.deploymentFlags.slice(),
    incidentAttributed: member.incidentAttributed.slice(),
    deploymentSize: member.deploymentSize.slice(),
    batchAgeMs: member.batchAgeMs.slice(),
    leftOutOfSize: member.leftOutOfSize.slice(),
    leftOutOfAge: member.leftOutOfAge.slice(),
  }))
  const deployments = firstCopies(
    kept,
    (member) => member.sharedDeployments,
    (first, position, copy, at) => {
      kept[first]!.deploymentFlags[position]! |= kept[copy]!.deploymentFlags[at]!
      for (const column of ['deploymentSize', 'batchAgeMs', 'leftOutOfSize', 'leftOutOfAge'] as const) {
        const there = kept[copy]![column][at]!
        const here = kept[first]![column][position]!
        if (!(here >= there) && !Number.isNaN(there)) kept[first]![column][position] = there
      }
    },
  )
  const failures = firstCopies(kept, (member) => member.sharedFailures)
  const incidents = firstCopies(
    kept,
    (member) => member.sharedIncidents,
    (first, position, copy, at) => {
      kept[first]!.incidentAttributed[position]! |= kept[copy]!.incidentAttributed[at]!
    },
  )

  return kept.map((member, index) => ({
    ...member,
    deploymentAt: without(member.deploymentAt, deployments[index]!),
    deploymentFlags: without(member.deploymentFlags, deployments[index]!),
    deploymentSize: without(member.deploymentSize, deployments[index]!),
    batchAgeMs: without(member.batchAgeMs, deployments[index]!),
    leftOutOfSize: without(member.leftOutOfSize, deployments[index]!),
    leftOutOfAge: without(member.leftOutOfAge, deployments[index]!),
    failureAt: without(member.failureAt, failures[index]!),
    failureOpen: without(member.failureOpen, failures[index]!),
    recoveryMs: without(member.recoveryMs, failures[index]!),
    fromDeploymentMs: without(member.fromDeploymentMs, failures[index]!),
    incidentAt: without(member.incidentAt, incidents[index]!),
    incidentAttributed: without(member.incidentAttributed, incidents[index]!),
    incidentMs: without(member.incidentMs, incidents[index]!),
  }))
}

/** For each member the positions that repeat an earlier member's; `join` is told of each repetition. */
function firstCopies(
  members: readonly CountedEvents[],
  keysOf: (member: CountedEvents) => ReadonlyMap<number, string>,
  join?: (first: number, position: number, copy: number, at: number) => void,
): Set<number>[] {
  const firsts = new Map<string, [member: number, position: number]>()
  return members.map((member, index) => {
    const repeated = new Set<number>()
    for (const [position, key] of keysOf(member)) {
      const first = firsts.get(key)
      if (!first) firsts.set(key, [index, position])
      else {
        repeated.add(position)
        join?.(first[0], first[1], index, position)
      }
    }
    return repeated
  })
}

function without<Column extends Float64Array | Uint8Array>(
  column: Column,
  dropped: ReadonlySet<number>,
): Column {
  if (dropped.size === 0) return column
  return column.filter((_, position) => !dropped.has(position)) as Column
}
