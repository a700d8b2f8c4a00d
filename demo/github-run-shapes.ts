import { isoSecond, nodeId } from './github-ids.ts'
import { userShape, type Bases } from './github-shapes.ts'
import { runStateAt } from './github-state.ts'
import type { RepositoryView } from './github-view.ts'
import type { RunRecord } from './model.ts'

/** The run as its latest attempt, or one attempt of it; undefined where there is no such attempt. */
export function runShape(
  view: RepositoryView,
  run: RunRecord,
  bases: Bases,
  attempt?: number,
): object | undefined {
  const { id, fullName } = view.repository
  const state = runStateAt(run, view.now, attempt)
  if (!state) return undefined
  const url = `${bases.api}/repos/${fullName}/actions/runs/${run.id}`
  const previous = state.attempt > 1 ? `${url}/attempts/${state.attempt - 1}` : null
  return {
    id: run.id,
    name: run.workflow.name,
    node_id: nodeId('WFR', id, run.id),
    head_branch: run.branch,
    head_sha: run.sha,
    path: run.workflow.path,
    display_title: run.title,
    run_number: run.number,
    event: run.event,
    status: state.status,
    conclusion: state.conclusion,
    workflow_id: run.workflow.id,
    url,
    html_url: `${bases.html}/${fullName}/actions/runs/${run.id}`,
    pull_requests: [],
    created_at: isoSecond(run.createdAt),
    updated_at: isoSecond(state.updatedAt),
    actor: userShape(run.actor, bases),
    run_attempt: state.attempt,
    run_started_at: isoSecond(state.startedAt),
    triggering_actor: userShape(run.actor, bases),
    jobs_url: `${url}/jobs`,
    previous_attempt_url: previous,
    workflow_url: `${bases.api}/repos/${fullName}/actions/workflows/${run.workflow.id}`,
  }
}

export function jobShape(view: RepositoryView, run: RunRecord, attempt: number): object | undefined {
  const state = runStateAt(run, view.now, attempt)
  if (!state) return undefined
  return {
    id: run.id * 10 + attempt,
    run_id: run.id,
    run_attempt: attempt,
    name: run.workflow.name.toLowerCase(),
    head_sha: run.sha,
    status: state.status,
    conclusion: state.conclusion,
    started_at: isoSecond(state.startedAt),
    completed_at: state.status === 'completed' ? isoSecond(state.updatedAt) : null,
  }
}
