import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { packChanges, unpackChanges } from '../../pipeline/packed-changes.ts'
import { packHistory, unpackHistory } from '../../pipeline/kept-state.ts'
import type { PullRequest } from '../../transforms/repository.ts'
import type { Rollout } from '../../transforms/rollout.ts'

const text = fc.string({ unit: 'binary' })
const instant = fc.integer({ min: 0, max: 4e12 })
const record = <Value>(model: { [K in keyof Value]: fc.Arbitrary<Value[K]> }) =>
  fc.record<Value>(model, { noNullPrototype: true })
const perhaps = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })

const change: fc.Arbitrary<PullRequest> = record({
  id: text,
  source: text,
  title: text,
  author: text,
  labels: fc.array(text, { maxLength: 3 }),
  branch: text,
  isBot: fc.boolean(),
  firstCommitAt: perhaps(instant),
  openedAt: perhaps(instant),
  readyAt: perhaps(instant),
  firstReviewAt: perhaps(instant),
  approvedAt: perhaps(instant),
  mergedAt: instant,
  merge: fc.integer({ min: -1, max: 1e6 }),
  head: fc.integer({ min: -1, max: 1e6 }),
  commits: fc.array(fc.nat(1e6), { maxLength: 5 }),
  size: perhaps(fc.nat()),
  changedFiles: perhaps(fc.nat()),
  url: text,
})

const rollout: fc.Arbitrary<Rollout> = record({
  source: text,
  id: text,
  environment: text,
  repository: text,
  sha: perhaps(text),
  version: perhaps(text),
  begunAt: instant,
  at: instant,
  succeeded: fc.boolean(),
  range: perhaps(record({ base: text, commits: fc.array(text, { maxLength: 3 }) })),
  isRollback: perhaps(fc.boolean()),
  isRework: perhaps(fc.boolean()),
  firstCommitAt: perhaps(instant),
  url: text,
  shared: fc.boolean(),
})

test('changes and rollouts come out of their columns as they went in', () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 8 }),
      fc.array(rollout, { maxLength: 8 }),
      (changes, rollouts) => {
        expect(unpackChanges(packChanges(changes))).toStrictEqual(changes)
        const history = { rollouts, incidents: [] }
        expect(unpackHistory(packHistory(history))).toStrictEqual(history)
      },
    ),
    { numRuns: 300 },
  )
})
