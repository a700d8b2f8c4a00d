import type { Fact } from '../core/fact.ts'
import { deploymentOf, incidentOf } from './happenings.ts'
import { createMain } from './main-branch.ts'
import { randomFrom, type Random } from './random.ts'

const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 86_400_000

/** What each service has in its year; a thousand services make the large organisation. */
export const perService = { deployments: 365, commits: 1000, changes: 300, incidents: 30 }
export const factsPerService = 1695

/** The year ends here; what is of "today" comes after. */
export const yearStart = Date.UTC(2025, 6, 1)
export const yearEnd = yearStart + 365 * dayMs

/** The instant of a refresh, that many hours after the first derivation at eight of the day after the year. */
export const asOfHour = (hour: number) => yearEnd + (8 + hour) * hourMs

export const serviceName = (service: number) => `service-${String(service).padStart(4, '0')}`
export const teamName = (service: number) => `team-${String(service % 40).padStart(2, '0')}`
export const repositoryName = (service: number) => `acme/${serviceName(service)}`
/** The incident system's own id of a service. */
export const incidentName = (service: number) => `P${(0x10_0000 + service).toString(36).toUpperCase()}`

/** What the next deployment is, after what happened to the last. */
type Next =
  | { does: 'ship' }
  | { does: 'roll back'; to: string; at: number }
  | { does: 'repair'; title: string }

/**
 * The year of one service, in the order in which it happened: a deployment a day of what was merged since
 * (squashed or with a merge commit) or pushed to the main branch, failures, incidents with and without a
 * stated cause, rollbacks and hotfixes after them. The same for the same number, whatever else is asked for.
 */
export function* historyOf(service: number): Generator<Fact> {
  const random = randomFrom(service)
  const repository = repositoryName(service)
  const url = `https://git.example.com/${repository}`
  const main = createMain(repository, url, random)
  const days = perService.deployments
  let left = { ...perService }
  let live = main.head()
  let next: Next = { does: 'ship' }
  let cursor = yearStart

  yield main.push(cursor)
  left.commits -= 1
  for (let day = 0; day < days; day += 1) {
    const dayStart = yearStart + day * dayMs
    const number = service * 1000 + day
    const at: number =
      next.does === 'roll back'
        ? next.at
        : Math.max(cursor, dayStart + 9 * hourMs) + random.between(0, 7 * hourMs)
    const rollsBack: boolean = next.does === 'roll back'
    // What is merged on the day of a rollback waits for the next deployment.
    const mergeFrom = rollsBack ? at : cursor
    const mergeUntil = rollsBack ? dayStart + 23 * hourMs : at - 5 * minuteMs
    const daysLeft = days - day
    const merges = Math.floor((left.changes + daysLeft - 1) / daysLeft)
    const repairs = next.does === 'repair' ? next.title : undefined
    for (let merge = 0; merge < merges && left.changes > 0; merge += 1) {
      // The last commits are kept for the pull requests that are still to come.
      const spare = left.commits - left.changes
      if (merge > 0 || left.changes >= daysLeft || random.chance(left.changes / daysLeft)) {
        const mergedAt = spread(mergeFrom, mergeUntil, merge, merges)
        const merged = main.merge(mergedAt, spare, merge === 0 ? repairs : undefined)
        yield* merged
        left = { ...left, changes: left.changes - 1, commits: left.commits - merged.length + 1 }
      }
    }
    const pushes = pushesOn(left.commits - left.changes * 3.4, daysLeft, random)
    for (let push = 0; push < pushes; push += 1) {
      yield main.push(mergeUntil)
      left.commits -= 1
    }
    const before: string = live
    const fails: boolean = !rollsBack && random.chance(0.05)
    const sha: string = next.does === 'roll back' ? next.to : main.head()
    yield deploymentOf({
      repository,
      url,
      number,
      sha,
      at,
      fails,
      random,
      rollsBack: rollsBack && random.chance(0.3),
    })
    if (!fails) live = sha
    cursor = Math.max(at, mergeUntil)
    next = { does: 'ship' }

    if (random.chance(left.incidents / daysLeft)) {
      left.incidents -= 1
      const isCaused: boolean = !fails && !rollsBack && random.chance(0.6)
      const startedAt: number = isCaused
        ? at + random.between(5, 50) * minuteMs
        : at + random.between(2, 12) * hourMs
      const remediedAt: number = startedAt + random.between(15, 80) * minuteMs
      if (isCaused && before !== live && random.chance(0.45))
        next = { does: 'roll back', to: before, at: remediedAt }
      else if (isCaused && random.chance(0.5)) next = { does: 'repair', title: main.lastTitle() }
      const incident = incidentOf(
        incidentName(service),
        number,
        startedAt,
        day > days - 3 ? undefined : remediedAt + 5 * minuteMs,
        random,
      )
      if (!isCaused && random.chance(0.5)) incident.deployTriggered = false
      if (isCaused && random.chance(0.5)) {
        incident.causedBy = random.chance(0.5) ? { sha } : { deploymentId: String(number) }
      }
      yield incident
    }
  }
  // Whatever the dice left over was pushed on the last evening.
  for (; left.commits > 0; left.commits -= 1) yield main.push(cursor + minuteMs)
}

/**
 * What one hour of today brings to a service: a deployment of what is live already, of a new commit, or of a new pull
 * request. Days begin where the year ended, and each hour goes on from what was deployed last.
 */
export function todayOf(service: number, hour: number): Fact[] {
  const random = randomFrom(1_000_000 + service * 100 + hour)
  const repository = repositoryName(service)
  const url = `https://git.example.com/${repository}`
  const at = asOfHour(hour) - random.between(10, 50) * minuteMs
  const main = createMain(repository, url, random, { head: lastDeployed(service), number: 100_000 + hour })
  const facts: Fact[] = []
  const roll = random.between(0, 9)
  if (roll < 2) facts.push(...main.merge(at - 5 * minuteMs, 0, undefined))
  else if (roll < 4) facts.push(main.push(at - 5 * minuteMs))
  const number = 10_000_000 + service * 100 + hour
  const rollout = { repository, url, number, sha: main.head(), at, fails: false, random, rollsBack: false }
  return [...facts, deploymentOf(rollout)]
}

function lastDeployed(service: number): string {
  let sha = ''
  for (const fact of historyOf(service)) if (fact.kind === 'deployment') sha = fact.sha!
  return sha
}

/** Pushes to the main branch take what pull requests are not going to need. */
function pushesOn(spare: number, daysLeft: number, random: Random): number {
  if (spare <= 0) return 0
  const mean = spare / daysLeft
  return Math.floor(mean) + (random.chance(mean % 1) ? 1 : 0)
}

function spread(from: number, until: number, position: number, count: number): number {
  return Math.floor(from + ((until - from) * (position + 1)) / (count + 1))
}
