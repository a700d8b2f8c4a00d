import { isoOf } from '../core/calendar.ts'
import type { Run } from '../core/fact.ts'
import { isDecided } from './ci.ts'
import type { CiCoverage } from './ci-windows.ts'
import type { Finding } from './finding.ts'
import type { Span } from './windows.ts'

export const ciMetrics = ['ciDuration', 'ciFailureRate', 'ciRerunRate', 'ciTimeToGreen'] as const
export type CiMetric = (typeof ciMetrics)[number]

/** How the number is made, in words. */
export const ciFormulas: Record<CiMetric, string> = {
  ciDuration: 'median of (finished − started) over the runs that succeeded or failed, each attempt by itself',
  ciFailureRate: 'runs that failed ÷ runs that succeeded or failed, each attempt by itself',
  ciRerunRate:
    'second and later attempts, and second and later runs for a commit ÷ runs that succeeded or failed',
  ciTimeToGreen:
    'median, over commits and workflows, of (finish of the first success − start of the first run); a commit is in the window in which its first run finished',
}

/** One run or commit behind a number, or one that was left out of it. */
export interface CiEvidence {
  kind: 'run' | 'commit'
  id: string
  workflow: string
  at: string
  counted: boolean
  /** The rule that put it there, or left it out. */
  rule: string
  /** Seconds, where it has a duration. */
  seconds?: number
  url?: string
}

type Finished = Run & { finishedAt: number }

/** The facts behind one metric of a service, from all runs of its repositories, or those of one workflow. */
export function explainCi(
  runs: readonly Run[],
  metric: CiMetric,
  span: Span,
  coverage: CiCoverage,
): { evidence: CiEvidence[]; leftOut: CiEvidence[] } {
  const finished = runs.filter(isDecided).toSorted(byStart)
  const commits = Map.groupBy(
    finished.filter(({ sha }) => sha !== undefined),
    ({ repository, workflow, sha }) => JSON.stringify([repository, workflow, sha]),
  )
  const told =
    metric === 'ciTimeToGreen'
      ? [...commits.values()].map((group) => ofCommit(group))
      : finished.map((run) => ofRun(run, metric, commits))
  const nameless = metric === 'ciTimeToGreen' ? finished.filter(({ sha }) => sha === undefined) : []
  const all = [
    ...told,
    ...nameless.map((run) => leftOut(run, 'names no commit')),
    ...runs.filter((run) => !isDecided(run)).map(undecided),
  ]
    .filter(({ at }) => Date.parse(at) >= span.from && Date.parse(at) < span.to)
    .map((evidence) => uncovered(evidence, coverage))
    .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : 1))
  return { evidence: all.filter(({ counted }) => counted), leftOut: all.filter(({ counted }) => !counted) }
}

/** By their start; of two that started together, the lower attempt first. */
function byStart(a: Finished, b: Finished): number {
  return (
    a.startedAt - b.startedAt ||
    a.attempt - b.attempt ||
    a.finishedAt - b.finishedAt ||
    (a.id < b.id ? -1 : 1)
  )
}

function ofRun(run: Finished, metric: CiMetric, commits: ReadonlyMap<string, Finished[]>): CiEvidence {
  const seconds = (run.finishedAt - run.startedAt) / 1000
  const told = { ...identityOf(run), counted: true, seconds }
  if (seconds < 0) {
    const { seconds: _, ...rest } = told
    if (metric === 'ciDuration') return leftOut(run, 'ends before it starts: a clock is wrong')
    return { ...rest, rule: ruleOf(run, metric, commits) }
  }
  return { ...told, rule: ruleOf(run, metric, commits) }
}

function ruleOf(run: Finished, metric: CiMetric, commits: ReadonlyMap<string, Finished[]>): string {
  const { outcome, attempt, repository, workflow, sha } = run
  if (metric !== 'ciRerunRate') return `${outcome === 'failure' ? 'failed' : 'succeeded'}, attempt ${attempt}`
  if (attempt > 1) return `a rerun: attempt ${attempt}`
  if (sha === undefined) return 'no rerun: the first attempt, of an unknown commit'
  const [first] = commits.get(JSON.stringify([repository, workflow, sha]))!
  return first === run
    ? 'no rerun: the first run for its commit'
    : `a rerun: ${first!.id} ran for the same commit before`
}

function ofCommit(group: readonly Finished[]): CiEvidence {
  const [first] = group
  const inOrder = group.toSorted((a, b) => a.finishedAt - b.finishedAt)
  const green = inOrder.find(({ outcome }) => outcome === 'success')
  const told = {
    ...identityOf(first!),
    kind: 'commit' as const,
    id: first!.sha!,
    at: isoOf(inOrder[0]!.finishedAt),
  }
  const runs = `${group.length} ${group.length === 1 ? 'run' : 'runs'}`
  if (!green) return { ...told, counted: false, rule: `red: none of its ${runs} succeeded` }
  const ms = green.finishedAt - first!.startedAt
  if (ms < 0)
    return {
      ...told,
      counted: false,
      rule: `${green.id} succeeded before ${first!.id} started: a clock is wrong`,
    }
  const rule = `from the start of ${first!.id} to the success of ${green.id} (${runs})`
  return { ...told, counted: true, rule, seconds: ms / 1000 }
}

function undecided(run: Run): CiEvidence {
  return leftOut(run, run.outcome === 'cancelled' ? 'cancelled: counts nowhere' : 'has not finished')
}

function leftOut(run: Run, rule: string): CiEvidence {
  return { ...identityOf(run), counted: false, rule }
}

function identityOf(run: Run): Pick<CiEvidence, 'kind' | 'id' | 'workflow' | 'at' | 'url'> {
  const { id, workflow, url } = run
  const at = isoOf(run.finishedAt ?? run.startedAt)
  return { kind: 'run', id, workflow, at, ...(url === undefined || url === '' ? {} : { url }) }
}

function uncovered(evidence: CiEvidence, { from, until }: CiCoverage): CiEvidence {
  const at = Date.parse(evidence.at)
  if (from === null || at < from) return { ...evidence, counted: false, rule: 'before the observed period' }
  return at < until ? evidence : { ...evidence, counted: false, rule: 'after the last complete refresh' }
}

/** A run of which no duration is known, for one of the services that have it. */
export function negativeDuration(
  service: string,
  { id, startedAt, finishedAt }: { id: string; startedAt: number; finishedAt: number },
): Finding {
  const detail = `finished ${isoOf(finishedAt)}, before its start ${isoOf(startedAt)}`
  return { kind: 'negative_duration', service, subject: id, detail }
}
