import { calendarOf, isoOf } from '../core/calendar.ts'
import type { Store } from '../store/store.ts'
import {
  failureRateOf,
  flakyDays,
  flakyWindows,
  isFlaky,
  lastFailures,
  leastFailures,
  leastRuns,
  type CountedTest,
  type FlakyWindow,
} from '../transforms/flaky.ts'
import type { DeriveOptions } from './derive-options.ts'
import { named } from './flaky-derivation.ts'
import { servicesWith } from './service-names.ts'

/** One flaky test of a service, as the report tells it. */
export interface FlakyTest {
  service: string
  team: string | null
  repository: string
  suite: string
  test: string
  runs: number
  failures: number
  failureRate: { value: number; low: number; high: number }
  /** The latest report in which it failed, and the CI run of that, if it names one. */
  lastFailedAt: string
  lastFailedRun: string | null
}

/** The flaky tests of every service in the days before an instant: repositories by name, in each the worst first. */
export async function flakyReport(store: Store, options: DeriveOptions, asOf: number): Promise<FlakyTest[]> {
  const found: FlakyTest[] = []
  for (const service of (await servicesWith(store, options.catalogue, 'testReport')).keys()) {
    for (const { flaky } of await flakyOf(store, options, service, asOf)) found.push(...flaky)
  }
  return found
}

/** What a service's repository tells of its tests. */
export interface FlakyRepository {
  repository: string
  window: Omit<FlakyWindow, 'flaky' | 'failing'> & { from: string; to: string }
  flaky: FlakyTest[]
  /** Tests that failed and are not flaky, with the reason. */
  others: (FlakyTest & { rule: string })[]
}

/** `all`: with the tests that failed and are not flaky. */
export async function flakyOf(
  store: Store,
  options: DeriveOptions,
  service: string,
  asOf: number,
  { all = false } = {},
): Promise<FlakyRepository[]> {
  const { catalogue, since } = options
  const settings = catalogue.settingsOf(service)
  const repositories = (await servicesWith(store, catalogue, 'testReport')).get(service) ?? []
  const start = calendarOf(settings.timezone).daysBefore(asOf, flakyDays)
  const span = { from: Math.max(since ?? 0, start), to: asOf }
  const told: FlakyRepository[] = []
  for (const repository of repositories) {
    const reports = (await store.tests.runs(repository, span.from)).filter(({ at }) => at < asOf)
    const { flaky, failing, ...window } = flakyWindows(reports, [span])[0]!
    const listed = all ? failing : flaky
    const failures = lastFailures(
      reports,
      listed.map(({ test }) => test),
    )
    const tests = (await named(store, listed)).map((counted): FlakyTest => {
      const { at, run } = failures.get(counted.test)!
      return {
        service,
        team: settings.team,
        repository,
        suite: counted.suite,
        test: counted.name,
        runs: counted.runs,
        failures: counted.failures,
        failureRate: failureRateOf(counted),
        lastFailedAt: isoOf(at),
        lastFailedRun: run,
      }
    })
    told.push({
      repository,
      window: { ...window, from: isoOf(span.from), to: isoOf(span.to) },
      flaky: tests.filter(isFlaky),
      others: tests.filter((test) => !isFlaky(test)).map((test) => ({ ...test, rule: whyNot(test) })),
    })
  }
  return told
}

function whyNot({ runs, failures }: Pick<CountedTest, 'runs' | 'failures'>): string {
  if (runs < leastRuns) return `fewer than ${leastRuns} runs`
  return failures < runs * leastFailures
    ? 'fails in less than 5 % of its runs'
    : 'fails in more than 95 % of its runs: broken, not flaky'
}
