import type { Run } from '../../core/fact.ts'

/** What a window of CI has to say, counted the long way round. */
export interface Counted {
  runs: number
  failed: number
  reruns: number
  /** Milliseconds, ascending. */
  durations: number[]
  greens: number[]
  red: number
}

/** Of these runs, all of one repository or not, what counts in [from, to). */
export function countRuns(runs: readonly Run[], from: number, to: number): Counted {
  const ended = runs.filter(({ outcome }) => outcome === 'success' || outcome === 'failure')
  const sameCommit = (a: Run, b: Run) =>
    a.sha !== undefined && a.sha === b.sha && a.workflow === b.workflow && a.repository === b.repository
  const within = (at: number) => at >= from && at < to
  const inside = ended.filter(({ finishedAt }) => within(finishedAt!))

  const counted: Counted = { runs: inside.length, failed: 0, reruns: 0, durations: [], greens: [], red: 0 }
  for (const run of inside) {
    if (run.outcome === 'failure') counted.failed += 1
    if (run.finishedAt! >= run.startedAt) counted.durations.push(run.finishedAt! - run.startedAt)
  }
  const done: Run[] = []
  for (const run of ended) {
    if (run.attempt > 1 && within(run.finishedAt!)) counted.reruns += 1
    if (run.sha === undefined || done.some((other) => sameCommit(run, other))) continue
    done.push(run)
    const group = ended.filter((other) => sameCommit(run, other))
    const start = Math.min(...group.map(({ startedAt }) => startedAt))
    // Of those that started first, one is no rerun, and rather one that is a first attempt.
    const earliest = group.filter(({ startedAt }) => startedAt === start)
    const first = earliest.find(({ attempt }) => attempt === 1) ?? earliest[0]!
    counted.reruns += group.filter(
      (one) => one !== first && one.attempt === 1 && within(one.finishedAt!),
    ).length
    if (!within(Math.min(...group.map(({ finishedAt }) => finishedAt!)))) continue
    const successes = group
      .filter(({ outcome }) => outcome === 'success')
      .map(({ finishedAt }) => finishedAt!)
    if (successes.length === 0) counted.red += 1
    else if (Math.min(...successes) >= start) counted.greens.push(Math.min(...successes) - start)
  }
  counted.durations.sort((a, b) => a - b)
  counted.greens.sort((a, b) => a - b)
  return counted
}

/** PERCENTILE_CONT of milliseconds, in seconds; null where there is no sample. */
export function percentile(sorted: readonly number[], p: number): number | null {
  if (sorted.length === 0) return null
  const position = p * (sorted.length - 1)
  const [below, above] = [sorted[Math.floor(position)]!, sorted[Math.ceil(position)]!]
  return (below + (above - below) * (position - Math.floor(position))) / 1000
}
