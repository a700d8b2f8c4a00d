import { claim, isKnown, type Repository } from './repository.ts'

/** What is looked up by sha in a repository; shared by all services and environments of it. */
export interface GraphIndex {
  indexOf: Map<string, number>
  /** Positions of the changes whose merge or head commit this is. */
  changesByTip: Map<number, number[]>
  /** Positions of the changes that list this commit. */
  changesByListed: Map<number, number[]>
  /** Commits that say which change they came with, by the change's id. */
  broughtBy: Map<string, number[]>
  /** Positions of the changes by their id. */
  positionOf: Map<string, number>
  knowsCommits: boolean
}

export function indexGraph(repository: Repository): GraphIndex {
  const graph: GraphIndex = {
    indexOf: new Map(),
    changesByTip: new Map(),
    changesByListed: new Map(),
    broughtBy: new Map(),
    positionOf: new Map(),
    knowsCommits: false,
  }
  const { shas, changes } = repository
  for (let index = 0; index < shas.length; index += 1) graph.indexOf.set(shas[index]!, index)
  for (let position = 0; position < changes.length; position += 1) indexChange(repository, graph, position)
  for (let index = 0; index < shas.length; index += 1) {
    if (isKnown(repository, index)) indexCommit(repository, graph, index)
  }
  return graph
}

export function indexChange(repository: Repository, graph: GraphIndex, position: number): void {
  const { id, merge, head, commits } = repository.changes[position]!
  graph.positionOf.set(id, position)
  if (merge >= 0) put(graph.changesByTip, merge, position)
  if (head >= 0 && head !== merge) put(graph.changesByTip, head, position)
  if (merge >= 0) claim(repository, merge)
  if (head >= 0) claim(repository, head)
  for (const commit of commits) {
    put(graph.changesByListed, commit, position)
    claim(repository, commit)
  }
}

export function indexCommit(repository: Repository, graph: GraphIndex, index: number): void {
  graph.knowsCommits = true
  const id = repository.changeIds.get(index)
  if (id === undefined) return
  // It is no change of its own either where its pull request is not known.
  claim(repository, index)
  put(graph.broughtBy, id, index)
}

function put<Key>(map: Map<Key, number[]>, key: Key, value: number): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
