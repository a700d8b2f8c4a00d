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

  const rowsOf = grouped(runs.workflows.length, firsts.keys(), (row) => runs.workflow[row]!)
  const commitsIn = grouped(runs.workflows.length, commits, ({ at }) => runs.workflow[at]!)
  return runs.workflows
    .map((workflow, position) => {
      const rows = rowsOf[position]!
      const own = commitsIn[position]!
      return {
        workflow,
        at: Float64Array.from(rows, (row) => runs.finishedAt[row]!),
        durationMs: Float64Array.from(rows, (row) => between(runs.startedAt[row]!, runs.finishedAt[row]!)),
        flags: Uint8Array.from(rows, (row) => {
          const isRerun = firsts[row] === 0 || (runs.flags[row]! & again) > 0
          return (runs.flags[row]! & failed) | (isRerun ? again : 0)
        }),
        commitAt: Float64Array.from(own, ({ at }) => runs.finishedAt[at]!),
        greenMs: Float64Array.from(own, ({ first, green }) =>
          green < 0 ? NaN : between(runs.startedAt[first]!, runs.finishedAt[green]!),
        ),
        red: Uint8Array.from(own, ({ green }) => (green < 0 ? 1 : 0)),
      }
    })
    .sort((a, b) => (a.workflow < b.workflow ? -1 : 1))
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

function grouped<Item>(groups: number, items: Iterable<Item>, groupOf: (item: Item) => number): Item[][] {
  const lists = Array.from({ length: groups }, (): Item[] => [])
  for (const item of items) lists[groupOf(item)]!.push(item)
  return lists
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
