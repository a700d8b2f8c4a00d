import { Rejected } from '../../core/errors.ts'
import type { Deployment, Outcome, Run } from '../../core/fact.ts'
import { instant, maybeInstant, maybeText, member, nodesOf, present, text, whole } from './fields.ts'
import type { Row } from './fields.ts'
import type { Origin } from './rows.ts'

const openStates = new Set(['PENDING', 'QUEUED', 'IN_PROGRESS', 'WAITING'])
const knownStates = new Set([...openStates, 'SUCCESS', 'ERROR', 'FAILURE', 'INACTIVE'])

interface Status {
  state: string
  at: number
  row: Row
}

/** Oldest first. The API lists the newest first, and several may share a second. */
function statusesOf(row: Row): Status[] {
  const listed = nodesOf(row['statuses'])
  const latest = member(row, 'latestStatus')
  // The latest alone cannot tell a success that was superseded from a rollout that was called off.
  if (row['statuses'] === undefined && maybeText(latest, 'state') === 'INACTIVE')
    throw new Rejected('statuses are missing, and INACTIVE alone tells no outcome')
  const rows = listed.length > 0 || latest === undefined ? listed : [latest]
  const statuses: Status[] = []
  for (const status of rows.toReversed()) {
    const state = text(status, 'state').toUpperCase()
    if (!knownStates.has(state)) throw new Rejected(`status "${state}" is none of GitHub's`)
    statuses.push({ state, at: instant(status, 'createdAt', 'created_at', 'updatedAt'), row: status })
  }
  return statuses.sort((a, b) => a.at - b.at)
}

/**
 * Which status decides, and what it says. Any success is one, whatever followed: `inactive` comes when a
 * newer deployment takes its place. Without a success the last status that is not `inactive` tells.
 */
function decide(statuses: Status[]): { outcome: Outcome; by?: Status } {
  const success = statuses.find((each) => each.state === 'SUCCESS')
  if (success) return { outcome: 'success', by: success }
  const last = statuses.filter((each) => each.state !== 'INACTIVE').at(-1)
  if (last && (last.state === 'ERROR' || last.state === 'FAILURE')) return { outcome: 'failure', by: last }
  const latest = statuses.at(-1)
  if (latest?.state === 'INACTIVE') return { outcome: 'cancelled', by: latest }
  return { outcome: 'running' }
}

/** A GitHub Deployment with its statuses, from GraphQL or REST (with `statuses` put beside it). */
export function deploymentFact(row: Row, origin: Origin): Deployment {
  const id = whole(row, 'databaseId', 'id')
  const createdAt = instant(row, 'createdAt', 'created_at')
  const statuses = statusesOf(row)
  const { outcome, by } = decide(statuses)
  const overrides = [by, ...statuses.toReversed()].map((each) => maybeText(each?.row, 'environment'))
  const task = maybeText(row, 'task')
  const ref = member(row, 'ref')
  const refName = maybeText(ref, 'name') ?? maybeText(row, 'ref')
  // One that had to wait for an approval began when it was given, maybe days after it was created.
  const waited = statuses.some((each) => each.state === 'WAITING')
  const begun = waited ? statuses.find((each) => each.state === 'IN_PROGRESS') : undefined
  return {
    kind: 'deployment',
    source: origin.source,
    id: `${origin.repository}#${id}`,
    environment: overrides.find((each) => each !== undefined) ?? text(row, 'environment'),
    repository: origin.repository,
    sha: text(row, 'commitOid', 'sha'),
    startedAt: begun?.at ?? createdAt,
    outcome,
    ...present({
      finishedAt: by?.at,
      ref: refName,
      version: maybeText(ref, 'prefix') === 'refs/tags/' ? refName : undefined,
      workflow: task === 'deploy' ? undefined : task,
      url: maybeText(by?.row, 'logUrl', 'log_url') ?? maybeText(statuses.at(-1)?.row, 'logUrl', 'log_url'),
      actor: maybeText(member(row, 'creator'), 'login'),
    }),
  }
}

/** A published release as a deployment of its tag; throws Rejected for what is none. */
export function releaseFact(row: Row, origin: Origin, environment: string, prereleases: boolean): Deployment {
  const id = whole(row, 'databaseId', 'id')
  const publishedAt = maybeInstant(row, 'publishedAt', 'published_at')
  if (row['isDraft'] === true || row['draft'] === true) throw new Rejected('a draft')
  if (publishedAt === undefined) throw new Rejected('not published')
  if (!prereleases && (row['isPrerelease'] === true || row['prerelease'] === true))
    throw new Rejected('a prerelease')
  const tag = text(row, 'tagName', 'tag_name')
  return {
    kind: 'deployment',
    source: origin.source,
    id: `${origin.repository}#${id}`,
    environment,
    repository: origin.repository,
    ref: tag,
    version: tag,
    startedAt: publishedAt,
    finishedAt: publishedAt,
    outcome: 'success',
    ...present({
      sha: maybeText(member(row, 'tagCommit'), 'oid'),
      url: maybeText(row, 'html_url', 'url'),
      actor: maybeText(member(row, 'author'), 'login'),
    }),
  }
}

const running = new Set(['requested', 'queued', 'waiting', 'pending', 'in_progress'])
const conclusions: Record<string, Outcome> = {
  success: 'success',
  failure: 'failure',
  timed_out: 'failure',
  startup_failure: 'failure',
  cancelled: 'cancelled',
  skipped: 'cancelled',
  neutral: 'cancelled',
  stale: 'cancelled',
  action_required: 'cancelled',
}

function runOutcome(row: Row): Outcome {
  const status = text(row, 'status')
  if (running.has(status)) return 'running'
  if (status !== 'completed') throw new Rejected(`status "${status}" is none of GitHub's`)
  const conclusion = text(row, 'conclusion')
  const outcome = Object.hasOwn(conclusions, conclusion) ? conclusions[conclusion] : undefined
  if (outcome === undefined) throw new Rejected(`conclusion "${conclusion}" is none of GitHub's`)
  return outcome
}

/** The file of a run's workflow: `.github/workflows/ci.yml@main` is `ci.yml`; without a file its name. */
export function workflowOf(row: Row): string {
  const file = maybeText(row, 'path')
    ?.replace(/@.*$/, '')
    .replace(/^\.github\/workflows\//, '')
  return file ?? text(row, 'name')
}

/** One attempt of a workflow run. */
export function runFact(row: Row, origin: Origin): Run {
  const attempt = whole(row, 'run_attempt')
  const outcome = runOutcome(row)
  return {
    kind: 'run',
    source: origin.source,
    id: `${whole(row, 'id')}#${attempt}`,
    repository: origin.repository,
    workflow: workflowOf(row),
    attempt,
    // A re-run keeps created_at and gets a new run_started_at.
    startedAt: maybeInstant(row, 'run_started_at') ?? instant(row, 'created_at'),
    outcome,
    ...present({
      finishedAt: outcome === 'running' ? undefined : instant(row, 'updated_at'),
      sha: maybeText(row, 'head_sha'),
      branch: maybeText(row, 'head_branch'),
      url: maybeText(row, 'html_url'),
    }),
  }
}

/** When the last job of an attempt ended; undefined where none has. */
export function jobsFinishedAt(jobs: Row[]): number | undefined {
  const times = jobs.map((job) => maybeInstant(job, 'completed_at')).filter((at) => at !== undefined)
  return times.length === 0 ? undefined : Math.max(...times)
}

/**
 * A run as one deployment, told by its last attempt that succeeded or failed; where none has, by its last
 * attempt. `attempts` are the run's, oldest first.
 */
export function runDeployment(
  attempts: Row[],
  origin: Origin,
  environment: string,
  finishedAt?: number,
): Deployment {
  const facts = attempts.map((row) => runFact(row, origin))
  const decided = facts.findLast((each) => each.outcome === 'success' || each.outcome === 'failure')
  const fact = decided ?? facts.at(-1)
  const row = attempts[fact ? facts.indexOf(fact) : 0]
  if (!fact || !row) throw new Rejected('a run without attempts')
  return {
    kind: 'deployment',
    source: origin.source,
    id: `${origin.repository}#${whole(row, 'id')}`,
    environment,
    repository: origin.repository,
    workflow: fact.workflow,
    startedAt: fact.startedAt,
    outcome: fact.outcome,
    ...present({
      finishedAt: fact.outcome === 'running' ? undefined : (finishedAt ?? fact.finishedAt),
      sha: fact.sha,
      ref: fact.branch,
      url: fact.url,
      actor: maybeText(member(row, 'triggering_actor'), 'login') ?? maybeText(member(row, 'actor'), 'login'),
    }),
  }
}
