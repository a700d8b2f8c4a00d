import { wilson } from '../core/statistics.ts'
import type { TestRuns } from '../core/test-runs.ts'

/** Calendar days before the end that are looked at. */
export const flakyDays = 14
/** Fewer runs say nothing. */
export const leastRuns = 20
/** Below this share of failures a test is sound, and above it, broken. */
export const leastFailures = 0.05
export const mostFailures = 0.95

/** One test in a window, by its number. */
export interface CountedTest {
  test: number
  runs: number
  failures: number
}

export interface FlakyWindow {
  reports: number
  /** Tests that ran, and how often all of them did. */
  tests: number
  runs: number
  failures: number
  flaky: CountedTest[]
  /** All that failed, flaky or not. */
  failing: CountedTest[]
}

export function isFlaky({ runs, failures }: Pick<CountedTest, 'runs' | 'failures'>): boolean {
  return runs >= leastRuns && failures >= runs * leastFailures && failures <= runs * mostFailures
}

/** A counted test with its name. */
export interface NamedTest extends CountedTest {
  suite: string
  name: string
}

/**
 * Most failures first, for each has made somebody look at a red run; then the higher share of failures, then by name.
 */
export function compareFlaky(a: NamedTest, b: NamedTest): number {
  return (
    b.failures - a.failures || a.runs - b.runs || compareText(a.suite, b.suite) || compareText(a.name, b.name)
  )
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/**
 * The windows [from, to) of a repository's reports, which are in the order of their time; starts and ends ascend. Every
 * report enters and leaves once.
 */
export function flakyWindows(
  reports: readonly TestRuns[],
  spans: readonly { from: number; to: number }[],
): FlakyWindow[] {
  const [first, end] = reachOf(reports)
  const runs = new Int32Array(Math.max(0, end - first))
  const failures = new Int32Array(Math.max(0, end - first))
  let entering = 0
  let leaving = 0

  function count(report: TestRuns, by: 1 | -1): void {
    for (const [ranges, failed] of [
      [report.passed, 0],
      [report.failed, by],
    ] as const) {
      for (let index = 0; index < ranges.length; index += 2) {
        for (let test = ranges[index]! - first; test < ranges[index + 1]! - first; test += 1) {
          runs[test]! += by
          failures[test]! += failed
        }
      }
    }
    for (const [test, passed, failed] of report.more) {
      runs[test - first]! += (passed + failed) * by
      failures[test - first]! += failed * by
    }
  }

  return spans.map(({ from, to }) => {
    for (; entering < reports.length && reports[entering]!.at < to; entering += 1)
      count(reports[entering]!, 1)
    for (; leaving < entering && reports[leaving]!.at < from; leaving += 1) count(reports[leaving]!, -1)
    const window: FlakyWindow = {
      reports: entering - leaving,
      tests: 0,
      runs: 0,
      failures: 0,
      flaky: [],
      failing: [],
    }
    if (window.reports === 0) return window
    for (let test = 0; test < runs.length; test += 1) {
      if (runs[test] === 0) continue
      const counted = { test: test + first, runs: runs[test]!, failures: failures[test]! }
      window.tests += 1
      window.runs += counted.runs
      window.failures += counted.failures
      if (counted.failures > 0) window.failing.push(counted)
      if (isFlaky(counted)) window.flaky.push(counted)
    }
    return window
  })
}

function reachOf(reports: readonly TestRuns[]): [first: number, end: number] {
  let first = Infinity
  let end = -Infinity
  for (const { passed, failed, more } of reports) {
    for (const ranges of [passed, failed]) {
      if (ranges.length === 0) continue
      first = Math.min(first, ranges[0]!)
      end = Math.max(end, ranges.at(-1)!)
    }
    for (const [test] of more) {
      first = Math.min(first, test)
      end = Math.max(end, test + 1)
    }
  }
  return [first, end]
}

/** The latest report in which each of these tests failed. */
export function lastFailures(reports: readonly TestRuns[], tests: readonly number[]): Map<number, TestRuns> {
  const found = new Map<number, TestRuns>()
  for (const report of reports.toReversed()) {
    for (const test of tests) if (!found.has(test) && hasFailed(report, test)) found.set(test, report)
    if (found.size === tests.length) break
  }
  return found
}

function hasFailed({ failed, more }: TestRuns, test: number): boolean {
  for (let index = 0; index < failed.length; index += 2)
    if (test >= failed[index]! && test < failed[index + 1]!) return true
  return more.some(([one, , failures]) => one === test && failures > 0)
}

/** The share of runs that failed, with its 95 % Wilson interval. */
export function failureRateOf({ runs, failures }: Pick<CountedTest, 'runs' | 'failures'>) {
  return { value: failures / runs, ...wilson(failures, runs)! }
}
