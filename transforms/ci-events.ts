import { lowerBound } from '../core/statistics.ts'
import { again, failed, type CiEvents, type CiRuns } from './ci.ts'

/** The runs of one workflow for one commit. Positions are rows of CiRuns. */
interface Commit {
  /** The row that finished first, by which the commit is in a window. */
  at: number
  /** The row that started first: the others are reruns. */
  first: number
  /** Of the first success; -1 while there is none. */
  green: number
}

/** What windows count of each workflow, in the order of their names. */
export function ciEvents(runs: CiRuns): CiEvents[] {
  const commits = commitsOf(runs)
  const firsts = new Uint8Array(runs.finishedAt.length).fill(1)
  for (let row = 0; row < firsts.length; row += 1) if (runs.sha[row]! >= 0) firsts[row] = 0
  for (const { first } of commits) firsts[first] = 1

  const rows = countsOf(runs.workflow, runs.workflows.length)
  const commitCounts = countsOf(
    commits.map(({ at }) => runs.workflow[at]!),
    runs.workflows.length,
  )
  const events = runs.workflows.map((workflow, position) =>
    emptyEvents(workflow, rows[position]!, commitCounts[position]!),
  )
  fillRuns(events, runs, firsts)
  fillCommits(events, runs, commits)
  return events.sort((a, b) => (a.workflow < b.workflow ? -1 : 1))
}

function countsOf(positions: ArrayLike<number>, length: number): Int32Array {
  const counts = new Int32Array(length)
  for (let index = 0; index < positions.length; index += 1) counts[positions[index]!]! += 1
  return counts
}

function emptyEvents(workflow: string, runs: number, commits: number): CiEvents {
  return {
    workflow,
    at: new Float64Array(runs),
    durationMs: new Float64Array(runs),
    flags: new Uint8Array(runs),
    commitAt: new Float64Array(commits),
    greenMs: new Float64Array(commits),
    red: new Uint8Array(commits),
  }
}

function fillRuns(events: readonly CiEvents[], runs: CiRuns, firsts: Uint8Array): void {
  const filled = new Int32Array(events.length)
  for (let row = 0; row < runs.finishedAt.length; row += 1) {
    const workflow = runs.workflow[row]!
    const { at, durationMs, flags } = events[workflow]!
    const next = filled[workflow]!
    filled[workflow] = next + 1
    const isRerun = firsts[row] === 0 || (runs.flags[row]! & again) > 0
    at[next] = runs.finishedAt[row]!
    durationMs[next] = between(runs.startedAt[row]!, runs.finishedAt[row]!)
    flags[next] = (runs.flags[row]! & failed) | (isRerun ? again : 0)
  }
}

function fillCommits(events: readonly CiEvents[], runs: CiRuns, commits: readonly Commit[]): void {
  const filled = new Int32Array(events.length)
  for (const { at, first, green } of commits) {
    const workflow = runs.workflow[at]!
    const { commitAt, greenMs, red } = events[workflow]!
    const next = filled[workflow]!
    filled[workflow] = next + 1
    commitAt[next] = runs.finishedAt[at]!
    greenMs[next] = green < 0 ? NaN : between(runs.startedAt[first]!, runs.finishedAt[green]!)
    red[next] = green < 0 ? 1 : 0
  }
}

/** In the order of `at`, for rows are in the order of their finish. */
function commitsOf({ finishedAt, startedAt, workflow, workflows, sha, flags }: CiRuns): Commit[] {
  const commits = new Map<number, Commit>()
  for (let row = 0; row < finishedAt.length; row += 1) {
    if (sha[row]! < 0) continue
    const key = sha[row]! * workflows.length + workflow[row]!
    let commit = commits.get(key)
    if (!commit) commits.set(key, (commit = { at: row, first: row, green: -1 }))
    if (startsBefore(row, commit.first)) commit.first = row
    if (commit.green < 0 && (flags[row]! & failed) === 0) commit.green = row
  }
  return [...commits.values()]

  /** Of two that started together the one that is no second attempt. */
  function startsBefore(row: number, other: number): boolean {
    const [one, two] = [startedAt[row]!, startedAt[other]!]
    return one < two || (one === two && (flags[row]! & again) < (flags[other]! & again))
  }
}

function between(from: number, to: number): number {
  return to < from ? NaN : to - from
}

/** Only what lies in [from, until). */
export function clipCi(events: CiEvents, from: number, until: number): CiEvents {
  const runs = rangeOf(events.at, from, until)
  const commits = rangeOf(events.commitAt, from, until)
  return {
    workflow: events.workflow,
    at: events.at.subarray(...runs),
    durationMs: events.durationMs.subarray(...runs),
    flags: events.flags.subarray(...runs),
    commitAt: events.commitAt.subarray(...commits),
    greenMs: events.greenMs.subarray(...commits),
    red: events.red.subarray(...commits),
  }
}

function rangeOf(at: Float64Array, from: number, until: number): [first: number, end: number] {
  const first = lowerBound(at, from)
  return [first, Math.max(first, lowerBound(at, until))]
}

/** The instants at which two states of a repository's events differ, ascending: windows without them are the same. */
export function changedAt(before: readonly CiEvents[], after: readonly CiEvents[]): number[] {
  const times = new Set<number>()
  const earlier = new Map(before.map((events) => [events.workflow, events]))
  const later = new Map(after.map((events) => [events.workflow, events]))
  for (const workflow of new Set([...earlier.keys(), ...later.keys()])) {
    const [one, two] = [earlier.get(workflow), later.get(workflow)]
    noteDifferences(times, [one?.at, one?.durationMs, one?.flags], [two?.at, two?.durationMs, two?.flags])
    noteDifferences(times, [one?.commitAt, one?.greenMs, one?.red], [two?.commitAt, two?.greenMs, two?.red])
  }
  return [...times].sort((a, b) => a - b)
}

type Columns = readonly [
  at?: Float64Array | undefined,
  ms?: Float64Array | undefined,
  flags?: Uint8Array | undefined,
]

const nothing = new Float64Array(0)

function noteDifferences(times: Set<number>, one: Columns, two: Columns): void {
  const [at, ms, flags] = one
  const [otherAt, otherMs, otherFlags] = two
  const [times1, times2] = [at ?? nothing, otherAt ?? nothing]
  let row = 0
  let other = 0
  while (row < times1.length || other < times2.length) {
    const [left, right] = [times1[row] ?? Infinity, times2[other] ?? Infinity]
    const isSame =
      left === right && Object.is(ms![row], otherMs![other]) && flags![row] === otherFlags![other]
    if (!isSame) times.add(Math.min(left, right))
    if (left <= right) row += 1
    if (right <= left) other += 1
  }
}
