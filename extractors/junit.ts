import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Rejected } from '../core/errors.ts'
import type { TestReport, TestSuite } from '../core/fact.ts'
import { countTests, type JunitCounts } from './junit-elements.ts'
import { readXml } from './junit-xml.ts'

/** What is told of a report from outside its files. */
export interface JunitOrigin {
  repository: string
  run?: string | undefined
  sha?: string | undefined
  /** Epoch ms; undefined where the files say it. */
  at?: number | undefined
}

/**
 * What the tests of a JUnit XML file did, as Surefire, pytest, jest-junit, gotestsum, nextest, PHPUnit and others write
 * it. The file is streamed: what is kept are the tests' names. Undefined where its root is no test suite.
 * Format: https://github.com/testmoapp/junitxml
 * @throws Rejected where it is no XML, is cut off, or is not to be decoded; the file system's error where it cannot be read.
 */
export async function readJunit(path: string): Promise<JunitCounts | undefined> {
  const counts = countTests()
  await readXml(createReadStream(path, { highWaterMark: 1 << 18 }), path, counts.handlers)
  return counts.root() === 'testsuites' || counts.root() === 'testsuite' ? counts.result() : undefined
}

/**
 * One report of all that was read. Its identity is what the tests did, in the run if there is one, else at that time: so
 * the same files told again change nothing, and the parts of a run that was split are reports of their own.
 */
export function reportOf(read: readonly JunitCounts[], origin: JunitOrigin): TestReport {
  const { repository, run, sha } = origin
  const startedAt = origin.at ?? earliest(read)
  if (startedAt === undefined)
    throw new Rejected(
      'no test suite has a timestamp: say when they ran with --at, such as --at 2026-03-02T10:00:00Z',
    )
  const suites = merged(read)
  if (suites.length === 0) throw new Rejected('no test ran')
  const identity = run === undefined ? [startedAt, sha ?? '', suites] : [suites]
  const digest = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 16)
  return {
    kind: 'testReport',
    source: 'junit',
    id: `${repository}#${run ?? ''}:${digest}`,
    repository,
    ...(run === undefined ? {} : { run }),
    ...(sha === undefined ? {} : { sha }),
    startedAt,
    suites,
  }
}

function earliest(read: readonly JunitCounts[]): number | undefined {
  const times = read.map(({ startedAt }) => startedAt).filter((at) => at !== undefined)
  return times.length === 0 ? undefined : Math.min(...times)
}

function merged(read: readonly JunitCounts[]): TestSuite[] {
  const suites = new Map<string, Map<string, [passed: number, failed: number]>>()
  for (const { tests } of read) {
    for (const { suite, name, passed, failed } of tests) {
      const own = suites.get(suite) ?? new Map<string, [number, number]>()
      suites.set(suite, own)
      const [before, failedBefore] = own.get(name) ?? [0, 0]
      own.set(name, [before + passed, failedBefore + failed])
    }
  }
  return [...suites].sort(byName).map(([name, tests]) => ({
    name,
    tests: [...tests].sort(byName).map(([test, [passed, failed]]) => [test, passed, failed]),
  }))
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
