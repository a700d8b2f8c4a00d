import type { Derived, TrackedDeployment } from './derive.ts'
import type { ServiceHistory } from './rollout.ts'

/**
 * A number for each deployment and incident of a history, that changes when anything derived of it does: so a
 * refresh tells that the past stayed as it was without deriving the past once more. 0 for what counts nowhere.
 */
export interface Digests {
  rollouts: Float64Array
  incidents: Float64Array
}

export function digestsOf({ tracks }: Derived, { rollouts, incidents }: ServiceHistory): Digests {
  const positionOf = new Map<unknown, number>()
  for (const [position, rollout] of rollouts.entries()) positionOf.set(rollout, position)
  for (const [position, incident] of incidents.entries()) positionOf.set(incident, position)
  const digests: Digests = {
    rollouts: new Float64Array(rollouts.length),
    incidents: new Float64Array(incidents.length),
  }
  for (const track of tracks) {
    for (const deployment of track.deployments) {
      digests.rollouts[positionOf.get(deployment.rollout)!] = hash(textOf(deployment))
    }
    for (const { incident, rule, deployment, isAttributed } of track.incidents) {
      const attributedTo = track.deployments[deployment]?.rollout.id
      // One number for all environments that it concerns.
      digests.incidents[positionOf.get(incident)!]! += hash(
        `${track.environment} ${rule} ${attributedTo} ${isAttributed}`,
      )
    }
  }
  return digests
}

/** Whether everything that was there before has kept its number. */
export function keepsPast(before: Digests, after: Digests): boolean {
  return isPrefix(before.rollouts, after.rollouts) && isPrefix(before.incidents, after.incidents)
}

function isPrefix(before: Float64Array, after: Float64Array): boolean {
  if (before.length > after.length) return false
  for (let index = 0; index < before.length; index += 1) if (before[index] !== after[index]) return false
  return true
}

/** Everything of a deployment that a point or a window shows, but what its own fact says. */
function textOf({ role, failure, samples }: TrackedDeployment): string {
  let text = `${role.isRollback} ${role.isRework} ${role.isRedeploy}`
  if (failure) {
    const { recovery, incidents } = failure
    text += `|${recovery.state} ${incidents.map(({ incident }) => incident.id).join()}`
    if (recovery.state !== 'unknown') text += ` ${recovery.startedAt}`
    if (recovery.state === 'recovered') text += ` ${recovery.endedAt}`
  }
  for (const sample of samples) {
    text += `|${sample.id} ${sample.source} ${sample.leadTimeMs} ${sample.excluded} ${sample.isBot}`
    text += ` ${sample.codingMs} ${sample.pickupMs} ${sample.reviewMs} ${sample.deployMs} ${sample.size} ${sample.url}`
  }
  return text
}

/** 53 bits by two interleaved multiplicative hashes; never 0. */
function hash(text: string): number {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 2654435761)
    low = Math.imul(low ^ code, 1597334677)
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return 4294967296 * (2097151 & low) + (high >>> 0) + 1
}
