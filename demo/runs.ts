import type { CommitRecord, Person, RunAttempt, RunRecord } from './model.ts'
import { digest, minuteMs, wholeSecond } from './random.ts'
import type { Site } from './site.ts'

export interface NewRun {
  workflow: 'ci' | 'deploy' | 'pages'
  event: RunRecord['event']
  commit: CommitRecord
  branch: string
  title: string
  actor: Person
  at: number
  attempts: RunAttempt[]
}

/** Adds a workflow run; its number is given when all are known. */
export function addRun(site: Site, run: NewRun): RunRecord {
  const made: RunRecord = {
    id: site.nextId(),
    number: 0,
    workflow: {
      id: Number.parseInt(digest(`${site.repository.fullName} ${run.workflow}`).slice(0, 6), 16),
      name:
        run.workflow === 'ci' ? 'CI' : run.workflow === 'deploy' ? 'Deploy' : 'pages build and deployment',
      path:
        run.workflow === 'pages'
          ? 'dynamic/pages/pages-build-deployment'
          : `.github/workflows/${run.workflow}.yml`,
    },
    event: run.event,
    sha: run.commit.sha,
    commit: run.commit,
    branch: run.branch,
    title: run.title,
    actor: run.actor,
    createdAt: run.at,
    attempts: run.attempts,
  }
  site.repository.runs.push(made)
  return made
}

/** The checks of a push: most pass, some fail, and some of those pass when run again. */
export function addChecks(site: Site, run: Omit<NewRun, 'workflow' | 'attempts'>, failing: number): void {
  const { random } = site
  const first = checksAttempt(site, run.at, random.chance(failing) ? 'failure' : 'success')
  const attempts = [first]
  if (first.conclusion === 'failure' && random.chance(0.35)) {
    const again = first.finishedAt! + random.between(3, 90) * minuteMs
    attempts.push(checksAttempt(site, again, random.chance(0.85) ? 'success' : 'failure'))
  }
  addRun(site, { ...run, workflow: 'ci', attempts })
}

function checksAttempt(site: Site, startedAt: number, conclusion: 'success' | 'failure'): RunAttempt {
  const lastsMs = site.random.around(6 * minuteMs, 0.4)
  const isCancelled = conclusion === 'success' && site.random.chance(0.02)
  return {
    startedAt,
    finishedAt: wholeSecond(startedAt + (isCancelled ? lastsMs / 3 : lastsMs)),
    conclusion: isCancelled ? 'cancelled' : conclusion,
  }
}

/** Puts the runs in the order in which they were created and numbers them. */
export function numberRuns(site: Site): void {
  const { runs } = site.repository
  runs.sort((a, b) => a.createdAt - b.createdAt || a.id - b.id)
  const ids = runs.map((run) => run.id).sort((a, b) => a - b)
  const numbers = new Map<number, number>()
  for (const [position, run] of runs.entries()) {
    run.id = ids[position]!
    run.number = (numbers.get(run.workflow.id) ?? 0) + 1
    numbers.set(run.workflow.id, run.number)
  }
}
