import type { Change, Commit } from '../core/fact.ts'
import { indexChange, indexCommit, indexGraph, type GraphIndex } from './graph-index.ts'
import {
  compareText,
  emptyRepository,
  isKnown,
  makeRoom,
  pullRequest,
  writeCommit,
  type Repository,
} from './repository.ts'

/** A repository with what is looked up in it; both grow together. */
export interface KnownRepository {
  repository: Repository
  graph: GraphIndex
}

/** What a growth says of commits that had been named before. */
export interface Growth {
  /** Indices below `first` of which more is known now, or that a new change is about. */
  told: number[]
  /** The first index that is new. */
  first: number
}

/**
 * Adds facts in place. Returns undefined, and adds nothing, where a fact is about a commit or change that is there
 * already: then the repository has to be compiled anew from all facts, for what was replaced cannot be taken back.
 */
export function growRepository(
  known: KnownRepository,
  facts: readonly (Commit | Change)[],
): Growth | undefined {
  return repeats(known, facts) ? undefined : grow(known, facts)
}

/** As growRepository for what is not repeated, and otherwise undefined, with a repository that is of no use. */
function grow(
  { repository, graph }: KnownRepository,
  facts: readonly (Commit | Change)[],
): Growth | undefined {
  const { shas } = repository
  const first = shas.length
  const told = new Set<number>()
  const indexOf = (sha: string): number => {
    let index = graph.indexOf.get(sha)
    if (index === undefined) {
      index = shas.push(sha) - 1
      graph.indexOf.set(sha, index)
    }
    return index
  }
  const tell = (index: number) => {
    if (index >= 0 && index < first) told.add(index)
  }

  // Indices first: what is known of them goes into columns that have room for all.
  const commits: Commit[] = []
  const indices: number[] = []
  for (const fact of facts) {
    if (fact.kind === 'commit') {
      const index = indexOf(fact.sha)
      for (const parent of fact.parents) indexOf(parent)
      commits.push(fact)
      indices.push(index)
      tell(index)
      continue
    }
    const change = pullRequest(fact, indexOf)
    repository.changes.push(change)
    tell(change.merge)
    tell(change.head)
    for (const index of change.commits) tell(index)
  }
  makeRoom(repository, shas.length)
  for (let each = 0; each < commits.length; each += 1) {
    if (isKnown(repository, indices[each]!)) return undefined
    writeCommit(repository, indices[each]!, commits[each]!, indexOf)
  }
  const { changes } = repository
  for (let position = graph.positionOf.size; position < changes.length; position += 1)
    indexChange(repository, graph, position)
  if (graph.positionOf.size < changes.length) return undefined
  for (const index of indices) indexCommit(repository, graph, index)
  repository.facts += facts.length
  return { told: [...told], first }
}

function repeats({ repository, graph }: KnownRepository, facts: readonly (Commit | Change)[]): boolean {
  const seen = new Set<string>()
  for (const fact of facts) {
    const key = fact.kind === 'commit' ? fact.sha : `!${fact.id}`
    if (seen.has(key)) return true
    seen.add(key)
    if (fact.kind === 'change') {
      if (graph.positionOf.has(fact.id)) return true
      continue
    }
    const index = graph.indexOf.get(fact.sha)
    if (index !== undefined && isKnown(repository, index)) return true
  }
  return false
}

/** A repository of which nothing is known yet. */
export function unknownRepository(name: string): KnownRepository {
  const repository = emptyRepository(name)
  return { repository, graph: indexGraph(repository) }
}

/** A repository from all its facts, in any order; where two sources tell of one commit or change, they are joined. */
export function compileRepository(name: string, facts: readonly (Commit | Change)[]): KnownRepository {
  let compiled = unknownRepository(name)
  if (!grow(compiled, facts)) {
    compiled = unknownRepository(name)
    grow(compiled, joined(facts))
  }
  compiled.repository.facts = facts.length
  return compiled
}

/**
 * One fact for each commit and change. The source that says more leads, then the first by name; what it
 * leaves open is filled from the others, so that paths from git and pull requests from the forge add up.
 */
function joined(facts: readonly (Commit | Change)[]): (Commit | Change)[] {
  const ordered = facts.toSorted(
    (a, b) =>
      Object.keys(b).length - Object.keys(a).length ||
      compareText(a.source, b.source) ||
      compareText(a.id, b.id),
  )
  const byKey = new Map<string, Commit | Change>()
  for (const fact of ordered) {
    const key = fact.kind === 'commit' ? fact.sha : `!${fact.id}`
    const leading = byKey.get(key)
    byKey.set(key, leading ? { ...fact, ...leading } : fact)
  }
  return [...byKey.values()]
}
