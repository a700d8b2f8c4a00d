import { parseInstant } from '../core/instant.ts'
import type { XmlHandlers } from './junit-xml.ts'

/** What the tests of one file did, and when the earliest of its suites began. */
export interface JunitCounts {
  tests: { suite: string; name: string; passed: number; failed: number }[]
  startedAt: number | undefined
  /** Test cases that nobody could tell from others. */
  nameless: number
}

interface Case {
  suite: string
  name: string
  failed: boolean
  skipped: boolean
  /** How often it failed before it passed, or before it failed for good. */
  retries: number
}

/** Each says that the test failed in one more execution: Surefire runs what failed again, and writes both. */
const failures = new Set(['failure', 'error'])
const retries = new Set(['flakyFailure', 'flakyError', 'rerunFailure', 'rerunError'])
/** GoogleTest and CTest say it in an attribute. */
const notRun = new Set(['notrun', 'disabled', 'skipped', 'suppressed'])

/** Longer names are cut: some producers write a whole value into the name of a parametrised test. */
const longestName = 1000

export interface TestCounter {
  handlers: XmlHandlers
  /** The name of the root element; undefined before it was seen. */
  root(): string | undefined
  result(): JunitCounts
}

/** Counts the test cases of one document as its elements come by. */
export function countTests(): TestCounter {
  const counted = new Map<string, JunitCounts['tests'][number]>()
  const suites: string[] = []
  let root: string | undefined
  let depth = 0
  let open: Case | undefined
  let startedAt: number | undefined
  let nameless = 0

  function begin(attributes: Readonly<Record<string, string>>): Case {
    const suite =
      plain(attributes['classname']) || suites.findLast((name) => name !== '') || plain(attributes['file'])
    const said = [attributes['status'], attributes['result']].map((each) => each?.toLowerCase() ?? '')
    const skipped = said.some((each) => notRun.has(each))
    return { suite, name: plain(attributes['name']), failed: false, skipped, retries: 0 }
  }

  function end({ suite, name, failed, skipped, retries: again }: Case): void {
    if (skipped && !failed) return
    if (name === '') {
      nameless += 1
      return
    }
    const key = JSON.stringify([suite, name])
    const test = counted.get(key) ?? { suite, name, passed: 0, failed: 0 }
    counted.set(key, test)
    test.failed += again + (failed ? 1 : 0)
    test.passed += failed ? 0 : 1
  }

  return {
    root: () => root,
    result: () => ({ tests: [...counted.values()], startedAt, nameless }),
    handlers: {
      open(name, attributes) {
        root ??= name
        depth += 1
        if (name === 'testsuite') {
          suites.push(plain(attributes['name']))
          startedAt = earlier(startedAt, instantOf(attributes['timestamp']))
        } else if (name === 'testcase') open = begin(attributes)
        else if (open && failures.has(name)) open.failed = true
        else if (open && retries.has(name)) open.retries += 1
        else if (open && name === 'skipped') open.skipped = true
      },
      close(name) {
        depth -= 1
        if (name === 'testsuite') suites.pop()
        if (name !== 'testcase' || !open) return
        end(open)
        open = undefined
      },
    },
  }
}

function plain(text: string | undefined): string {
  return (text ?? '')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, longestName)
}

/** JUnit's timestamps mostly have no zone, and then are UTC. */
function instantOf(text: string | undefined): number | undefined {
  const trimmed = text?.trim().replace(' ', 'T') ?? ''
  if (trimmed === '') return undefined
  try {
    return parseInstant(/(?:Z|[+-]\d\d:?\d\d)$/i.test(trimmed) ? trimmed : `${trimmed}Z`, 'timestamp')
  } catch {
    return undefined
  }
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)
}
