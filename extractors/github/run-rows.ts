import { messageOf, Rejected } from '../../core/errors.ts'
import type { Fact } from '../../core/fact.ts'
import type { Page } from '../extractor.ts'
import { isRow, maybeText, maybeWhole, member, nodesOf } from './fields.ts'
import type { Row } from './fields.ts'
import { mapped, pageOf } from './pages.ts'
import { noteDeployments, originOf } from './reading.ts'
import type { Reading, Repository } from './reading.ts'
import { jobsFinishedAt, runDeployment, runFact, workflowOf } from './rollout-rows.ts'
import { deploys } from './settings.ts'

export const permission = 'Actions: read'

/** The file name of the workflow whose runs are deployments. */
export function deployWorkflow(repository: Repository): string | undefined {
  const { deployments, workflow } = repository.settings
  return deployments === 'workflow' ? workflow?.replace(/^.*\//, '') : undefined
}

/** Whether the run is a deployment; a pull request's branch may be called as the default one in a fork. */
export function isDeployment(row: Row, repository: Repository): boolean {
  const workflow = deployWorkflow(repository)
  if (workflow === undefined || workflowOf(row) !== workflow) return false
  if (maybeText(row, 'event')?.startsWith('pull_request')) return false
  return deploys(repository.settings, maybeText(row, 'head_branch') ?? '', repository.state.branch)
}

function isDecided(row: Row): boolean {
  const conclusion = maybeText(row, 'conclusion') ?? ''
  return ['success', 'failure', 'timed_out', 'startup_failure'].includes(conclusion)
}

/**
 * The attempts of a run, oldest first: the one that is listed, those before it that are not stored as ended,
 * and of a deployment those that are needed to find the last one that succeeded or failed.
 */
async function attemptsOf(
  reading: Reading,
  repository: Repository,
  row: Row,
  deploy: boolean,
): Promise<Row[]> {
  const attempts = [row]
  const latest = maybeWhole(row, 'run_attempt') ?? 1
  if (latest === 1) return attempts
  const stored = await reading.stored('run')
  const open = new Set(reading.openRuns.get(repository.name)?.map((each) => each.id))
  let decided = isDecided(row)
  for (let attempt = latest - 1; attempt >= 1; attempt -= 1) {
    const id = `${String(row['id'])}#${attempt}`
    if (stored.has(id) && !open.has(id) && (!deploy || decided)) continue
    const path = `/repos/${repository.name}/actions/runs/${String(row['id'])}/attempts/${attempt}`
    const about = { repository: repository.name, permission }
    const answer = await reading.client.get(path, about, { mayBeGone: true })
    if (answer.state !== 'ok' || !isRow(answer.data)) continue
    attempts.unshift(answer.data)
    decided ||= isDecided(answer.data)
  }
  return attempts
}

/** A run that is listed has all its attempts. */
export function noteAttempts(reading: Reading, row: Row): void {
  const latest = maybeWhole(row, 'run_attempt') ?? 1
  for (let attempt = 1; attempt <= latest; attempt += 1)
    reading.seen.run.add(`${String(row['id'])}#${attempt}`)
}

/** When the jobs of an attempt ended; the run's own updated_at moves on when logs are deleted. */
async function finishedAt(reading: Reading, name: string, attempts: Row[]): Promise<number | undefined> {
  const row = attempts.findLast(isDecided)
  if (!row) return undefined
  const run = `/repos/${name}/actions/runs/${String(row['id'])}/attempts/${String(row['run_attempt'])}`
  const about = { repository: name, permission }
  const answer = await reading.client.get(`${run}/jobs?per_page=100`, about, { mayBeGone: true })
  return jobsFinishedAt(nodesOf(member(answer.data)?.['jobs']))
}

/** The facts of listed runs: every attempt, and the deployment that the run is. Keeps which are open. */
export async function runPage(
  reading: Reading,
  repository: Repository,
  rows: Row[],
  etag = '',
): Promise<Page> {
  const { name, state } = repository
  const origin = originOf(reading, repository)
  const facts: Fact[] = []
  const skipped = []
  const openRuns = { ...state.openRuns }
  for (const row of rows) {
    const listed = mapped([row], name, (each) => runFact(each, origin))
    skipped.push(...listed.skipped)
    if (listed.skipped.length > 0) continue
    const deploy = isDeployment(row, repository)
    const attempts = await attemptsOf(reading, repository, row, deploy)
    const each = mapped(attempts, name, (attempt) => runFact(attempt, origin))
    noteAttempts(reading, row)
    if (reading.settings.runs) {
      facts.push(...each.facts)
      skipped.push(...each.skipped)
    }
    const id = String(row['id'])
    if (each.facts.at(-1)?.outcome === 'running') openRuns[id] = etag
    else delete openRuns[id]
    if (!deploy) continue
    try {
      const ended = await finishedAt(reading, name, attempts)
      const deployment = runDeployment(attempts, origin, repository.settings.environment, ended)
      noteDeployments(reading, repository, [deployment])
      facts.push(deployment)
    } catch (error) {
      if (!(error instanceof Rejected)) throw error
      skipped.push({ row: maybeText(row, 'html_url') ?? `${name} run ${id}`, reason: messageOf(error) })
    }
  }
  state.openRuns = openRuns
  return pageOf(facts, skipped)
}
