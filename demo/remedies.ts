import { addCommit, advance } from './graph.ts'
import type { PullRequest } from './model.ts'
import { minuteMs } from './random.ts'
import { landingOf, mergeCommit, mergePull, openPull } from './pulls.ts'
import { roll } from './rollouts.ts'
import { mainHead, type Rollout, type Site, type Target } from './site.ts'
import { begin, landed, unfreeze } from './steps.ts'
import { fileName } from './wording.ts'

/** Deploys what was live before and good. */
export function rollBack(site: Site, target: Target, at: number, after: (back: Rollout) => void): void {
  site.agenda.add(at, () => {
    const commit = target.good.at(-1)!.commit!
    begin(site, target, commit, at, 'success', { isRollback: true, after })
  })
}

/** After a rollback: the cause is mended on the default branch, and deployment goes on. */
export function fixForward(site: Site, target: Target, bad: Rollout, at: number): void {
  const openedAt = at + site.random.between(20, 120) * minuteMs
  const mergedAt = openedAt + site.random.between(20, 120) * minuteMs
  const isRevert = site.random.chance(0.3)
  pullForFix(
    site,
    target,
    bad,
    { openedAt, mergedAt, as: isRevert ? 'revert' : 'fix', base: 'main' },
    (pull) => {
      landed(site, mergePull(site, pull), mergedAt)
      unfreeze(site, target, mergedAt + 10 * minuteMs)
    },
  )
}

/**
 * Mends what is live without a rollback: on the default branch where every landing is deployed, else on a
 * branch off what is live, which is merged back afterwards.
 */
export function hotfix(
  site: Site,
  target: Target,
  bad: Rollout,
  at: number,
  as: 'hotfix' | 'revert',
  after: (fix: Rollout) => void,
): void {
  const openedAt = at + site.random.between(8, 30) * minuteMs
  const mergedAt = openedAt + site.random.between(6, 35) * minuteMs
  const deployedAt = mergedAt + site.random.between(8, 16) * minuteMs
  const isOnMain = target.service.rhythm.kind === 'continuous'
  const base = isOnMain ? 'main' : 'release'
  pullForFix(site, target, bad, { openedAt, mergedAt, as, base }, (pull) => {
    if (!isOnMain) {
      patchRelease(site, target, pull, deployedAt, after)
      return
    }
    landed(site, mergePull(site, pull), mergedAt)
    site.agenda.add(deployedAt, () => {
      begin(site, target, mainHead(site, deployedAt), deployedAt, 'success', {
        after: (fix) => {
          target.good.push(fix)
          after(fix)
          unfreeze(site, target, fix.finishedAt)
        },
      })
    })
  })
}

/** Deploys the release branch with the fix, then merges it back into the default branch. */
function patchRelease(
  site: Site,
  target: Target,
  pull: PullRequest,
  deployedAt: number,
  after: (fix: Rollout) => void,
): void {
  const patched = pull.mergeCommit!
  const landing = landingOf(site, pull)
  site.patches.add(patched)
  const backAt = deployedAt + 45 * minuteMs
  site.agenda.add(deployedAt, () => {
    roll(site, target, {
      at: deployedAt,
      commit: patched,
      ending: 'success',
      only: landing,
      ref: { name: pull.base, kind: 'heads' },
      after: (fix) => {
        target.good.push(fix)
        after(fix)
      },
    })
  })
  site.agenda.add(backAt, () => {
    const back = addCommit(site.repository, site.seed, {
      parents: [mainHead(site, backAt), patched],
      authoredAt: backAt,
      committedAt: backAt,
      visibleAt: backAt,
      author: pull.author,
      message: `Merge branch '${pull.base}' into main`,
      paths: pull.paths,
    })
    advance(site.repository, back, backAt)
    for (const other of site.targets)
      if (other !== target) other.pending.push({ ...landing, index: back.index })
    unfreeze(site, target, backAt)
  })
}

interface Fix {
  openedAt: number
  mergedAt: number
  as: 'hotfix' | 'revert' | 'fix'
  base: 'main' | 'release'
}

function pullForFix(
  site: Site,
  target: Target,
  bad: Rollout,
  fix: Fix,
  then: (pull: PullRequest) => void,
): void {
  const { openedAt, mergedAt, as } = fix
  site.agenda.add(openedAt, () => {
    const { random } = site
    const from = fix.base === 'main' ? mainHead(site, openedAt) : bad.commit!
    const culprit = bad.truth.changes.find((change) => !change.isFix)
    const title = as === 'revert' ? `Revert "${titleOf(site, culprit?.id)}"` : titleOfFix(as)
    const number = site.repository.pulls.length + 1
    const base =
      fix.base === 'main' ? 'main' : `release/${new Date(bad.finishedAt).toISOString().slice(0, 10)}`
    const pull = openPull(site, {
      title,
      branch: as === 'hotfix' && random.chance(0.6) ? `hotfix/${number}` : `${as}-${number}`,
      base,
      from,
      author: random.pick(site.people),
      labels: as === 'hotfix' ? ['hotfix'] : as === 'fix' ? ['bug'] : [],
      paths: [`${target.service.folders[0] ?? 'src/'}${fileName(random)}`],
      codingMs: Math.min(20 * minuteMs, openedAt - bad.finishedAt),
      openedAt,
      mergedAt,
      isReviewed: as === 'fix',
    })
    site.agenda.add(mergedAt, () => {
      if (fix.base === 'release')
        pull.mergeCommit = mergeCommit(site, from, pull.commits.at(-1)!, mergedAt, pull)
      then(pull)
    })
  })
}

function titleOf(site: Site, id: string | undefined): string {
  const pull = site.repository.pulls.find((each) => id === `${site.repository.fullName}!${each.number}`)
  return (pull?.title ?? site.repository.commitBySha.get(id ?? '')?.message ?? 'Change a default').split(
    '\n',
  )[0]!
}

function titleOfFix(as: 'hotfix' | 'fix'): string {
  return as === 'hotfix'
    ? 'Stop the errors after the latest release'
    : 'Fix what the rolled back release broke'
}
