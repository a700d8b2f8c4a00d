import type { CommitRecord, DeploymentRecord, RunRecord } from './model.ts'
import { createRandom, dayMs, hourMs, minuteMs } from './random.ts'
import { roll, type Ending, type NewRollout } from './rollouts.ts'
import type { Landing, Rollout, Site, Target } from './site.ts'

/** A deployment that goes well, and what it leads to. */
export function deploy(
  site: Site,
  target: Target,
  commit: CommitRecord,
  at: number,
  more: { run?: RunRecord; isMissing?: boolean } = {},
): Rollout {
  return begin(site, target, commit, at, 'success', {
    ...more,
    after: (rollout) => {
      if (rollout.commit) target.good.push(rollout)
      goOn(site, target, rollout.finishedAt)
    },
  })
}

/** Begins a deployment of a commit of the default branch; what follows it is the caller's. */
export function begin(
  site: Site,
  target: Target,
  commit: CommitRecord,
  at: number,
  ending: Ending,
  more: Partial<NewRollout> = {},
): Rollout {
  const ref = releaseRef(site, target, commit, at)
  return roll(site, target, { ...(ref && { ref }), ...more, at, commit, ending })
}

/** The tag of a weekly release. */
function releaseRef(
  site: Site,
  target: Target,
  commit: CommitRecord,
  at: number,
): DeploymentRecord['ref'] | undefined {
  if (!site.plan.isTagged) return undefined
  const { releases } = site.repository
  const known = releases.find((release) => release.commit === commit)
  const tag = known?.tag ?? `v1.${releases.length}.0`
  if (!known) {
    const author = site.random.pick(site.people)
    releases.push({
      id: site.nextId(),
      tag,
      commit,
      publishedAt: Math.max(at - 10 * minuteMs, target.busyUntil),
      author,
    })
  }
  return { name: tag, kind: 'tags' }
}

/** The first production environment of the target's service, from which the others are promoted. */
export function firstOf(site: Site, target: Target): Target {
  return site.targets.find((each) => each.service === target.service)!
}

/** After a success: the next environment gets it later, and what was asked for meanwhile is done. */
export function goOn(site: Site, target: Target, at: number): void {
  if (firstOf(site, target) === target) {
    for (const other of site.targets) {
      if (other === target || other.service !== target.service) continue
      site.agenda.add(at + site.random.between(80, 110) * minuteMs, (then) => site.attempt(other, then))
    }
  }
  if (!target.isWanted || target.service.rhythm.kind !== 'continuous') return
  site.agenda.add(at + site.random.between(2, 6) * minuteMs, (then) => site.attempt(target, then))
}

export function freeze(target: Target): void {
  target.isFrozen = true
}

export function unfreeze(site: Site, target: Target, at: number): void {
  target.isFrozen = false
  target.isWanted = true
  goOn(site, target, Math.max(at, target.busyUntil))
}

/** Notes what came to the default branch; a continuous service is deployed when its checks have passed. */
export function landed(site: Site, landing: Landing, at: number): void {
  for (const target of site.targets) {
    const { rhythm, folders } = target.service
    if (!touches(landing.paths, folders)) continue
    target.pending.push(landing)
    if (rhythm.kind !== 'continuous' || firstOf(site, target) !== target) continue
    const checked = at + site.random.between(rhythm.checksMinutes, rhythm.checksMinutes * 2) * minuteMs
    site.agenda.add(checked, (then) => site.attempt(target, then))
  }
}

export function touches(paths: readonly string[], folders: readonly string[]): boolean {
  return folders.length === 0 || paths.some((path) => folders.some((folder) => path.startsWith(folder)))
}

/** Puts the fixed hours of a scheduled service on the agenda. */
export function schedule(site: Site, target: Target): void {
  const { rhythm } = target.service
  if (rhythm.kind !== 'scheduled' || firstOf(site, target) !== target) return
  const random = createRandom(`${site.seed} schedule of ${target.service.name}`)
  const firstDay = Math.floor(site.from / dayMs) * dayMs
  for (let day = firstDay; day < site.until; day += dayMs) {
    if (!rhythm.weekdays.includes(new Date(day).getUTCDay())) continue
    for (const hour of rhythm.hours) {
      const at = day + hour * hourMs + random.between(0, 20) * minuteMs
      if (at > site.from) site.agenda.add(at, (then) => site.attempt(target, then))
    }
  }
}
