import type { Run } from '../core/fact.ts'

/**
 * The runs of one repository that succeeded or failed, an attempt a row, in columns ordered by their finish: compact
 * enough to be kept beside the facts, so that a refresh adds what is new to them.
 *
 * They reach back to the first run. Where that becomes too much, this is the place to bound them: rows older than the
 * longest window and some weeks can go, if a fact that comes in behind that border compiles the repository anew.
 */
export interface CiRuns {
  /** How many facts there were, whatever their outcome: by this one knows whether facts were only added. */
  facts: number
  /** Identities of runs that have not ended: they may be told again without replacing a row. */
  open: string[]
  workflows: string[]
  shas: string[]
  /** Epoch ms. */
  finishedAt: Float64Array
  startedAt: Float64Array
  /** Positions in `workflows` and `shas`; a run without commit has -1. */
  workflow: Int32Array
  sha: Int32Array
  /** Bits: failed, again. */
  flags: Uint8Array
  /** Runs that end before they start: no duration is made of them. */
  backwards: { id: string; startedAt: number; finishedAt: number }[]
}

/** Bits of the flags of runs and of events. */
export const failed = 1
/** Of a run: a second or later attempt. Of an event: a run that had nothing new to try. */
export const again = 2

/** What windows count of one workflow of one repository, in columns ordered by time. */
export interface CiEvents {
  workflow: string
  /** Finished runs; ms, NaN where the run ends before it starts. */
  at: Float64Array
  durationMs: Float64Array
  flags: Uint8Array
  /** Commits by the finish of their first run; ms until the first success, NaN where there is none. */
  commitAt: Float64Array
  greenMs: Float64Array
  /** 1 for a commit that never succeeded. */
  red: Uint8Array
}

const none: CiRuns = {
  facts: 0,
  open: [],
  workflows: [],
  shas: [],
  finishedAt: new Float64Array(0),
  startedAt: new Float64Array(0),
  workflow: new Int32Array(0),
  sha: new Int32Array(0),
  flags: new Uint8Array(0),
  backwards: [],
}

export function compileRuns(runs: readonly Run[]): CiRuns {
  return addRuns(none, runs)
}

/** Whether a run counts: cancelled and running ones count nowhere. */
export function isDecided(run: Run): run is Run & { finishedAt: number } {
  return (run.outcome === 'success' || run.outcome === 'failure') && run.finishedAt !== undefined
}

/**
 * The runs with those that came in; each is new, or was open. Whoever calls has to see by `facts` that none replaces a
 * row: then all have to be compiled anew.
 */
export function addRuns(before: CiRuns, runs: readonly Run[]): CiRuns {
  const open = new Set(before.open)
  let { facts } = before
  for (const run of runs) {
    if (!open.delete(keyOf(run))) facts += 1
    if (run.outcome === 'running') open.add(keyOf(run))
  }
  const added = runs.filter(isDecided).sort((a, b) => a.finishedAt - b.finishedAt)
  const workflows = [...before.workflows]
  const shas = [...before.shas]
  const workflowOf = positions(workflows)
  const shaOf = positions(shas)
  const size = before.finishedAt.length + added.length
  const after: CiRuns = {
    facts,
    open: [...open],
    workflows,
    shas,
    finishedAt: new Float64Array(size),
    startedAt: new Float64Array(size),
    workflow: new Int32Array(size),
    sha: new Int32Array(size),
    flags: new Uint8Array(size),
    backwards: [...before.backwards],
  }
  let from = 0
  for (const [position, run] of added.entries()) {
    // Most come behind all others: what lies between two new ones is copied as a whole.
    let until = from
    while (until < before.finishedAt.length && before.finishedAt[until]! <= run.finishedAt) until += 1
    copyRows(before, after, from, until, position)
    from = until
    const row = until + position
    after.finishedAt[row] = run.finishedAt
    after.startedAt[row] = run.startedAt
    after.workflow[row] = workflowOf(run.workflow)
    after.sha[row] = run.sha === undefined ? -1 : shaOf(run.sha)
    after.flags[row] = (run.outcome === 'failure' ? failed : 0) | (run.attempt > 1 ? again : 0)
    if (run.finishedAt < run.startedAt) {
      const { id, startedAt, finishedAt } = run
      after.backwards.push({ id, startedAt, finishedAt })
    }
  }
  copyRows(before, after, from, before.finishedAt.length, added.length)
  return after
}

const rowColumns = ['finishedAt', 'startedAt', 'workflow', 'sha', 'flags'] as const

function copyRows(from: CiRuns, into: CiRuns, first: number, end: number, by: number): void {
  if (first === end) return
  for (const column of rowColumns) into[column].set(from[column].subarray(first, end), first + by)
}

/** Gives each text a position in the list, at which it is added where it is not there yet. */
function positions(list: string[]): (text: string) => number {
  let known: Map<string, number> | undefined
  return (text) => {
    known ??= new Map(list.map((each, position) => [each, position]))
    let position = known.get(text)
    if (position === undefined) {
      position = list.push(text) - 1
      known.set(text, position)
    }
    return position
  }
}

function keyOf({ source, id }: Run): string {
  return `${source}\n${id}`
}
