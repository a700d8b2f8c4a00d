import type { DatabaseSync } from 'node:sqlite'
import type { TestReport, TestSuite } from '../core/fact.ts'
import { compareText } from './scope.ts'

/**
 * A test report as it is stored: names as numbers, and those that did the same as ranges of numbers. Ten thousand tests
 * that pass are a few bytes, and their names are stored once for all reports of a repository.
 */
export interface StoredReport extends Omit<TestReport, 'suites'> {
  /** Tests that passed, or failed, once. */
  passed: string
  failed: string
  /** All others, with how often they did. */
  more: [test: number, passed: number, failed: number][]
}

export interface TestNames {
  encode(report: TestReport): StoredReport
  decode(stored: StoredReport): TestReport
  /** The suite and name of a test. */
  nameOf(test: number): [suite: string, name: string]
  /** Forgets the names of a repository that none of these reports has. */
  prune(repository: string, left: Iterable<StoredReport>): void
  forget(): void
}

/** Names that are kept at hand. */
const mostNames = 200_000

export function testNames(database: DatabaseSync): TestNames {
  const find = database.prepare('SELECT id FROM test_names WHERE repository = ? AND suite = ? AND name = ?')
  const add = database.prepare(
    'INSERT INTO test_names (repository, suite, name) VALUES (?, ?, ?) RETURNING id',
  )
  const named = database.prepare('SELECT suite, name FROM test_names WHERE id = ?')
  const ofRepository = database.prepare('SELECT id FROM test_names WHERE repository = ?')
  const remove = database.prepare('DELETE FROM test_names WHERE id = ?')
  const names = new Map<number, [suite: string, name: string]>()

  function numberOf(repository: string, suite: string, name: string): number {
    const found = find.get(repository, suite, name) ?? add.get(repository, suite, name)
    return (found as { id: number }).id
  }

  function nameOf(test: number): [suite: string, name: string] {
    let known = names.get(test)
    if (!known) {
      const { suite, name } = named.get(test) as { suite: string; name: string }
      if (names.size >= mostNames) names.clear()
      names.set(test, (known = [suite, name]))
    }
    return known
  }

  return {
    nameOf,
    encode({ suites, ...report }) {
      const counts = new Map<number, [passed: number, failed: number]>()
      for (const { name: suite, tests } of suites) {
        for (const [name, passed, failed] of tests) {
          const test = numberOf(report.repository, suite, name)
          const [before, failedBefore] = counts.get(test) ?? [0, 0]
          counts.set(test, [before + passed, failedBefore + failed])
        }
      }
      const all = [...counts].sort(([a], [b]) => a - b)
      const only = (passed: number, failed: number) =>
        all.filter(([, count]) => count[0] === passed && count[1] === failed).map(([test]) => test)
      return {
        ...report,
        passed: packNumbers(only(1, 0)),
        failed: packNumbers(only(0, 1)),
        more: all
          .filter(([, [passed, failed]]) => passed + failed > 1)
          .map(([test, [passed, failed]]) => [test, passed, failed]),
      }
    },
    decode({ passed, failed, more, ...report }) {
      const suites = new Map<string, TestSuite>()
      const note = (test: number, passes: number, failures: number) => {
        const [suite, name] = nameOf(test)
        const there = suites.get(suite) ?? { name: suite, tests: [] }
        suites.set(suite, there)
        there.tests.push([name, passes, failures])
      }
      for (const test of numbersIn(passed)) note(test, 1, 0)
      for (const test of numbersIn(failed)) note(test, 0, 1)
      for (const counted of more) note(...counted)
      const sorted = [...suites.values()].sort((a, b) => compareText(a.name, b.name))
      for (const { tests } of sorted) tests.sort(([a], [b]) => compareText(a, b))
      return { ...report, suites: sorted }
    },
    prune(repository, left) {
      const used = new Set<number>()
      for (const { passed, failed, more } of left) {
        for (const test of numbersIn(passed)) used.add(test)
        for (const test of numbersIn(failed)) used.add(test)
        for (const [test] of more) used.add(test)
      }
      for (const { id } of ofRepository.all(repository) as { id: number }[]) if (!used.has(id)) remove.run(id)
      names.clear()
    },
    forget: () => names.clear(),
  }
}

/** Ascending numbers as ranges, each the gap before it and its length, in base 128 with the lowest digits first. */
export function packNumbers(ascending: readonly number[]): string {
  const bytes: number[] = []
  const write = (value: number) => {
    let left = value
    for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128)
    bytes.push(left)
  }
  let end = 0
  for (let index = 0; index < ascending.length;) {
    const first = ascending[index]!
    let length = 1
    while (ascending[index + length] === first + length) length += 1
    write(first - end)
    write(length)
    end = first + length
    index += length
  }
  return Buffer.from(bytes).toString('base64')
}

/** The ranges, from each first number up to, but not with, each end: first, end, first, end, … */
export function rangesIn(packed: string): number[] {
  const ranges: number[] = []
  let end = 0
  let value = 0
  let unit = 1
  let first: number | undefined
  for (const byte of Buffer.from(packed, 'base64')) {
    value += (byte % 128) * unit
    unit *= 128
    if (byte >= 128) continue
    if (first === undefined) first = end + value
    else {
      end = first + value
      ranges.push(first, end)
      first = undefined
    }
    value = 0
    unit = 1
  }
  return ranges
}

function* numbersIn(packed: string): Generator<number> {
  const ranges = rangesIn(packed)
  for (let index = 0; index < ranges.length; index += 2)
    for (let test = ranges[index]!; test < ranges[index + 1]!; test += 1) yield test
}
