import { describe, expect, it } from 'vitest'
import type { Row } from '../../extractors/github/fields.ts'
import { deploymentFact, runDeployment, runFact } from '../../extractors/github/rollout-rows.ts'
import { changeFact, commitFact } from '../../extractors/github/rows.ts'

const origin = { source: 'github', repository: 'acme/shop', branch: 'main' }
const minute = (at: number) => `2026-03-02T12:${String(at).padStart(2, '0')}:00Z`
const time = (at: number) => Date.parse(minute(at))

/** Statuses oldest first, a minute apart, listed newest first as GitHub does. */
function rollout(states: string[], more: Row = {}): Row {
  const nodes = states.map((state, at) => ({ state, createdAt: minute(at + 1) })).toReversed()
  return {
    databaseId: 981,
    commitOid: 'c1',
    environment: 'production',
    task: 'deploy',
    createdAt: minute(0),
    statuses: { nodes },
    ...more,
  }
}

describe('a deployment', () => {
  const cases: [string, string[], string, number | undefined][] = [
    [
      'has succeeded with any success, when that came first',
      ['IN_PROGRESS', 'SUCCESS', 'SUCCESS'],
      'success',
      2,
    ],
    ['has succeeded also when another took its place', ['SUCCESS', 'INACTIVE'], 'success', 1],
    ['has succeeded also when it failed before', ['FAILURE', 'SUCCESS'], 'success', 2],
    ['has succeeded also when an error came later', ['SUCCESS', 'ERROR'], 'success', 1],
    ['has failed with a failure', ['IN_PROGRESS', 'FAILURE'], 'failure', 2],
    ['has failed with an error', ['ERROR'], 'failure', 1],
    ['has failed also when it was made inactive by hand', ['FAILURE', 'INACTIVE'], 'failure', 1],
    ['was cancelled when it became inactive without a success', ['QUEUED', 'INACTIVE'], 'cancelled', 2],
    ['runs again after a failure', ['FAILURE', 'IN_PROGRESS'], 'running', undefined],
    ['runs while it waits', ['WAITING'], 'running', undefined],
    ['runs without a status', [], 'running', undefined],
  ]
  for (const [what, states, outcome, at] of cases)
    it(what, () => {
      const fact = deploymentFact(rollout(states), origin)
      expect(fact.outcome).toBe(outcome)
      expect(fact.finishedAt).toBe(at === undefined ? undefined : time(at))
    })

  it('has begun when it was created, or when the approval was given that it waited for', () => {
    expect(deploymentFact(rollout(['QUEUED', 'IN_PROGRESS', 'SUCCESS']), origin).startedAt).toBe(time(0))
    expect(deploymentFact(rollout(['WAITING', 'IN_PROGRESS', 'SUCCESS']), origin).startedAt).toBe(time(2))
    expect(deploymentFact(rollout(['SUCCESS']), origin).startedAt).toBe(time(0))
  })

  it('is to the environment that its status names', () => {
    const statuses = { nodes: [{ state: 'SUCCESS', createdAt: minute(1), environment: 'prod-eu' }] }
    expect(deploymentFact(rollout([], { statuses }), origin).environment).toBe('prod-eu')
  })

  it('has a version where its ref is a tag, and a workflow where its task is its own', () => {
    const ref = { name: 'v1.2.0', prefix: 'refs/tags/' }
    const fact = deploymentFact(rollout(['SUCCESS'], { ref, task: 'deploy:checkout' }), origin)
    expect(fact).toMatchObject({ version: 'v1.2.0', ref: 'v1.2.0', workflow: 'deploy:checkout' })
    expect(deploymentFact(rollout(['SUCCESS']), origin)).not.toHaveProperty('workflow')
  })

  it('is rejected with what is wrong', () => {
    expect(() => deploymentFact(rollout(['DONE']), origin)).toThrow('status "DONE" is none of GitHub\'s')
    expect(() => deploymentFact(rollout([], { createdAt: 'yesterday' }), origin)).toThrow(
      'createdAt "yesterday" is no instant with a zone',
    )
    expect(() => deploymentFact(rollout([], { commitOid: null }), origin)).toThrow('commitOid is missing')
  })
})

describe('a change', () => {
  const pull: Row = {
    number: 42,
    title: 'Charge once',
    author: { login: 'dev-1', __typename: 'User' },
    createdAt: minute(10),
    mergedAt: minute(50),
    headRefName: 'hotfix/charge',
    headRefOid: 'h2',
    mergeCommit: { oid: 'm1' },
    labels: { nodes: [{ name: 'hotfix' }] },
    timelineItems: { nodes: [{ createdAt: minute(20) }] },
    reviews: {
      nodes: [
        { author: { login: 'dev-1', __typename: 'User' }, submittedAt: minute(21), state: 'COMMENTED' },
        { author: { login: 'checker', __typename: 'Bot' }, submittedAt: minute(22), state: 'COMMENTED' },
        { author: null, submittedAt: minute(23), state: 'COMMENTED' },
        { author: { login: 'dev-2', __typename: 'User' }, submittedAt: null, state: 'PENDING' },
        { author: { login: 'dev-2', __typename: 'User' }, submittedAt: minute(30), state: 'COMMENTED' },
        { author: { login: 'dev-3', __typename: 'User' }, submittedAt: minute(40), state: 'APPROVED' },
      ],
    },
    approvals: { nodes: [{ submittedAt: minute(40) }] },
    commits: {
      nodes: [
        { commit: { oid: 'h1', authoredDate: minute(5) } },
        { commit: { oid: 'h2', authoredDate: minute(9) } },
      ],
    },
    additions: 10,
    deletions: 0,
    changedFiles: 2,
    url: 'https://github.com/acme/shop/pull/42',
  }

  it('knows its phases, its commits and its size', () => {
    expect(changeFact(pull, origin)).toEqual({
      kind: 'change',
      source: 'github',
      id: 'acme/shop!42',
      repository: 'acme/shop',
      number: 42,
      title: 'Charge once',
      author: 'dev-1',
      isBot: false,
      labels: ['hotfix'],
      branch: 'hotfix/charge',
      openedAt: time(10),
      readyAt: time(20),
      firstReviewAt: time(30),
      approvedAt: time(40),
      mergedAt: time(50),
      commits: [
        { sha: 'h1', authoredAt: time(5) },
        { sha: 'h2', authoredAt: time(9) },
      ],
      headSha: 'h2',
      mergeSha: 'm1',
      additions: 10,
      deletions: 0,
      changedFiles: 2,
      url: 'https://github.com/acme/shop/pull/42',
    })
  })

  it('knows bots by their type and by their login, and nobody as ghost', () => {
    const of = (author: Row | null) => changeFact({ ...pull, author }, origin)
    expect(of({ login: 'updater', __typename: 'Bot' }).isBot).toBe(true)
    expect(of({ login: 'updater[bot]', __typename: 'User' }).isBot).toBe(true)
    expect(of(null)).toMatchObject({ author: 'ghost', isBot: false })
  })

  it('is rejected unless merged', () => {
    expect(() => changeFact({ ...pull, mergedAt: null }, origin)).toThrow('not merged')
  })
})

describe('a commit', () => {
  const node: Row = {
    oid: 'c2',
    message: 'Revert "Charge once"',
    authoredDate: minute(1),
    committedDate: minute(2),
    author: { name: 'dev-1', user: { login: 'dev-1' } },
    parents: { nodes: [{ oid: 'c1' }] },
  }

  it('is the same from GraphQL and from REST', () => {
    const signed = { name: 'dev-1', date: minute(1) }
    const rest = {
      sha: 'c2',
      commit: { message: 'Revert "Charge once"', author: signed, committer: { date: minute(2) } },
      author: { login: 'dev-1', type: 'User' },
      parents: [{ sha: 'c1' }],
    }
    expect(commitFact(rest, origin)).toEqual(commitFact(node, origin))
  })

  it('came in with the merged pull request into the default branch', () => {
    const associatedPullRequests = {
      nodes: [
        { number: 1, merged: false, baseRefName: 'main' },
        { number: 2, merged: true, baseRefName: 'release' },
        { number: 3, merged: true, baseRefName: 'main', repository: { nameWithOwner: 'fork/shop' } },
        { number: 4, merged: true, baseRefName: 'main', repository: { nameWithOwner: 'Acme/Shop' } },
      ],
    }
    expect(commitFact({ ...node, associatedPullRequests }, origin).change).toBe('acme/shop!4')
  })

  it('is a bot by its name or its address', () => {
    const author = { name: 'x', email: '1+updater[bot]@users.example.invalid' }
    expect(commitFact({ ...node, author }, origin).isBot).toBe(true)
  })
})

describe('a run', () => {
  const row: Row = {
    id: 7701,
    run_attempt: 1,
    name: 'Deploy',
    path: '.github/workflows/deploy.yml@refs/heads/main',
    status: 'completed',
    conclusion: 'success',
    created_at: minute(0),
    run_started_at: minute(1),
    updated_at: minute(9),
    head_sha: 'c1',
    head_branch: 'main',
  }

  it('has an outcome for everything that GitHub says', () => {
    const of = (conclusion: string) => runFact({ ...row, conclusion }, origin).outcome
    expect(['success', 'failure', 'timed_out', 'startup_failure'].map(of)).toEqual([
      'success',
      'failure',
      'failure',
      'failure',
    ])
    expect(new Set(['cancelled', 'skipped', 'neutral', 'stale', 'action_required'].map(of))).toEqual(
      new Set(['cancelled']),
    )
    expect(runFact({ ...row, status: 'waiting', conclusion: null }, origin)).not.toHaveProperty('finishedAt')
    expect(() => of('toString')).toThrow('conclusion "toString" is none of GitHub\'s')
    expect(() => runFact({ ...row, status: 'SUCCESS' }, origin)).toThrow(
      'status "SUCCESS" is none of GitHub\'s',
    )
  })

  it('is called by the file of its workflow', () => {
    expect(runFact(row, origin)).toMatchObject({ id: '7701#1', workflow: 'deploy.yml', startedAt: time(1) })
  })

  it('is one deployment, told by the last attempt that succeeded or failed', () => {
    const failed = { ...row, conclusion: 'failure', updated_at: minute(3) }
    const running = { ...row, run_attempt: 3, status: 'in_progress', conclusion: null }
    const again = { ...row, run_attempt: 2 }
    const of = (...attempts: Row[]) => runDeployment(attempts, origin, 'production')
    expect(of(failed, again, running)).toMatchObject({
      id: 'acme/shop#7701',
      outcome: 'success',
      finishedAt: time(9),
    })
    expect(of(failed, running)).toMatchObject({ outcome: 'failure', finishedAt: time(3) })
    expect(of(running).outcome).toBe('running')
  })
})
