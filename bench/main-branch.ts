import type { Change, Commit } from '../core/fact.ts'
import type { Random } from './random.ts'

const minuteMs = 60_000
const hourMs = 3_600_000

export const subjects = [
  'the cart',
  'the search index',
  'token refresh',
  'the invoice export',
  'rate limits',
  'the login page',
]
const verbs = ['Fix', 'Add', 'Speed up', 'Simplify', 'Log', 'Retry', 'Remove']

/** A repository's main branch, and what is merged and pushed to it. */
export interface Main {
  head(): string
  lastTitle(): string
  push(at: number): Commit
  /** The commits and the change of a pull request, at most `spare` commits beside the one that merges it. */
  merge(at: number, spare: number, repairs: string | undefined): (Commit | Change)[]
}

export function createMain(
  repository: string,
  url: string,
  random: Random,
  from = { head: '', number: 0 },
): Main {
  let { head, number } = from
  let base = head
  let title = 'Begin'

  function commit(sha: string, parents: string[], at: number, message: string, change?: string): Commit {
    const fact: Commit = {
      kind: 'commit',
      source: 'github',
      id: `${repository}@${sha}`,
      repository,
      sha,
      parents,
      authoredAt: at - minuteMs,
      committedAt: at,
      author: `dev-${random.between(1, 400)}`,
      isBot: false,
      message,
    }
    if (change !== undefined) fact.change = change
    return fact
  }
  const subject = () => `${random.pick(verbs)} ${random.pick(subjects)}`

  return {
    head: () => head,
    lastTitle: () => title,
    push(at) {
      const sha = random.sha()
      const parents = head === '' ? [] : [head]
      base = head === '' ? sha : head
      head = sha
      return commit(sha, parents, at, subject())
    },
    merge(at, spare, repairs) {
      number += 1
      const isBot = repairs === undefined && random.chance(0.05)
      const author = isBot ? 'bot-1' : `dev-${random.between(1, 400)}`
      const count = random.between(2, 5)
      const openedAt = at - random.between(2, 60) * hourMs
      const firstAt = openedAt - random.between(1, 48) * hourMs
      const firstReviewAt = openedAt + Math.floor((at - openedAt) * random.next())
      const id = `${repository}!${number}`
      const isRevert = repairs !== undefined && random.chance(0.5)
      title = isRevert ? `Revert "${repairs}"` : `${subject()} (#${number})`
      const isMerge = spare >= count && random.chance(0.6)
      const commits = Array.from({ length: count }, (_, position) => ({
        sha: random.sha(),
        authoredAt: firstAt + Math.floor(((at - firstAt) * position) / (count + 1)),
      }))
      const mergeSha = random.sha()
      const facts: (Commit | Change)[] = []
      let tip = base
      if (isMerge) {
        for (const { sha, authoredAt } of commits) {
          facts.push(commit(sha, [tip], authoredAt + minuteMs, subject(), id))
          tip = sha
        }
      }
      const message = isMerge ? `Merge pull request #${number}` : title
      facts.push(commit(mergeSha, isMerge ? [head, tip] : [head], at, message, id))
      base = head
      head = mergeSha
      facts.push({
        kind: 'change',
        source: 'github',
        id,
        repository,
        number,
        title,
        author,
        isBot,
        labels:
          repairs !== undefined && !isRevert ? ['hotfix', 'bug'] : [random.pick(['feature', 'bug', 'chore'])],
        branch: `${author}/${number}`,
        openedAt,
        readyAt: openedAt + 10 * minuteMs,
        firstReviewAt,
        approvedAt: firstReviewAt + Math.floor((at - firstReviewAt) / 2),
        mergedAt: at,
        commits,
        headSha: commits.at(-1)!.sha,
        mergeSha,
        additions: random.between(1, 900),
        deletions: random.between(0, 400),
        changedFiles: random.between(1, 30),
        url: `${url}/pull/${number}`,
      })
      return facts
    },
  }
}
