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
  const mixer = createMixer()
  for (const track of tracks) {
    for (const deployment of track.deployments) {
      mixDeployment(mixer, deployment)
      digests.rollouts[positionOf.get(deployment.rollout)!] = mixer.take()
    }
    for (const { incident, rule, deployment, isAttributed } of track.incidents) {
      mixer.text(track.environment)
      mixer.text(rule)
      mixer.text(track.deployments[deployment]?.rollout.id ?? '')
      mixer.number(isAttributed ? 1 : 0)
      // One number for all environments that it concerns.
      digests.incidents[positionOf.get(incident)!]! += mixer.take()
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

/**
 * What of a deployment may change when facts are only added: not its own fact, nor those of its changes. Numbers are
 * mixed by their bits, ids by their letters: writing a text to hash would cost more than deriving.
 */
function mixDeployment(mixer: Mixer, { role, failure, samples, unknownBecause }: TrackedDeployment): void {
  if (unknownBecause !== undefined) mixer.text(unknownBecause)
  mixer.number((role.isRollback ? 1 : 0) | (role.isRework ? 2 : 0) | (role.isRedeploy ? 4 : 0))
  if (failure) {
    const { recovery, incidents } = failure
    mixer.text(recovery.state)
    for (const { incident } of incidents) mixer.text(incident.id)
    if (recovery.state !== 'unknown') mixer.number(recovery.startedAt)
    if (recovery.state === 'recovered') mixer.number(recovery.endedAt)
  }
  for (const { id, leadTimeMs, excluded } of samples) {
    mixer.text(id)
    mixer.number(leadTimeMs ?? -1)
    if (excluded !== undefined) mixer.text(excluded)
  }
}

interface Mixer {
  number(value: number): void
  text(value: string): void
  /** 53 bits of what was mixed, never 0; begins anew. */
  take(): number
}

/** Two interleaved multiplicative hashes. */
function createMixer(): Mixer {
  const float = new Float64Array(1)
  const bits = new Int32Array(float.buffer)
  let high = 0
  let low = 0
  const begin = () => {
    high = 0xdeadbeef | 0
    low = 0x41c6ce57 | 0
  }
  begin()
  const mix = (value: number) => {
    high = Math.imul(high ^ value, 0x9e3779b1)
    low = Math.imul(low ^ value ^ (high >>> 15), 0x5f356495)
  }
  return {
    number(value) {
      float[0] = value
      mix(bits[0]!)
      mix(bits[1]!)
    },
    text(value) {
      for (let index = 0; index < value.length; index += 1) mix(value.charCodeAt(index))
      mix(value.length)
    },
    take() {
      high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35)
      low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35)
      const taken = 4294967296 * (2097151 & low) + (high >>> 0) + 1
      begin()
      return taken
    },
  }
}
