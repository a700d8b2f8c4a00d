import type { BotChoices } from '../core/bots.ts'
import { rangeOf } from './counted-events.ts'
import type { MergedChange } from './merged-changes.ts'

/** The merged changes of one service in columns, ordered by merge: what windows count of them. */
export interface MergedEvents {
  repositories: string[]
  at: Float64Array
  /** Bits: by a bot, large, on a weekend, hotfix, labelled. */
  flags: Uint8Array
  /** Of repository and id: with the instant it tells which changes of two services are the same one. */
  key: Float64Array
}

const byBot = 1
export const large = 2
export const weekend = 4
export const hotfix = 8
export const labelled = 16
/** In counted flags: of all that is merged, and of what the labelled are a share of. */
export const merged = 1
export const ofLabelled = 32
export const leftOutOfMerged = 64

export function mergedEvents(
  changes: readonly MergedChange[],
  repositories: readonly string[],
): MergedEvents {
  const events: MergedEvents = {
    repositories: [...repositories],
    at: new Float64Array(changes.length),
    flags: new Uint8Array(changes.length),
    key: new Float64Array(changes.length),
  }
  for (const [row, { repository, change, isLarge, isWeekend, isHotfix, isLabelled }] of changes.entries()) {
    events.at[row] = change.mergedAt
    events.flags[row] =
      (change.isBot ? byBot : 0) |
      (isLarge ? large : 0) |
      (isWeekend ? weekend : 0) |
      (isHotfix ? hotfix : 0) |
      (isLabelled ? labelled : 0)
    events.key[row] = keyOf(repository, change.id)
  }
  return events
}

/** 53 bits: two multiplicative hashes over the letters. */
function keyOf(repository: string, id: string): number {
  let high = 0x9e37_79b1
  let low = 0x85eb_ca6b
  const mix = (text: string) => {
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index)
      high = Math.imul(high ^ unit, 0x85eb_ca77)
      low = Math.imul(low ^ unit, 0xc2b2_ae3d) ^ (high >>> 15)
    }
  }
  mix(repository)
  mix('\n')
  mix(id)
  return (high >>> 0) + (low & 0x1f_ffff) * 0x1_0000_0000
}

/** Merged changes of what was observed, with flags that say in what each of them counts. */
export function countedMerges(
  { repositories, at, flags, key }: MergedEvents,
  { from, until }: { from: number; until: number },
  bots: BotChoices,
): MergedEvents {
  const range = rangeOf(at, from, until)
  const countedFlags = flags.slice(...range)
  for (let row = 0; row < countedFlags.length; row += 1)
    countedFlags[row] = countedFlag(countedFlags[row]!, bots)
  return { repositories, at: at.subarray(...range), key: key.subarray(...range), flags: countedFlags }
}

function countedFlag(flag: number, bots: BotChoices): number {
  const counts = (choice: string) => (flag & byBot) === 0 || choice === 'included'
  return (
    (counts(bots.merged) ? merged | (flag & (large | weekend)) : leftOutOfMerged) |
    (counts(bots.hotfixes) ? flag & hotfix : 0) |
    (counts(bots.labelledFailRate) ? ofLabelled | (flag & labelled) : 0)
  )
}

/**
 * The merged changes of a pool, each once. Environments of one service have the very same ones; services have some in
 * common where they share a repository: then a change counts in what it counts in for any of them.
 */
export function pooledMerges(given: readonly MergedEvents[]): readonly MergedEvents[] {
  const services = [...new Set(given)]
  const users = new Map<string, number>()
  for (const { repositories } of services) {
    for (const name of repositories) users.set(name, (users.get(name) ?? 0) + 1)
  }
  const firsts = new Map<string, { flags: Uint8Array; row: number }>()
  return services.map((service) => {
    if (!service.repositories.some((name) => users.get(name)! > 1)) return service
    const { repositories, at, key } = service
    const flags = service.flags.slice()
    const kept: number[] = []
    for (let row = 0; row < at.length; row += 1) {
      const identity = `${at[row]} ${key[row]}`
      const first = firsts.get(identity)
      if (first) {
        const flag = first.flags[first.row]! | flags[row]!
        first.flags[first.row] = flag & merged ? flag & ~leftOutOfMerged : flag
      } else {
        firsts.set(identity, { flags, row: kept.length })
        flags[kept.length] = flags[row]!
        kept.push(row)
      }
    }
    return {
      repositories,
      at: Float64Array.from(kept, (row) => at[row]!),
      key: Float64Array.from(kept, (row) => key[row]!),
      flags: flags.subarray(0, kept.length),
    }
  })
}
