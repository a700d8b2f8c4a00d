import type { CommitRecord } from './model.ts'
import type { Trouble } from './plan.ts'
import { mainHead, type Site, type Target } from './site.ts'
import { deploy, firstOf } from './steps.ts'
import { troubles } from './troubles.ts'

/** Deploys what is pending, if anything is and nobody is busy with a failure. */
export function attempt(site: Site, target: Target, at: number): void {
  if (target.isFrozen || at < target.busyUntil) {
    target.isWanted = true
    return
  }
  target.isWanted = false
  const commit = nextCommit(site, target, at)
  if (!commit) return
  if (target.live && !target.pending.some((landing) => landing.index <= commit.index)) return
  const trouble = drawTrouble(site, target)
  if (trouble) troubles[trouble](site, target, commit, at)
  else deploy(site, target, commit, at)
}

/** The head of the default branch; for a second environment what is live in the first, unless that is patched. */
function nextCommit(site: Site, target: Target, at: number): CommitRecord | undefined {
  const first = firstOf(site, target)
  if (first === target) return mainHead(site, at)
  const commit = first.live?.commit
  return commit && site.patches.has(commit) ? undefined : commit
}

function drawTrouble(site: Site, target: Target): Trouble | undefined {
  if (target.good.length < 2) return undefined
  if (target.calm > 0) {
    target.calm -= 1
    return undefined
  }
  const certain = target.certain.shift()
  if (certain) return certain
  return site.random.chance(target.service.troubleShare)
    ? site.random.pick(target.service.troubles)
    : undefined
}
