import type { Repository } from './repository.ts'

/** What is looked up by sha in a repository; shared by all services and environments of it. */
export interface GraphIndex {
  indexOf: Map<string, number>
  /** Positions of the changes whose merge or head commit this is. */
  changesByTip: Map<number, number[]>
  /** Positions of the changes that list this commit. */
  changesByListed: Map<number, number[]>
  /** 1 where a pull request claims the commit. */
  claimed: Uint8Array
  /** Commits that say which change they came with, by the change's position. */
  broughtBy: Map<number, number[]>
  knowsCommits: boolean
}

export function indexGraph(repository: Repository): GraphIndex {
  const indexOf = new Map<string, number>()
  for (let index = 0; index < repository.shas.length; index += 1) indexOf.set(repository.shas[index]!, index)
  const changesByTip = new Map<number, number[]>()
  const changesByListed = new Map<number, number[]>()
  const broughtBy = new Map<number, number[]>()
  const claimed = new Uint8Array(repository.shas.length)
  const positionOf = new Map<string, number>()
  for (const [position, change] of repository.changes.entries()) {
    positionOf.set(change.id, position)
    if (change.merge >= 0) put(changesByTip, change.merge, position)
    if (change.head >= 0 && change.head !== change.merge) put(changesByTip, change.head, position)
    for (const commit of change.commits) {
      put(changesByListed, commit, position)
      claimed[commit] = 1
    }
  }
  for (const tip of changesByTip.keys()) claimed[tip] = 1
  for (const [commit, id] of repository.changeIds) {
    // It is no change of its own either where its pull request is not known.
    claimed[commit] = 1
    const position = positionOf.get(id)
    if (position !== undefined) put(broughtBy, position, commit)
  }
  const knowsCommits = repository.flags.some((flags) => (flags & 1) !== 0)
  return { indexOf, changesByTip, changesByListed, claimed, broughtBy, knowsCommits }
}

function put(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
