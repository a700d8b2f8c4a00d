import type { ChangeFact, CommitFact, Fact } from './facts.ts'
import type { CommitAction, PullAction } from './history-actions.ts'

/** A repository as it really is, also where the facts do not tell. */
export interface Repository {
  name: string
  /** A repository of which no commit is known: its deployments are only pushed. */
  isSilent: boolean
  commits: Map<string, CommitFact>
  tip: string | null
  /** The heads of pull requests, also of those that never reached the trunk. */
  heads: string[]
  changes: ChangeFact[]
}

export function repository(name: string, isSilent: boolean): Repository {
  return { name, isSilent, commits: new Map(), tip: null, heads: [], changes: [] }
}

export function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

interface Content {
  parents: string[]
  authoredAt: number
  committedAt: number
  isBot: boolean
  isKnown: boolean
  message: string
  paths: readonly string[] | null
  change: string | null
}

/** Adds a commit; its fact is among the facts if it is known. */
function addCommit(repo: Repository, content: Content, facts: Fact[]): string {
  const sha = `${repo.name.slice(5, 6)}${repo.commits.size + 1}`
  const fact: CommitFact = {
    kind: 'commit',
    source: 'git',
    id: `${repo.name}@${sha}`,
    repository: repo.name,
    sha,
    parents: content.parents,
    authoredAt: iso(content.authoredAt),
    committedAt: iso(content.committedAt),
    isBot: content.isBot,
    message: content.message,
    ...(content.paths === null ? {} : { paths: [...content.paths] }),
    ...(content.change === null ? {} : { change: content.change }),
  }
  repo.commits.set(sha, fact)
  if (content.isKnown && !repo.isSilent) facts.push(fact)
  return sha
}

/** The commits reachable from `sha` and not from `base`, as the source would say. */
export function revList(repo: Repository, base: string, sha: string): string[] {
  const reach = (start: string) => {
    const reached = new Set<string>()
    const waiting = [start]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (reached.has(next)) continue
      reached.add(next)
      waiting.push(...(repo.commits.get(next)?.parents ?? []))
    }
    return reached
  }
  const excluded = reach(base)
  return [...reach(sha)].filter((one) => !excluded.has(one))
}

/** Commits straight to the trunk. */
export function commitToTrunk(repo: Repository, action: CommitAction, now: number, facts: Fact[]): void {
  for (let position = 0; position < action.count; position += 1) {
    const head = repo.heads.at(-1)
    const onTop = repo.tip === null || action.isRoot ? [] : [repo.tip]
    repo.tip = addCommit(
      repo,
      {
        parents: action.isMerge && head !== undefined && onTop.length > 0 ? [...onTop, head] : onTop,
        authoredAt: now - action.lag,
        committedAt: now - Math.max(0, action.lag / 2),
        isBot: action.isBot,
        isKnown: !action.isMissing,
        message: action.message,
        paths: action.paths,
        change: action.isOrphan ? `${repo.name}!900` : null,
      },
      facts,
    )
  }
}

/** A pull request with its commits, merged in one of the ways in which that is done. */
export function mergePull(repo: Repository, action: PullAction, now: number, facts: Fact[]): void {
  const number = repo.changes.length + 1
  const id = `${repo.name}!${number}`
  const trunk = repo.tip === null ? [] : [repo.tip]
  const before = repo.changes.at(-1)
  const isStacked = action.style === 'stacked' && before?.headSha !== undefined
  const onTrunk = action.style === 'rebase' || action.style === 'fast-forward'
  const staysOut = action.style === 'squash'
  const content = {
    committedAt: now,
    isBot: action.isBot,
    isKnown: true,
    message: 'Work',
    paths: action.paths,
    change: null,
  }

  let parents = isStacked && before?.headSha !== undefined ? [before.headSha] : trunk
  const listed: ChangeFact['commits'] = isStacked ? [...(before?.commits ?? [])] : []
  for (let position = 0; position < action.count; position += 1) {
    const authoredAt = now - action.lag + position * 60_000
    const isKnown = !staysOut || action.branchKnown
    const change = action.style === 'rebase' ? id : null
    const sha = addCommit(repo, { ...content, parents, authoredAt, isKnown, change }, facts)
    parents = [sha]
    // The source lists a rebased pull request's commits as they were before.
    listed.push({ sha: action.style === 'rebase' ? `${sha}-old` : sha, authoredAt: iso(authoredAt) })
  }
  const last = parents[0] ?? ''
  const headSha = action.style === 'rebase' ? `${last}-old` : last
  let mergeSha = last
  if (action.style === 'unmerged') mergeSha = `${last}-merge`
  else if (!onTrunk) {
    const parentsOfMerge = staysOut ? trunk : [...trunk, last]
    const merged = { ...content, parents: parentsOfMerge, paths: action.mergePaths, message: action.title }
    mergeSha = addCommit(repo, { ...merged, authoredAt: now }, facts)
  }
  if (action.style !== 'unmerged') repo.tip = mergeSha
  if (action.style !== 'rebase') repo.heads.push(headSha)

  const first = now - action.lag
  const openedAt = action.opened === 'after the commits' ? first + 1_800_000 : first - 600_000
  const reviewedAt = {
    'before the merge': now - 900_000,
    'before it was opened': openedAt - 60_000,
    'after the merge': now + 60_000,
  }
  const change: ChangeFact = {
    kind: 'change',
    source: 'git',
    id,
    repository: repo.name,
    number,
    title: action.title,
    author: action.isBot ? 'bot-1' : 'dev-1',
    isBot: action.isBot,
    labels: [...action.labels],
    ...(action.branch === null ? {} : { branch: action.branch }),
    openedAt: iso(openedAt),
    ...(action.ready === null ? {} : { readyAt: iso(openedAt + action.ready) }),
    ...(action.reviewed === null ? {} : { firstReviewAt: iso(reviewedAt[action.reviewed]) }),
    ...(action.approved === null ? {} : { approvedAt: iso(reviewedAt[action.approved]) }),
    ...(action.files === null ? {} : { changedFiles: action.files }),
    mergedAt: iso(action.style === 'unmerged' ? now + 7_200_000 : now),
    commits: listed,
    headSha,
    mergeSha,
  }
  repo.changes.push(change)
  facts.push(change)
}
