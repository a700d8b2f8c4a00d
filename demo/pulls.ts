import { addCommit, advance } from './graph.ts'
import type { CommitRecord, Person, PullRequest, Review } from './model.ts'
import { dayMs, hourMs, minuteMs, wholeSecond } from './random.ts'
import { addChecks } from './runs.ts'
import { mainHead, type Landing, type Site } from './site.ts'

export interface NewPull {
  title: string
  branch: string
  base: string
  /** What it branches off. */
  from: CommitRecord
  author: Person
  labels: string[]
  paths: string[]
  codingMs: number
  openedAt: number
  /** Absent where it is closed unmerged, at `closedAt`. */
  mergedAt?: number
  closedAt?: number
  isReviewed: boolean
}

/** Opens a pull request at the present of the simulation, with everything that will happen to it. */
export function openPull(site: Site, request: NewPull): PullRequest {
  const { random, repository } = site
  const { openedAt, author, labels } = request
  const endsAt = request.mergedAt ?? request.closedAt ?? site.until
  const number = repository.pulls.length + 1
  const isDraft = request.isReviewed && random.chance(0.2)
  const readyAt = wholeSecond(openedAt + (endsAt - openedAt) * 0.3)
  const reviews = request.isReviewed ? reviewsOf(site, isDraft ? readyAt : openedAt, endsAt, author) : []
  const pull: PullRequest = {
    id: site.nextId(),
    number,
    title: request.title,
    author,
    labels,
    branch: request.branch,
    base: request.base,
    openedAt,
    ...(isDraft && { readyAt }),
    reviews,
    ...(request.mergedAt !== undefined && { mergedAt: request.mergedAt, mergedBy: random.pick(site.people) }),
    ...(endsAt < site.until && { closedAt: endsAt }),
    commits: [],
    paths: request.paths,
    additions: Math.ceil(random.around(40, 1.2)),
    deletions: Math.floor(random.around(15, 1.2)),
    touchedAt: [],
  }
  addBranchCommits(site, pull, request, endsAt)
  // A comment after the end moves updated_at and nothing else.
  const lateComment = random.chance(0.1) ? [wholeSecond(endsAt + random.between(1, 48) * hourMs)] : []
  const touches = [openedAt, readyAt, endsAt, ...lateComment, ...reviews.map((review) => review.submittedAt)]
  pull.touchedAt = touches.filter((at) => isDraft || at !== readyAt).sort((a, b) => a - b)
  repository.pulls.push(pull)
  const head = pull.commits.at(-1)!
  const at = Math.max(head.visibleAt, openedAt)
  const run = {
    event: 'pull_request' as const,
    commit: head,
    branch: pull.branch,
    title: pull.title,
    actor: author,
  }
  addChecks(site, { ...run, at }, 0.12)
  return pull
}

function addBranchCommits(site: Site, pull: PullRequest, request: NewPull, endsAt: number): void {
  const { random } = site
  const isSingle = pull.author.isBot || request.codingMs < hourMs
  const count = isSingle ? 1 : 1 + random.count(1.6)
  const fixups = request.isReviewed && !isSingle && random.chance(0.3) ? 1 : 0
  const skewMs = clockSkewMs(site, pull)
  let parents = [request.from]
  for (let step = 0; step < count + fixups; step += 1) {
    const at =
      step < count
        ? wholeSecond(pull.openedAt - (request.codingMs * (count - step)) / count)
        : wholeSecond(pull.openedAt + (endsAt - pull.openedAt) * 0.7)
    const commit = addCommit(site.repository, site.seed, {
      parents,
      authoredAt: at + skewMs,
      committedAt: at,
      visibleAt: Math.max(at, step < count ? pull.openedAt : at),
      author: pull.author,
      message:
        step === 0
          ? pull.title
          : step < count
            ? `${pull.title}, step ${step + 1}`
            : 'Address review comments',
      paths: pull.paths,
      pull,
    })
    pull.commits.push(commit)
    parents = [commit]
  }
}

/** A laptop whose clock is days ahead, and a commit that was picked from an old branch. */
function clockSkewMs(site: Site, pull: PullRequest): number {
  if (pull.author.isBot) return 0
  if (site.plan.id % 4 === 0 && pull.number % 71 === 17) return 9 * dayMs
  if (site.plan.id % 4 === 2 && pull.number % 83 === 23) return -400 * dayMs
  return 0
}

function reviewsOf(site: Site, readyAt: number, endsAt: number, author: Person): Review[] {
  const { random, people } = site
  const others = people.filter((person) => person !== author)
  const reviewer = random.pick(others)
  const approvedAt = wholeSecond(readyAt + (endsAt - readyAt) * (0.6 + 0.35 * random.next()))
  const reviews: Review[] = []
  if (random.chance(0.45)) {
    const submittedAt = wholeSecond(readyAt + (approvedAt - readyAt) * random.next())
    const state = random.chance(0.5) ? 'CHANGES_REQUESTED' : 'COMMENTED'
    reviews.push({ id: site.nextId(), author: random.pick(others), state, submittedAt })
  }
  // An author's own comment is no review by another.
  if (random.chance(0.1)) {
    const submittedAt = wholeSecond(readyAt + minuteMs)
    reviews.push({ id: site.nextId(), author, state: 'COMMENTED', submittedAt })
  }
  reviews.push({ id: site.nextId(), author: reviewer, state: 'APPROVED', submittedAt: approvedAt })
  return reviews.sort((a, b) => a.submittedAt - b.submittedAt)
}

/** Merges into the default branch in the repository's style; returns what then awaits its deployment. */
export function mergePull(site: Site, pull: PullRequest): Landing {
  const { repository, seed, plan } = site
  const at = pull.mergedAt!
  const head = mainHead(site, at)
  const last = pull.commits.at(-1)!
  const common = { committedAt: at, visibleAt: at, paths: pull.paths, pull }
  if (plan.style === 'rebase') {
    let parent = head
    for (const { authoredAt, author, message } of pull.commits) {
      parent = addCommit(repository, seed, { ...common, parents: [parent], authoredAt, author, message })
    }
    pull.mergeCommit = parent
  } else if (plan.style === 'squash') {
    const message = `${pull.title} (#${pull.number})`
    pull.mergeCommit = addCommit(repository, seed, {
      ...common,
      parents: [head],
      authoredAt: at,
      author: pull.author,
      message,
    })
  } else {
    pull.mergeCommit = mergeCommit(site, head, last, at, pull)
  }
  advance(repository, pull.mergeCommit, at)
  const title = pull.mergeCommit.message.split('\n')[0]!
  const run = {
    event: 'push' as const,
    commit: pull.mergeCommit,
    branch: 'main',
    title,
    actor: pull.mergedBy!,
  }
  addChecks(site, { ...run, at }, 0.04)
  return landingOf(site, pull)
}

/** The merge commit of a pull request whose base is at `base`. */
export function mergeCommit(
  site: Site,
  base: CommitRecord,
  head: CommitRecord,
  at: number,
  pull: PullRequest,
): CommitRecord {
  return addCommit(site.repository, site.seed, {
    parents: [base, head],
    authoredAt: at,
    committedAt: at,
    visibleAt: at,
    author: pull.mergedBy!,
    message: `Merge pull request #${pull.number} from ${site.plan.owner}/${pull.branch}\n\n${pull.title}`,
    paths: pull.paths,
    pull,
  })
}

/** A merged pull request as a change that awaits its deployment. */
export function landingOf(site: Site, pull: PullRequest): Landing {
  const isHotfix = [pull.branch, ...pull.labels].some(
    (name) => name === 'hotfix' || name.startsWith('hotfix/'),
  )
  const shas = new Set([pull.mergeCommit!.sha, ...pull.commits.map((commit) => commit.sha)])
  return {
    change: {
      id: `${site.repository.fullName}!${pull.number}`,
      shas: [...shas],
      firstCommitAt: Math.min(...pull.commits.map((commit) => commit.authoredAt)),
      isBot: pull.author.isBot,
      isFix: isHotfix || (pull.title.startsWith('Revert "') && !pull.title.startsWith('Revert "Revert ')),
    },
    index: pull.mergeCommit!.index,
    paths: pull.paths,
  }
}
