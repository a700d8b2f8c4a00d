import type { Run } from '../core/fact.ts'
import { asOfHour, repositoryName, yearEnd } from './history.ts'
import { randomFrom } from './random.ts'

const minuteMs = 60_000
const hourMs = 3_600_000

/** Half a year of each repository: so many runs, over the same days. */
export const runsPerRepository = 5000
const days = 180
const workflows = ['ci.yml', 'lint.yml', 'e2e.yml']

/** Every workflow for each commit, in the order in which it happened; one in ten fails, a third of them runs again. */
export function* runsOf(service: number): Generator<Run> {
  const random = randomFrom(2_000_000 + service)
  const repository = repositoryName(service)
  const start = yearEnd - days * 24 * hourMs
  for (let made = 0; made < runsPerRepository;) {
    const sha = random.sha()
    const pushedAt = start + Math.floor(((yearEnd - hourMs * 3 - start) * made) / runsPerRepository)
    for (const workflow of workflows) {
      let startedAt = pushedAt + random.between(0, 5) * minuteMs
      for (let attempt = 1; attempt < 4 && made < runsPerRepository; attempt += 1) {
        made += 1
        const run = runAt(repository, `${service}-${made}`, workflow, sha, attempt, startedAt, random.next())
        yield run
        if (run.outcome === 'success' || random.chance(0.67)) break
        startedAt = run.finishedAt! + random.between(1, 30) * minuteMs
      }
    }
  }
}

function runAt(
  repository: string,
  id: string,
  workflow: string,
  sha: string,
  attempt: number,
  startedAt: number,
  luck: number,
): Run {
  return {
    kind: 'run',
    source: 'github',
    id: `${id}#${attempt}`,
    repository,
    workflow,
    sha,
    branch: 'main',
    attempt,
    startedAt,
    finishedAt: startedAt + Math.floor((3 + 12 * luck) * minuteMs),
    outcome: luck < 0.1 ? 'failure' : 'success',
    url: `https://git.example.com/${repository}/actions/runs/${id}`,
  }
}

export function* allRuns(services: number): Generator<Run> {
  for (let service = 0; service < services; service += 1) yield* runsOf(service)
}

/** What an hour of today brings to at most a hundred repositories: three runs for a new commit, and one that goes on. */
export function* runsOfHour(services: number, hour: number): Generator<Run> {
  const step = Math.max(1, Math.floor(services / 100))
  for (let service = 0; service < services; service += step) {
    const random = randomFrom(3_000_000 + service * 100 + hour)
    const [repository, sha] = [repositoryName(service), random.sha()]
    const pushedAt = asOfHour(hour) - random.between(30, 50) * minuteMs
    for (const [index, workflow] of workflows.entries())
      yield runAt(repository, `${service}-h${hour}-${index}`, workflow, sha, 1, pushedAt, random.next())
    const { finishedAt: _, ...open } = runAt(
      repository,
      `${service}-open`,
      'nightly.yml',
      sha,
      1,
      pushedAt,
      1,
    )
    yield { ...open, outcome: 'running' }
  }
}
