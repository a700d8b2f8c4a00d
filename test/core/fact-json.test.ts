import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Fact } from '../../core/fact.ts'
import { formatFact, parseFact } from '../../core/fact-json.ts'

const instant = fc.integer({ min: 100_000_000_000, max: 4_102_444_800_000 })
const word = fc.string({ minLength: 1, maxLength: 12 })
const key = { source: word, id: word }

/** Required and optional fields as facts have them; the optional ones are absent, never undefined. */
function arbitrary<Required extends object, Optional extends object>(
  required: { [Key in keyof Required]: fc.Arbitrary<Required[Key]> },
  optional: { [Key in keyof Optional]: fc.Arbitrary<Optional[Key]> },
): fc.Arbitrary<Required & Partial<Optional>> {
  const named = Object.keys(required) as (keyof Required)[]
  const both = { ...required, ...optional } as Record<string, fc.Arbitrary<unknown>>
  return fc.record(both, { requiredKeys: named as string[], noNullPrototype: true }) as fc.Arbitrary<
    Required & Partial<Optional>
  >
}

const deployment = arbitrary(
  {
    kind: fc.constant('deployment'),
    ...key,
    repository: word,
    environment: word,
    finishedAt: instant,
    outcome: fc.constantFrom('success', 'failure', 'cancelled', 'running'),
  },
  {
    service: word,
    sha: word,
    ref: fc.string(),
    version: word,
    startedAt: instant,
    range: fc.record({ base: word, commits: fc.array(word) }, { noNullPrototype: true }),
    isRollback: fc.boolean(),
    isRework: fc.boolean(),
    firstCommitAt: instant,
    workflow: fc.string(),
    url: fc.string(),
    actor: fc.string(),
    team: fc.string(),
  },
)
const change = arbitrary(
  {
    kind: fc.constant('change'),
    ...key,
    repository: word,
    number: fc.nat(),
    title: fc.string(),
    author: fc.string(),
    isBot: fc.boolean(),
    labels: fc.array(fc.string()),
    openedAt: instant,
    mergedAt: instant,
    commits: fc.array(fc.record({ sha: word, authoredAt: instant }, { noNullPrototype: true })),
  },
  {
    branch: fc.string(),
    readyAt: instant,
    firstReviewAt: instant,
    approvedAt: instant,
    headSha: word,
    mergeSha: word,
    additions: fc.nat(),
    deletions: fc.nat(),
    changedFiles: fc.nat(),
    url: fc.string(),
  },
)
const commit = arbitrary(
  {
    kind: fc.constant('commit'),
    ...key,
    repository: word,
    sha: word,
    parents: fc.array(word),
    authoredAt: instant,
    committedAt: instant,
    isBot: fc.boolean(),
  },
  { author: fc.string(), message: fc.string(), paths: fc.array(fc.string()), change: word },
)
const incident = arbitrary(
  { kind: fc.constant('incident'), ...key, startedAt: instant },
  {
    service: word,
    services: fc.array(word),
    environment: word,
    title: fc.string(),
    severity: fc.string(),
    openedAt: instant,
    acknowledgedAt: instant,
    resolvedAt: instant,
    causedBy: fc.record(
      { deploymentId: word, sha: word, version: word },
      { requiredKeys: [], noNullPrototype: true },
    ),
    deployTriggered: fc.boolean(),
    url: fc.string(),
  },
)
const run = arbitrary(
  {
    kind: fc.constant('run'),
    ...key,
    repository: word,
    workflow: word,
    attempt: fc.nat(),
    startedAt: instant,
    finishedAt: instant,
    outcome: fc.constantFrom('success', 'failure', 'cancelled'),
  },
  { sha: word, branch: fc.string(), url: fc.string() },
)
const anyFact = fc.oneof(deployment, change, commit, incident, run) as fc.Arbitrary<Fact>

describe('a fact in NDJSON', () => {
  test('is read back as it was written', () => {
    fc.assert(
      fc.property(anyFact, (fact) => {
        expect(parseFact(JSON.parse(formatFact(fact)))).toStrictEqual(fact)
      }),
    )
  })

  test('is one line whatever the texts in it', () => {
    fc.assert(fc.property(anyFact, (fact) => !formatFact(fact).includes('\n')))
  })

  test('has one order of keys whatever the order it came in', () => {
    fc.assert(
      fc.property(anyFact, (fact) => {
        const reversed = Object.fromEntries(Object.entries(fact).toReversed()) as unknown as Fact
        expect(formatFact(reversed)).toBe(formatFact(fact))
        expect(Object.keys(parseFact(reversed))).toStrictEqual(Object.keys(parseFact(fact)))
      }),
    )
  })

  test('is written with instants in UTC', () => {
    const fact = parseFact({ ...deployed, startedAt: '2026-03-02 06:00:00 +0200' })
    expect(formatFact(fact)).toBe(
      '{"kind":"deployment","source":"ci","id":"d1","service":"checkout","environment":"production",' +
        '"startedAt":"2026-03-02T04:00:00.000Z","finishedAt":"2026-03-02T05:00:00.000Z","outcome":"success"}',
    )
  })
})

const deployed = {
  kind: 'deployment',
  source: 'ci',
  id: 'd1',
  service: 'checkout',
  environment: 'production',
  finishedAt: '2026-03-02T05:00:00Z',
  outcome: 'success',
}
const merged = {
  kind: 'change',
  source: 'git',
  id: 'acme/shop!1',
  repository: 'acme/shop',
  number: 1,
  openedAt: '2026-03-01T05:00:00Z',
  mergedAt: '2026-03-02T05:00:00Z',
}
const committed = {
  kind: 'commit',
  source: 'git',
  id: 'acme/shop@a',
  repository: 'acme/shop',
  sha: 'a',
  parents: [],
  authoredAt: '2026-03-01T05:00:00Z',
  committedAt: '2026-03-01T05:00:00Z',
}
const ran = {
  kind: 'run',
  source: 'ci',
  id: '1#1',
  repository: 'acme/shop',
  workflow: 'ci.yml',
  startedAt: '2026-03-01T05:00:00Z',
  outcome: 'running',
}
const opened = { kind: 'incident', source: 'pagerduty', id: 'Q1', startedAt: '2026-03-01T05:00:00Z' }

describe('what may be missing', () => {
  test('has its neutral value where the fact needs one', () => {
    expect(parseFact(merged)).toMatchObject({ title: '', author: '', isBot: false, labels: [], commits: [] })
    expect(parseFact(committed)).toMatchObject({ isBot: false })
    expect(parseFact(ran)).toMatchObject({ attempt: 1, outcome: 'running' })
  })

  test('is absent, also when it was null', () => {
    const fact = parseFact({ ...opened, resolvedAt: null, causedBy: { sha: null, version: '1.2' } })
    expect(fact).toStrictEqual({
      kind: 'incident',
      source: 'pagerduty',
      id: 'Q1',
      startedAt: Date.UTC(2026, 2, 1, 5),
      causedBy: { version: '1.2' },
    })
  })

  test('is the service of a deployment that names its repository', () => {
    const { service, ...rest } = deployed
    expect(service).toBe('checkout')
    expect(parseFact({ ...rest, repository: 'acme/shop' })).not.toHaveProperty('service')
  })

  test('is the finish of what is running', () => {
    expect(parseFact({ ...deployed, outcome: 'running', finishedAt: undefined })).not.toHaveProperty(
      'finishedAt',
    )
  })

  test('unknown keys are dropped', () => {
    expect(parseFact({ ...opened, colour: 'red' })).not.toHaveProperty('colour')
  })

  test('defaults are not shared between facts', () => {
    const [one, other] = [parseFact(merged), parseFact(merged)]
    expect(one.kind === 'change' && other.kind === 'change' && one.labels !== other.labels).toBe(true)
  })
})

describe('a fact is refused with the field, what it got and what would be right', () => {
  test.each<[unknown, string]>([
    [null, 'null is no fact; write an object with kind, source, id'],
    [[], '[] is no fact; write an object with kind, source, id'],
    [{}, 'kind: is missing; write deployment, change, commit, incident, run or testReport'],
    [{ kind: 'deploy' }, 'kind: got "deploy"; write deployment, change, commit, incident, run or testReport'],
    [
      { kind: 'toString' },
      'kind: got "toString"; write deployment, change, commit, incident, run or testReport',
    ],
    [{ ...deployed, id: 7 }, 'id: got 7; write a text such as "acme/shop#981"'],
    [{ ...deployed, source: '' }, 'source: is empty; write a text such as "github"'],
    [{ ...deployed, environment: undefined }, 'environment: is missing; write a text such as "production"'],
    [
      { ...deployed, sha: '' },
      'sha: is empty; write a text such as "9fceb02d0ae598e95dc970b74767f19372d61af8"',
    ],
    [
      { ...deployed, service: undefined },
      'service: is missing; write the service, or the repository it is deployed from',
    ],
    [
      { ...deployed, finishedAt: undefined },
      'finishedAt: is missing; write an instant such as 2026-03-02T10:00:00Z',
    ],
    [
      { ...deployed, finishedAt: '2026-03-02T10:00:00' },
      'finishedAt: "2026-03-02T10:00:00" has no zone; write 2026-03-02T10:00:00Z or with an offset',
    ],
    [
      { ...deployed, outcome: 'SUCCESS' },
      'outcome: got "SUCCESS"; write success, failure, cancelled or running',
    ],
    [{ ...deployed, isRollback: 'yes' }, 'isRollback: got "yes"; write true or false'],
    [{ ...deployed, range: 'a..b' }, 'range: got "a..b"; write an object with base, commits'],
    [{ ...deployed, range: { base: 'a', commits: 'b' } }, 'range.commits: got "b"; write a list'],
    [{ ...merged, number: 1.5 }, 'number: got 1.5; write a whole number, 0 or more'],
    [{ ...merged, mergedAt: null }, 'mergedAt: is missing; write an instant such as 2026-03-02T10:00:00Z'],
    [
      {
        ...merged,
        commits: [
          { sha: 'a', authoredAt: '2026-03-01T05:00:00Z' },
          { sha: 'b', authoredAt: '2026-02-30T05:00:00Z' },
        ],
      },
      'commits[1].authoredAt: "2026-02-30T05:00:00Z" is a day that does not exist',
    ],
    [{ ...committed, parents: ['a', 3] }, 'parents[1]: got 3; write a text such as'],
    [{ ...committed, parents: undefined }, 'parents: is missing; write a list'],
    [{ ...opened, causedBy: { version: 2 } }, 'causedBy.version: got 2; write a text such as "1.4.2"'],
    [{ ...ran, outcome: 'success' }, 'finishedAt: is missing; write an instant such as 2026-03-02T10:00:00Z'],
  ])('%j', (value, message) => {
    expect(() => parseFact(value)).toThrow(expect.objectContaining({ name: 'Rejected' }))
    expect(() => parseFact(value)).toThrow(message)
  })
})
