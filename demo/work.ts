import { addCommit, advance } from './graph.ts'
import type { CommitRecord, Person } from './model.ts'
import { addPages, addPreview, addStaging } from './noise.ts'
import { dependabot } from './people.ts'
import { createRandom, dayMs, hourMs, minuteMs, wholeSecond, type Random } from './random.ts'
import { mergePull, openPull } from './pulls.ts'
import { addChecks } from './runs.ts'
import { mainHead, workingTime, type Site } from './site.ts'
import { landed } from './steps.ts'
import { bumpTitle, changeTitle, fileName, slug } from './wording.ts'

/** Puts the work of all days on the agenda: many changes on workdays, few at weekends. */
export function planWork(site: Site): void {
  const { plan } = site
  // A stream of its own, so that a longer plan changes nothing of what comes first.
  const random = createRandom(`${site.seed} work of ${site.repository.fullName}`)
  const firstDay = Math.floor(site.from / dayMs) * dayMs
  for (let day = firstDay; day < site.until; day += dayMs) {
    const weekday = new Date(day).getUTCDay()
    const share = weekday === 0 || weekday === 6 ? 0.12 : weekday === 5 ? 0.8 : 1
    const landings = random.count(plan.landingsPerDay * share)
    for (let count = 0; count < landings; count += 1) {
      const at = workingTime(random, day)
      if (at > site.from) planLanding(site, random, at)
    }
    if (random.chance(0.06 * share * plan.landingsPerDay)) planAbandoned(site, workingTime(random, day))
  }
}

/** A pull request that is merged at that instant, or a push to the default branch. */
function planLanding(site: Site, planning: Random, mergedAt: number): void {
  const { plan, random } = site
  if (planning.chance(plan.pushedShare)) {
    site.agenda.add(mergedAt, () => push(site, mergedAt))
    return
  }
  const isBot = planning.chance(plan.botShare)
  const reviewMs = planning.around((isBot ? 20 : plan.reviewHours) * hourMs, 0.9)
  const openedAt = wholeSecond(mergedAt - Math.max(reviewMs, 5 * minuteMs))
  if (openedAt < site.from) return
  site.agenda.add(openedAt, () => {
    const words = isBot ? bumpTitle(random) : undefined
    const title = words?.title ?? changeTitle(random)
    const author = isBot ? dependabot : random.pick(site.people)
    const codingMs = isBot ? minuteMs : Math.max(random.around(plan.codingHours * hourMs, 1), 10 * minuteMs)
    const pull = openPull(site, {
      title,
      branch: words?.branch ?? `${slug(title)}-${site.repository.pulls.length + 1}`,
      base: 'main',
      from: mainHead(site, openedAt - codingMs) ?? mainHead(site, openedAt),
      author,
      labels: isBot ? ['dependencies'] : random.chance(0.3) ? [random.pick(['enhancement', 'bug'])] : [],
      paths: touchedPaths(site, isBot),
      codingMs,
      openedAt,
      mergedAt,
      isReviewed: !isBot,
    })
    if (plan.hasPreviews) addPreview(site, pull)
    site.agenda.add(mergedAt, () => {
      land(site, mergePull(site, pull), pull.mergeCommit!, mergedAt)
    })
  })
}

/** A pull request that nobody merges: closed after a while, or left open. */
function planAbandoned(site: Site, openedAt: number): void {
  if (openedAt < site.from) return
  site.agenda.add(openedAt, () => {
    const { random } = site
    const title = changeTitle(random)
    const closedAt = random.chance(0.8) ? wholeSecond(openedAt + random.around(70 * hourMs, 1)) : undefined
    openPull(site, {
      title,
      branch: slug(title),
      base: 'main',
      from: mainHead(site, openedAt),
      author: random.pick(site.people),
      labels: [],
      paths: touchedPaths(site, false),
      codingMs: 3 * hourMs,
      openedAt,
      ...(closedAt !== undefined && { closedAt }),
      isReviewed: false,
    })
  })
}

/** One or two commits straight to the default branch. */
function push(site: Site, at: number): void {
  const { random, repository } = site
  const author = random.pick(site.people)
  for (let left = random.chance(0.2) ? 2 : 1; left > 0; left -= 1) {
    const isSkewed = repository.commits.length % 389 === 13
    const writtenAt = wholeSecond(at - random.around(50 * minuteMs, 1))
    const commit = addCommit(repository, site.seed, {
      parents: [mainHead(site, at)],
      authoredAt: isSkewed ? at + 2 * dayMs : writtenAt,
      committedAt: at,
      visibleAt: at,
      author,
      message: changeTitle(random),
      paths: touchedPaths(site, false),
    })
    advance(repository, commit, at)
    pushed(site, commit, author, at, left === 1)
  }
}

function pushed(site: Site, commit: CommitRecord, author: Person, at: number, isLast: boolean): void {
  const { sha, authoredAt, index, paths, message } = commit
  const change = { id: sha, shas: [sha], firstCommitAt: authoredAt, isBot: false, isFix: false }
  land(site, { change, index, paths }, commit, at)
  if (isLast)
    addChecks(site, { event: 'push', commit, branch: 'main', title: message, actor: author, at }, 0.05)
}

function land(site: Site, landing: Parameters<typeof landed>[1], commit: CommitRecord, at: number): void {
  landed(site, landing, at)
  if (site.plan.hasStaging) addStaging(site, commit, at)
  if (site.plan.hasPages && landing.index % 3 === 0) addPages(site, at)
}

/** The files of a change: of one service's folder where there are several, now and then of what they share. */
function touchedPaths(site: Site, isBot: boolean): string[] {
  const { random, plan } = site
  const service = random.pick(plan.services)
  const folder = random.chance(0.12) ? service.folders.at(-1) : service.folders[0]
  if (isBot) return [`${random.chance(0.5) ? '' : (folder ?? '')}package.json`]
  if (folder !== undefined && random.chance(0.05)) return ['docs/overview.md']
  const count = 1 + random.count(1.5)
  return [...new Set(Array.from({ length: count }, () => `${folder ?? 'src/'}${fileName(random)}`))]
}
