import { runStateAt } from './github-state.ts'
import { listPage, notFound, ok, type Answer } from './github-page.ts'
import { jobShape, runShape } from './github-run-shapes.ts'
import type { Bases } from './github-shapes.ts'
import type { RepositoryView } from './github-view.ts'
import type { RunRecord } from './model.ts'
import { dayMs } from './random.ts'

interface ActionsRequest {
  query: URLSearchParams
  bases: Bases
}

/** GitHub answers with at most this many results where a filter is given. */
const maxFiltered = 1000
const filters = ['created', 'branch', 'event', 'status', 'actor', 'head_sha']

/** What is below /actions: runs, their attempts and jobs, workflows. */
export function actionsAnswer(view: RepositoryView, rest: string[], request: ActionsRequest): Answer {
  const [kind, id, ...more] = rest
  if (kind === 'workflows') return workflowsAnswer(view, id, more[0], request)
  if (kind !== 'runs') return notFound
  if (id === undefined) return runList(view, view.runs(), 'runs', request)
  const run = view.run(Number(id))
  if (!run) return notFound
  return runAnswer(view, run, more, request)
}

function runAnswer(
  view: RepositoryView,
  run: RunRecord,
  more: string[],
  { bases, query }: ActionsRequest,
): Answer {
  const [part, number, jobs] = more
  if (part === undefined) return ok(runShape(view, run, bases))
  if (part === 'jobs') {
    const attempts =
      query.get('filter') === 'all' ? run.attempts.map((_, index) => index + 1) : [latest(view, run)]
    return jobsAnswer(view, run, attempts)
  }
  if (part !== 'attempts' || number === undefined) return notFound
  const attempt = Number(number)
  const shape = runShape(view, run, bases, attempt)
  if (!shape) return notFound
  return jobs === 'jobs' ? jobsAnswer(view, run, [attempt]) : ok(shape)
}

function latest(view: RepositoryView, run: RunRecord): number {
  return runStateAt(run, view.now)?.attempt ?? 1
}

function jobsAnswer(view: RepositoryView, run: RunRecord, attempts: number[]): Answer {
  const jobs = attempts.map((attempt) => jobShape(view, run, attempt)).filter((job) => job !== undefined)
  return ok({ total_count: jobs.length, jobs })
}

function workflowsAnswer(
  view: RepositoryView,
  wanted: string | undefined,
  runs: string | undefined,
  request: ActionsRequest,
): Answer {
  const workflows = new Map(view.runs().map(({ workflow }) => [workflow.id, workflow]))
  if (wanted === undefined) {
    const list = [...workflows.values()].map((workflow) => ({ ...workflow, state: 'active' }))
    return ok({ total_count: list.length, workflows: list })
  }
  const workflow = [...workflows.values()].find(
    ({ id, path }) => String(id) === wanted || path.split('/').at(-1) === wanted,
  )
  if (!workflow) return notFound
  if (runs === undefined) return ok({ ...workflow, state: 'active' })
  const list = view.runs().filter((run) => run.workflow.id === workflow.id)
  return runList(view, list, `workflows/${wanted}/runs`, request)
}

function runList(
  view: RepositoryView,
  runs: readonly RunRecord[],
  path: string,
  request: ActionsRequest,
): Answer {
  const { query, bases } = request
  const isFiltered = filters.some((name) => query.has(name))
  const matching = isFiltered ? runs.filter(matcher(view, query)) : runs
  const listed = isFiltered ? matching.slice(0, maxFiltered) : matching
  const full = `repositories/${view.repository.id}/actions/${path}`
  const page = listPage(request, full, listed, (run) => runShape(view, run, bases))
  return { ...page, body: { total_count: matching.length, workflow_runs: page.body } }
}

function matcher(view: RepositoryView, query: URLSearchParams): (run: RunRecord) => boolean {
  const { from, to } = createdRange(query.get('created'))
  const wanted = (name: string, ...values: (string | null)[]) => {
    const given = query.get(name)
    return given === null || values.includes(given)
  }
  return (run) => {
    if (run.createdAt < from || run.createdAt > to) return false
    if (!wanted('branch', run.branch) || !wanted('event', run.event) || !wanted('head_sha', run.sha))
      return false
    if (!wanted('actor', run.actor.login)) return false
    if (!query.has('status')) return true
    const state = runStateAt(run, view.now)!
    return wanted('status', state.status, state.conclusion)
  }
}

/** GitHub's date search: `A..B`, `>=A`, `>A`, `<=B`, `<B`, a day, or an instant; both ends included. */
function createdRange(text: string | null): { from: number; to: number } {
  const all = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }
  if (!text) return all
  if (text.includes('..')) {
    const [from = '*', to = '*'] = text.split('..')
    return { from: from === '*' ? all.from : Date.parse(from), to: to === '*' ? all.to : endOf(to) }
  }
  const match = /^(>=|<=|>|<)?(.*)$/.exec(text)!
  const instant = match[2]!
  switch (match[1]) {
    case '>=':
      return { ...all, from: Date.parse(instant) }
    case '>':
      return { ...all, from: endOf(instant) + 1 }
    case '<=':
      return { ...all, to: endOf(instant) }
    case '<':
      return { ...all, to: Date.parse(instant) - 1 }
    default:
      return { from: Date.parse(instant), to: endOf(instant) }
  }
}

function endOf(text: string): number {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) + dayMs - 1 : Date.parse(text)
}
