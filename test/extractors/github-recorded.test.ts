import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { messageOf, Rejected } from '../../core/errors.ts'
import type { Fact } from '../../core/fact.ts'
import { isRow, nodesOf } from '../../extractors/github/fields.ts'
import type { Row } from '../../extractors/github/fields.ts'
import { deploymentFact, jobsFinishedAt, runFact } from '../../extractors/github/rollout-rows.ts'
import { changeFact, commitFact } from '../../extractors/github/rows.ts'

const folder = new URL('../../../shared/recorded/', import.meta.url)
const isThere = existsSync(folder)
if (!isThere) console.info('no recorded responses beside this repository: their replay is skipped')

const origin = { source: 'github', repository: 'acme/shop' }

interface Recorded {
  query: Row
  body: Row
}

function recorded(file: string): Recorded[] {
  const lines = readFileSync(new URL(file, folder), 'utf8').trim().split('\n')
  return lines.map((line) => {
    const { query, body } = JSON.parse(line) as { query: unknown; body: Row }
    return { query: isRow(query) ? query : {}, body }
  })
}

/** Every row gives a fact or a reason; anything else that is thrown fails the test. */
function replay(rows: Row[], map: (row: Row) => Fact) {
  const facts: Fact[] = []
  const reasons: Record<string, number> = {}
  for (const row of rows) {
    try {
      facts.push(map(row))
    } catch (error) {
      if (!(error instanceof Rejected)) throw error
      reasons[messageOf(error)] = (reasons[messageOf(error)] ?? 0) + 1
    }
  }
  return { facts, reasons }
}

/** The recording was written by a program that begins names with capitals. */
function asSent(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asSent)
  if (!isRow(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key.charAt(0).toLowerCase() + key.slice(1), asSent(each)]),
  )
}

const bodies = (file: string) => recorded(file).map((each) => each.body)

describe.skipIf(!isThere)('recorded responses', () => {
  it('of deployments', () => {
    const rows = bodies('github-graphql/deployment.ndjson').map((row) => asSent(row) as Row)
    const { facts, reasons } = replay(rows, (row) => deploymentFact(row, origin))
    expect(reasons).toEqual({ 'statuses are missing, and INACTIVE alone tells no outcome': 4 })
    expect(facts.map((fact) => fact.kind === 'deployment' && fact.outcome)).toEqual([
      'success',
      'success',
      'success',
    ])
    expect(facts[0]).toMatchObject({
      id: 'acme/shop#3881429895',
      outcome: 'success',
      environment: 'github-pages',
      finishedAt: Date.parse('2026-02-20T00:30:59Z'),
    })
  })

  it('of pull requests with their commits and reviews', () => {
    const commits = recorded('github/pull-request-commits.ndjson')
    const reviews = bodies('github/pull-request-reviews.ndjson')
    const beside = (row: Row): Row => ({
      ...row,
      commits: commits.filter((each) => each.query['Number'] === row['number']).map((each) => each.body),
      reviews: reviews.filter((each) => each['pull_request_url'] === row['url']),
    })
    const rows = bodies('github/pull-requests.ndjson').map(beside)
    const { facts, reasons } = replay(rows, (row) => changeFact(row, origin))
    expect(reasons).toEqual({ 'not merged': 23 })
    const changes = facts.filter((fact) => fact.kind === 'change')
    expect(changes).toHaveLength(27)
    expect(changes.reduce((sum, change) => sum + change.commits.length, 0)).toBe(46)
    expect(changes.filter((change) => change.firstReviewAt !== undefined)).toHaveLength(3)
  })

  it('of commits', () => {
    const { facts, reasons } = replay(bodies('github/pull-request-commits.ndjson'), (row) =>
      commitFact(row, origin),
    )
    expect(reasons).toEqual({})
    expect(facts).toHaveLength(91)
  })

  it('of workflow runs', () => {
    const { facts, reasons } = replay(bodies('github/runs.ndjson'), (row) => runFact(row, origin))
    const count = (outcome: string) =>
      facts.filter((fact) => fact.kind === 'run' && fact.outcome === outcome).length
    expect([count('success'), count('failure'), count('running')]).toEqual([16, 2, 2])
    // States that were written into the recording by hand.
    expect(Object.keys(reasons)).toHaveLength(15)
    expect(reasons).toHaveProperty(['status "SUCCESS" is none of GitHub\'s'], 1)
  })

  it('of jobs', () => {
    const times = bodies('github/jobs.ndjson').map((row) => jobsFinishedAt([row]))
    expect(times.filter((at) => at !== undefined)).toHaveLength(35)
  })

  it('of issues and review comments, which are no changes', () => {
    for (const [file, count] of [
      ['issues', 42],
      ['pull-request-review-comments', 16],
    ] as const) {
      const { facts, reasons } = replay(nodesOf(bodies(`github/${file}.ndjson`)), (row) =>
        changeFact(row, origin),
      )
      expect(facts).toEqual([])
      expect(Object.values(reasons).reduce((sum, each) => sum + each, 0)).toBe(count)
    }
  })
})
