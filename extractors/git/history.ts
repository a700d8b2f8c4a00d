/**
 * The commits of one repository in dense columns: an index stands for a sha. A commit that is only named, as
 * a parent, has an index too and no parents of its own; that happens where a clone is shallow.
 */
export interface History {
  shas: string[]
  indexOf(sha: string): number | undefined
  add(commit: HistoryCommit): number
  isKnown(index: number): boolean
  /** Empty for a root, and for what is not known. */
  parents(index: number): readonly number[]
  authoredAt(index: number): number
  committedAt(index: number): number
  author(index: number): string
  isBot(index: number): boolean
}

export interface HistoryCommit {
  sha: string
  parents: readonly string[]
  authoredAt: number
  committedAt: number
  author: string
  isBot: boolean
}

const none: readonly number[] = []

export function createHistory(): History {
  const shas: string[] = []
  const indices = new Map<string, number>()
  const parents: (readonly number[] | undefined)[] = []
  const authoredAt: number[] = []
  const committedAt: number[] = []
  const authors: string[] = []
  const bots: boolean[] = []
  /** One string for each name, whatever the number of commits. */
  const names = new Map<string, string>()

  function indexFor(sha: string): number {
    let index = indices.get(sha)
    if (index === undefined) {
      const own = detached(sha)
      index = shas.push(own) - 1
      indices.set(own, index)
      parents.push(undefined)
      authoredAt.push(0)
      committedAt.push(0)
      authors.push('')
      bots.push(false)
    }
    return index
  }

  function nameOf(author: string): string {
    let own = names.get(author)
    if (own === undefined) {
      own = detached(author)
      names.set(own, own)
    }
    return own
  }

  return {
    shas,
    indexOf: (sha) => indices.get(sha),
    add(commit) {
      const index = indexFor(commit.sha)
      parents[index] = commit.parents.map(indexFor)
      authoredAt[index] = commit.authoredAt
      committedAt[index] = commit.committedAt
      authors[index] = nameOf(commit.author)
      bots[index] = commit.isBot
      return index
    },
    isKnown: (index) => parents[index] !== undefined,
    parents: (index) => parents[index] ?? none,
    authoredAt: (index) => authoredAt[index]!,
    committedAt: (index) => committedAt[index]!,
    author: (index) => authors[index]!,
    isBot: (index) => bots[index]!,
  }
}

/** A copy of its own: a piece of a long text keeps all of that text in memory, which would be the whole log. */
export function detached(text: string): string {
  return Buffer.from(text).toString()
}

/** From a tip along first parents, newest first, as far as commits are known. */
export function mainline(history: History, tip: string | undefined): number[] {
  const line: number[] = []
  let index = tip === undefined ? undefined : history.indexOf(tip)
  while (index !== undefined && history.isKnown(index)) {
    line.push(index)
    index = history.parents(index)[0]
  }
  return line
}
