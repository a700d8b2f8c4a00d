import { addCommit } from './graph.ts'
import type { CommitRecord, PullRequest } from './model.ts'
import { actionsBot } from './people.ts'
import { minuteMs, secondMs } from './random.ts'
import { addDeployment } from './rollouts.ts'
import { addRun } from './runs.ts'
import type { Site } from './site.ts'

/** Deployments to environments that are no production: they count nowhere. */
export function addStaging(site: Site, commit: CommitRecord, at: number): void {
  const { random } = site
  const begunAt = at + random.between(2, 9) * minuteMs
  const ending = random.chance(0.06) ? 'failure' : 'success'
  const finalAt = begunAt + random.between(2, 5) * minuteMs
  site.agenda.add(begunAt, () => {
    addDeployment(site, 'staging', { at: begunAt, commit, ending, finalAt, isNoise: true })
  })
}

/** A preview of a pull request, taken down when it is closed. */
export function addPreview(site: Site, pull: PullRequest): void {
  const { openedAt, number } = pull
  const finalAt = openedAt + site.random.between(60, 400) * secondMs
  const record = addDeployment(site, `preview-${number}`, {
    at: openedAt,
    commit: pull.commits[0]!,
    ending: 'success',
    finalAt,
    ref: { name: pull.branch, kind: 'heads' },
    isTransient: true,
    isNoise: true,
  })
  if (pull.closedAt === undefined) return
  record.statuses.push({
    id: site.nextId(),
    state: 'inactive',
    at: Math.max(pull.closedAt, finalAt) + 30 * secondMs,
  })
}

/** The documentation: built from a branch that shares nothing with the default branch. */
export function addPages(site: Site, at: number): void {
  const { repository, seed } = site
  const last = repository.commits.findLast((each) => each.author === actionsBot)
  const commit = addCommit(repository, seed, {
    parents: last ? [last] : [],
    authoredAt: at,
    committedAt: at,
    visibleAt: at,
    author: actionsBot,
    message: 'Deploy the documentation',
    paths: ['index.html'],
  })
  const ref = { name: 'gh-pages', kind: 'heads' } as const
  addDeployment(site, 'github-pages', {
    at,
    commit,
    ending: 'success',
    finalAt: at + 40 * secondMs,
    ref,
    isNoise: true,
  })
  const run = { workflow: 'pages', event: 'push', commit, branch: 'gh-pages', title: commit.message } as const
  const attempts = [{ startedAt: at, finishedAt: at + 45 * secondMs, conclusion: 'success' as const }]
  addRun(site, { ...run, actor: actionsBot, at, attempts })
}
