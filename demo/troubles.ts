import type { CommitRecord, IncidentRecord } from './model.ts'
import type { Trouble } from './plan.ts'
import { digest, minuteMs, secondMs } from './random.ts'
import { fixForward, hotfix, rollBack } from './remedies.ts'
import { begin, deploy, freeze, unfreeze } from './steps.ts'
import { addDeployment } from './rollouts.ts'
import { addRun } from './runs.ts'
import type { Rollout, Site, Target } from './site.ts'
import {
  acknowledgeSoon,
  attributeToCause,
  attributeToNearest,
  merge,
  openIncident,
  reopen,
  resolve,
} from './outages.ts'
import { symptom } from './wording.ts'

/** What can happen to a deployment. From its begin to the end of its remedy nothing else is deployed there. */
export type Script = (site: Site, target: Target, commit: CommitRecord, at: number) => void

export const troubles: Record<Trouble, Script> = {
  retry(site, target, commit, at) {
    freeze(target)
    begin(site, target, commit, at, site.random.pick(['failure', 'error']), {
      after: ({ finishedAt, run }) => {
        site.agenda.add(finishedAt + site.random.between(4, 40) * minuteMs, (then) => {
          target.isFrozen = false
          deploy(site, target, commit, then, { run })
        })
      },
    })
  },

  broken(site, target, commit, at) {
    begin(site, target, commit, at, 'failure', {
      after: ({ finishedAt }) => {
        const again = finishedAt + site.random.between(50, 300) * minuteMs
        site.agenda.add(again, (then) => site.attempt(target, then))
      },
    })
  },

  halfway(site, target, commit, at) {
    freeze(target)
    begin(site, target, commit, at, 'failure', {
      after: ({ finishedAt }) => {
        site.agenda.add(finishedAt + site.random.between(3, 12) * minuteMs, (then) =>
          redeploy(site, target, then),
        )
      },
    })
  },

  stuck(site, target, commit, at) {
    freeze(target)
    const ending = site.random.pick(['stuck', 'abandoned'] as const)
    addDeployment(site, target.environment, { at, commit, ending, finalAt: at })
    const run = {
      workflow: 'deploy',
      event: 'push',
      commit,
      branch: 'main',
      title: 'Deploy',
      actor: site.people[0]!,
    } as const
    if (ending === 'stuck')
      addRun(site, { ...run, at, attempts: [{ startedAt: at, conclusion: 'cancelled' }] })
    site.agenda.add(at + site.random.between(30, 70) * minuteMs, (then) => {
      target.isFrozen = false
      deploy(site, target, commit, then)
    })
  },

  redeploy(site, target, _commit, at) {
    freeze(target)
    redeploy(site, target, at)
  },

  'missing-commit'(site, target, commit, at) {
    target.calm = 3
    deploy(site, target, commit, at, { isMissing: true })
  },

  'incident-rollback'(site, target, commit, at) {
    badRelease(site, target, commit, at, (bad, incident) => {
      const decided = incident.createdAt + site.random.between(6, 40) * minuteMs
      rollBack(site, target, decided, (back) => {
        resolve(site, incident, back.finishedAt + site.random.between(1, 12) * minuteMs)
        fixForward(site, target, bad, back.finishedAt)
      })
    })
  },

  'incident-hotfix'(site, target, commit, at) {
    badRelease(site, target, commit, at, (bad, incident) => {
      hotfix(site, target, bad, incident.createdAt, 'hotfix', (fix) => {
        resolve(site, incident, fix.finishedAt + site.random.between(1, 15) * minuteMs)
      })
    })
  },

  'incident-revert'(site, target, commit, at) {
    badRelease(site, target, commit, at, (bad, incident) => {
      hotfix(site, target, bad, incident.createdAt, 'revert', (fix) => {
        resolve(site, incident, fix.finishedAt + site.random.between(1, 15) * minuteMs)
      })
    })
  },

  'incident-only'(site, target, commit, at) {
    badRelease(site, target, commit, at, (_bad, incident) => {
      const resolvedAt = incident.createdAt + Math.ceil(site.random.around(70, 0.7)) * minuteMs
      resolve(site, incident, resolvedAt)
      if (site.random.chance(0.3)) {
        reopen(site, incident, resolvedAt + 15 * minuteMs)
        resolve(site, incident, resolvedAt + 80 * minuteMs)
      }
      unfreeze(site, target, incident.createdAt + 5 * minuteMs)
    })
  },

  'merged-incidents'(site, target, commit, at) {
    badRelease(
      site,
      target,
      commit,
      at,
      (_bad, first) => {
        const { service } = target
        const secondAt = first.createdAt + 4 * minuteMs
        site.agenda.add(secondAt, (then) => {
          const second = openIncident(site, service, {
            at: then,
            title: symptom(site.random),
            isUrgent: true,
          })
          acknowledgeSoon(site, second)
          attributeToNearest(site, service, second, then)
          merge(first, second, second.createdAt + 12 * minuteMs)
          resolve(site, second, second.createdAt + site.random.between(25, 90) * minuteMs)
          unfreeze(site, target, second.createdAt + 5 * minuteMs)
        })
      },
      true,
    )
  },

  'late-incident'(site, target, commit, at) {
    const rollout = deploy(site, target, commit, at)
    site.agenda.add(rollout.finishedAt + site.random.between(2 * 60, 40 * 60) * minuteMs, (then) => {
      const { random } = site
      const details = causeOf(site, rollout)
      if (!details) return
      const { service } = target
      const isWrong = random.chance(0.1)
      const given = isWrong ? { sha: digest(`${site.seed} unknown ${rollout.truth.id}`) } : details
      const title = symptom(random)
      const incident = openIncident(site, service, { at: then, title, isUrgent: true, details: given })
      acknowledgeSoon(site, incident)
      attributeToCause(site, service, incident, isWrong ? undefined : rollout)
      resolve(site, incident, incident.createdAt + Math.ceil(random.around(150, 0.6)) * minuteMs)
    })
  },

  'silent-rollback'(site, target, commit, at) {
    freeze(target)
    begin(site, target, commit, at, 'success', {
      after: (bad) => {
        rollBack(site, target, bad.finishedAt + site.random.between(20, 150) * minuteMs, (back) => {
          fixForward(site, target, bad, back.finishedAt)
        })
      },
    })
  },
}

/** A release that goes out well and breaks something: users are affected minutes later, or while it rolls out. */
function badRelease(
  site: Site,
  target: Target,
  commit: CommitRecord,
  at: number,
  then: (bad: Rollout, incident: IncidentRecord) => void,
  isPlain = false,
): void {
  const { random } = site
  const { service } = target
  freeze(target)
  const bad = begin(site, target, commit, at, 'success')
  const isEarly = random.chance(0.1)
  const brokenAt = isEarly
    ? bad.finishedAt - 40 * secondMs
    : bad.finishedAt + random.between(2, 50) * minuteMs
  site.agenda.add(brokenAt, () => {
    const title = symptom(random)
    const cause =
      !isPlain && random.chance(0.3) && service.environments.length === 1 ? causeOf(site, bad) : undefined
    const isByHand = !isPlain && !cause && random.chance(0.15)
    const incident = openIncident(site, service, {
      at: brokenAt,
      title,
      isUrgent: true,
      isByHand,
      ...(cause && { details: cause }),
    })
    acknowledgeSoon(site, incident)
    if (cause) attributeToCause(site, service, incident, bad)
    else attributeToNearest(site, service, incident, brokenAt)
    then(bad, incident)
  })
}

/** What an alert says of its cause: the release's tag, or a commit that the deployment was the first to ship. */
function causeOf(site: Site, rollout: Rollout): Record<string, string> | undefined {
  if (rollout.ref?.kind === 'tags') return { version: rollout.ref.name }
  const changes = rollout.truth.changes
  if (changes.length === 0) return undefined
  return { sha: site.random.pick(site.random.pick(changes).shas) }
}

function redeploy(site: Site, target: Target, at: number): void {
  const commit = target.live?.commit
  if (!commit) {
    unfreeze(site, target, at)
    return
  }
  begin(site, target, commit, at, 'success', {
    after: ({ finishedAt }) => unfreeze(site, target, finishedAt),
  })
}
