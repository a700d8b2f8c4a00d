/** Trouble of each kind: what is configured and told, and the line that a report prints of it. */
export interface QualityCase {
  why: string
  services?: readonly object[]
  unnamedRepositories?: boolean
  facts: readonly object[]
  line: string
}

const source = 'test'
const repository = 'acme/web'
const web = { name: 'web', repository, incidents: ['P1'] }

const commit = (sha: string, more: object = {}) => ({
  kind: 'commit',
  source,
  id: `${repository}@${sha}`,
  repository,
  sha,
  parents: [],
  authoredAt: '2026-03-01T08:00:00Z',
  committedAt: '2026-03-01T08:00:00Z',
  paths: ['web/a.ts'],
  ...more,
})
const deployment = (id: string, more: object = {}) => ({
  kind: 'deployment',
  source,
  id,
  repository,
  environment: 'production',
  outcome: 'success',
  finishedAt: '2026-03-02T10:00:00Z',
  ...more,
})
const change = (number: number, more: object = {}) => ({
  kind: 'change',
  source,
  id: `${repository}!${number}`,
  repository,
  number,
  openedAt: '2026-03-03T08:00:00Z',
  mergedAt: '2026-03-03T09:00:00Z',
  ...more,
})
const incident = (id: string, more: object = {}) => ({
  kind: 'incident',
  source,
  id,
  service: 'P1',
  startedAt: '2026-03-02T10:10:00Z',
  resolvedAt: '2026-03-02T11:00:00Z',
  ...more,
})
const later = { finishedAt: '2026-03-04T10:00:00Z' }
/** Two commits, both deployed: nothing is wrong. */
const a = commit('a')
const b = commit('b', {
  parents: ['a'],
  authoredAt: '2026-03-03T08:00:00Z',
  committedAt: '2026-03-03T08:30:00Z',
})
const first = deployment('1', { sha: 'a' })
const second = deployment('2', { sha: 'b', ...later })

/** Nothing is to be found here. */
export const sound = { services: [web], facts: [a, b, first, second, incident('Q1')] }

export const qualityCases: readonly QualityCase[] = [
  {
    why: 'an environment that nobody configured',
    facts: [a, first, deployment('2', { sha: 'a', environment: 'production-eu' })],
    line: 'environment_not_production × 1: web (production-eu): 1 deployment, the last 2026-03-02T10:00:00.000Z; `environments` has /(?i:prod|production)/',
  },
  {
    why: 'staging alone',
    facts: [a, deployment('1', { sha: 'a', environment: 'staging' })],
    line: 'no_production_deployment × 1: web: 1 deployment to staging, none to production; `environments` has /(?i:prod|production)/',
  },
  {
    why: 'a repository that is mistyped',
    services: [web, { name: 'till', repository: 'acme/tilt' }],
    facts: [a, first],
    line: 'repository_unknown × 1: till acme/tilt: no commit, change, run or deployment of this repository is known',
  },
  {
    why: 'an id that no incident gives',
    services: [{ ...web, incidents: ['P1', 'P2'] }],
    facts: [a, first, incident('Q1')],
    line: 'incident_name_unknown × 1: web P2: no incident of this name or id is known',
  },
  {
    why: 'commits and no deployment',
    facts: [a],
    line: 'repository_without_deployments × 1: web acme/web: its commits are known, and web was never deployed to any environment',
  },
  {
    why: 'a last deployment long ago',
    facts: [a, deployment('1', { sha: 'a', environment: 'staging', finishedAt: '2025-11-30T10:00:00Z' })],
    line: 'repository_without_deployments × 1: web acme/web: its commits are known, and web was last deployed to any environment 2025-11-30T10:00:00.000Z',
  },
  {
    why: 'a repository of no service',
    facts: [a, first, { ...commit('c'), id: 'acme/tools@c', repository: 'acme/tools' }],
    line: 'repository_without_deployments × 1: acme/tools: its commits are known, no deployment of it is, and no service names it',
  },
  {
    why: 'an incident of somebody else',
    facts: [a, first, incident('Q1', { service: 'P9' })],
    line: 'incident_without_service × 1: P9 Q1: no service is called P9 or lists it under incidents',
  },
  {
    why: 'an incident of nobody',
    facts: [a, first, { ...incident('Q1'), service: undefined }],
    line: 'incident_without_service × 1: Q1: it names no service',
  },
  {
    why: 'a deployment that names no commit',
    facts: [a, first, deployment('2', later)],
    line: 'deployment_without_commit × 1: web (production) 2: it names no commit: what it shipped is not known',
  },
  {
    why: 'deployments of a repository that is not read',
    facts: [first, second],
    line: 'no_commits × 1: web: no commit of acme/web is known: there is no lead time',
  },
  {
    why: 'a range with a commit that was never told',
    facts: [a, b, first, { ...second, range: { base: 'a', commits: ['b', 'x'] } }],
    line: 'commit_unknown × 1: web (production) x: shipped by 2, but nothing is known of this commit',
  },
  {
    why: 'a commit that was never told',
    facts: [a, first, second],
    line: 'baseline_unresolved × 1: web (production) 2: commit b is not known',
  },
  {
    why: 'paths without the paths',
    services: [{ ...web, paths: ['web/**'] }],
    facts: [a, { ...b, paths: undefined }, first, second],
    line: 'paths_unknown × 1: web (production) b: paths are configured and those of this commit are not known',
  },
  {
    why: 'a cause that does not exist',
    facts: [a, first, incident('Q1', { causedBy: { deploymentId: '7' } })],
    line: 'cause_not_found × 1: web Q1: causedBy {"deploymentId":"7"} matches no finished production deployment of web',
  },
  {
    why: 'a change of which only the merge is known',
    facts: [a, b, first, second, { ...change(5, { mergeSha: 'b' }), openedAt: undefined }],
    line: 'first_commit_unknown × 1: web (production) acme/web!5: deployed 2026-03-04T10:00:00.000Z, but nothing says when its first commit was authored',
  },
  {
    why: "an author's clock that is fast",
    facts: [a, { ...b, authoredAt: '2026-03-05T08:00:00Z' }, first, second],
    line: 'negative_lead_time × 1: web (production) b: begun 2026-03-05T08:00:00.000Z, deployed 2026-03-04T10:00:00.000Z by 2',
  },
  {
    why: 'a change that was opened before it was written',
    facts: [
      a,
      b,
      first,
      second,
      change(5, { mergeSha: 'b', commits: [{ sha: 'b', authoredAt: '2026-03-03T08:30:00Z' }] }),
    ],
    line: 'phase_out_of_order × 1: web (production) acme/web!5: coding ends 2026-03-03T08:00:00.000Z, before its start 2026-03-03T08:30:00.000Z',
  },
  {
    why: 'an incident that was over before it began',
    facts: [a, first, incident('Q1', { startedAt: '2026-03-02T14:00:00Z' })],
    line: 'negative_recovery × 1: web Q1: started 2026-03-02T14:00:00.000Z, resolved 2026-03-02T11:00:00.000Z',
  },
]
