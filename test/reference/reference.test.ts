import { describe, expect, it } from 'vitest'
import type { DeploymentFact } from './facts.ts'
import { mismatches } from './matches.ts'
import { referenceReport, type Config, type Fact } from './reference.ts'
import { matchesGlob } from './settings.ts'
import { change, commit, deployed, incident, time } from './small-facts.ts'

const old = commit('z', [], '1 00:00')
const first = deployed('d0', '1 01:00', { sha: 'z' })
const trunk = [
  old,
  commit('a', ['z'], '2 06:00'),
  commit('b', ['a'], '2 07:00'),
  commit('c', ['b'], '2 08:00'),
]

/** What does not hold of the 30 days before 25 March, and of the findings. */
function wrong(facts: Fact[], window: unknown, findings: unknown[] = [], config: Config = {}): string[] {
  const services = [{ name: 'shop', ...config.services?.[0] }]
  const whole = { since: '2026-01-01T00:00:00Z', ...config, services }
  const report = referenceReport(whole, facts, '2026-03-25T00:00:00Z', ['30d'])
  return mismatches(
    { services: [{ service: 'shop', windows: { '30d': window } }], dataQuality: findings },
    report,
  )
}

describe('what a deployment ships', () => {
  it('trusts a range whose base was shipped, and continues one whose base was not', () => {
    const complete = { base: 'z', commits: ['b', 'a'] }
    const partial = { base: 'a', commits: ['b'] }
    for (const range of [complete, partial]) {
      const facts = [...trunk, first, deployed('d1', '2 09:00', { sha: 'b', range })]
      expect(wrong(facts, { leadTime: { n: 2, p50: 2.5 * 3600 } })).toEqual([])
    }
  })

  it('counts what could not be sampled as shipped', () => {
    const facts = [
      old,
      commit('b', ['lost'], '2 07:00'),
      commit('c', ['b'], '2 08:00'),
      first,
      deployed('d1', '2 09:00', { sha: 'b' }),
      deployed('d2', '2 10:00', { sha: 'c' }),
    ]
    expect(
      wrong(facts, { leadTime: { n: 1, p50: 7200 } }, [{ kind: 'baseline_unresolved', subject: 'd1' }]),
    ).toEqual([])
  })

  it('says once that no commit is known', () => {
    const facts = [first, deployed('d1', '2 09:00', { sha: 'b' }), deployed('d2', '2 10:00', { sha: 'c' })]
    const report = referenceReport({ services: [{ name: 'shop' }] }, facts, '2026-03-25T00:00:00Z', ['7d'])
    expect(report.dataQuality.map(({ kind, subject }) => [kind, subject])).toEqual([['no_commits', 'shop']])
  })

  it('counts only what touches the paths', () => {
    const facts = [
      old,
      commit('a', ['z'], '2 06:00', { paths: ['api/.env'] }),
      commit('b', ['a'], '2 07:00', { paths: ['web/w.ts'] }),
      commit('c', ['b'], '2 08:00'),
      first,
      deployed('d1', '2 09:00', { sha: 'c' }),
    ]
    const config = { services: [{ name: 'shop', paths: ['api/*'] }] }
    const findings = [{ kind: 'paths_unknown', subject: 'c' }]
    expect(wrong(facts, { leadTime: { n: 1, p50: 3 * 3600 } }, findings, config)).toEqual([])
  })

  it.each([
    ['api/**', 'api/deep/a.ts', true],
    ['api/*', 'api/deep/a.ts', false],
    ['api/**', 'apis/a.ts', false],
    ['**/a.ts', 'a.ts', true],
    ['**/a.ts', 'b/c/a.ts', true],
    ['*.md', 'docs/a.md', false],
    ['a+b/*', 'a+b/c', true],
  ])('the glob %s and the path %s: %s', (glob, path, matches) => {
    expect(matchesGlob(glob, path)).toBe(matches)
  })

  it('starts the clock at the merge or the opening where that is configured', () => {
    const times = { openedAt: time('2 07:00'), mergedAt: time('2 08:00'), mergeSha: 'a' }
    const facts = [
      ...trunk,
      change(1, ['a'], '2 06:00', times),
      first,
      deployed('d1', '2 09:00', { sha: 'a' }),
    ]
    expect(wrong(facts, { leadTime: { p50: 10_800 } })).toEqual([])
    expect(wrong(facts, { leadTime: { p50: 7200 } }, [], { leadTimeFrom: 'opened' })).toEqual([])
    expect(wrong(facts, { leadTime: { p50: 3600 } }, [], { leadTimeFrom: 'merge' })).toEqual([])
  })
})

describe('failures, remediations and their recovery', () => {
  const released = [...trunk, first, deployed('d1', '2 09:00', { sha: 'a' })]

  it('fails the deployment before a chain of hotfixes once', () => {
    const facts = [
      ...released,
      change(1, ['b'], '2 07:00', { mergeSha: 'b', branch: 'Hotfix/x' }),
      change(2, ['c'], '2 08:00', { mergeSha: 'c', title: 'Revert "A change"' }),
      deployed('d2', '2 10:00', { sha: 'b' }),
      deployed('d3', '2 11:00', { sha: 'c' }),
    ]
    expect(wrong(facts, { failed: 1, rework: 2, rollbacks: 0, recoveryTime: { n: 1, p50: 3600 } })).toEqual(
      [],
    )
    const urgent = { hotfix: ['urgent'] }
    expect(wrong(facts, { failed: 1, rework: 1, recoveryTime: { p50: 3600 } }, [], urgent)).toEqual([])
  })

  it('marks what a hotfix repairs at exactly the end of the window, and nothing after it', () => {
    const late = (when: string) => [...released, deployed('d2', when, { sha: 'b', isRework: true })]
    expect(wrong(late('9 09:00'), { failed: 1, recoveryTime: { p50: 7 * 86_400 } })).toEqual([])
    expect(wrong(late('9 09:01'), { failed: 0, rework: 1 })).toEqual([])
  })

  it('knows no recovery of what a late rollback takes back', () => {
    const facts = [...released, deployed('d2', '9 09:01', { sha: 'z' })]
    const window = { failed: 1, rollbacks: 1, recoveryTime: { n: 0, unknown: 1, open: 0 } }
    expect(
      wrong(facts, window, [{ kind: 'recovery_unknown', subject: 'd1', environment: 'production' }]),
    ).toEqual([])
  })

  it('ends with the success after a remediation that failed', () => {
    const failedRollback = deployed('d2', '2 10:00', { sha: 'z', outcome: 'failure', isRollback: true })
    const facts = [...released, failedRollback]
    expect(wrong(facts, { failed: 2, recoveryTime: { n: 0, open: 2 } })).toEqual([])
    facts.push(deployed('d3', '2 11:00', { sha: 'z' }))
    expect(wrong(facts, { failed: 2, rollbacks: 2, recoveryTime: { n: 2, p50: 1.5 * 3600 } })).toEqual([])
  })

  it('takes back what failed halfway, and does not fail what is live', () => {
    const again = deployed('d3', '2 10:30', { sha: 'a', isRollback: true })
    const halfway = [...released, deployed('d2', '2 10:00', { sha: 'b', outcome: 'failure' }), again]
    expect(wrong(halfway, { failed: 1, rollbacks: 1, recoveryTime: { n: 1, p50: 1800 } })).toEqual([])
    expect(wrong([...released, again], { failed: 0, rollbacks: 1 })).toEqual([])
  })

  it('believes what a deployment says of itself', () => {
    const back = (rest: Partial<DeploymentFact>) => [
      ...released,
      deployed('d2', '2 10:00', { sha: 'z', ...rest }),
    ]
    expect(wrong(back({}), { failed: 1, rollbacks: 1, rework: 1 })).toEqual([])
    expect(wrong(back({ isRollback: false }), { failed: 0, rollbacks: 0, rework: 0 })).toEqual([])
    expect(wrong(back({ isRework: false }), { failed: 1, rollbacks: 1, rework: 0 })).toEqual([])
  })

  it('goes by the version where there is no commit', () => {
    const versions = ['v1', 'v2', 'v1', 'v2', 'v2', 'v1']
    const facts = versions.map((version, day) => deployed(`d${day}`, `${day + 1} 09:00`, { version }))
    expect(wrong(facts, { deployments: 6, failed: 2, rollbacks: 2, rework: 2 })).toEqual([])
  })

  it('lets the clock from the finish lead where that is configured', () => {
    const rollout = deployed('d2', '2 10:30', { sha: 'b', startedAt: time('2 10:00') })
    const facts = [...released, rollout, incident('2 10:10', '2 10:20')]
    const impact = { n: 1, p50: 600, unknown: 0, fromDeployment: { n: 0, p50: null } }
    expect(wrong(facts, { failed: 1, recoveryTime: impact })).toEqual([])
    const config = { recoveryClock: 'deployment' as const }
    const findings = [{ kind: 'negative_recovery', subject: 'd2' }]
    expect(wrong(facts, { failed: 1, recoveryTime: { n: 0, unknown: 1 } }, findings, config)).toEqual([])
  })
})

describe('incidents', () => {
  const released = [...trunk, first, deployed('d1', '2 09:00', { sha: 'b', version: 'v1' })]

  it.each([
    ['at the end of the window', '2 10:00', {}, 1],
    ['after it', '2 10:01', {}, 0],
    ['after it, but known to come of a deployment', '5 10:00', { deployTriggered: true }, 1],
    ['in time, but known not to come of one', '2 09:01', { deployTriggered: false }, 0],
    ['in no production', '2 09:01', { environment: 'staging' }, 0],
    ['in a production that was never deployed to', '2 09:01', { environment: 'prod' }, 1],
    ['by a commit within a deployment', '5 10:00', { causedBy: { sha: 'a' } }, 1],
    ['by a commit from before the baseline', '2 09:01', { causedBy: { sha: 'y' } }, 0],
    ['by the next cause where one matches nothing', '5 10:00', { causedBy: { sha: 'x', version: 'v1' } }, 1],
    ['by no known cause', '2 09:01', { causedBy: { deploymentId: 'd9' } }, 0],
  ])('%s', (_, when, rest, failed) => {
    const earlier = [commit('y', [], '1 00:00'), { ...old, parents: ['y'] }]
    const facts = [...released, ...earlier, incident(when, null, rest)]
    expect(wrong(facts, { deployments: 2, failed, recoveryTime: { open: failed } })).toEqual([])
  })

  it('fails the deployment in another production environment that it names as its cause', () => {
    const config = { services: [{ name: 'shop', environments: ['/prod-.*/'] }] }
    const deployments = ['prod-eu', 'prod-us'].map((environment) =>
      deployed(environment, '2 09:00', { environment, sha: 'a' }),
    )
    const cause = { environment: 'prod-eu', causedBy: { deploymentId: 'prod-us' } }
    const facts = [...deployments, incident('2 09:10', '2 09:20', cause)]
    const report = referenceReport(config, facts, '2026-03-05T00:00:00Z', ['7d'])
    const failed = report.services.map((service) => [service.environment, service.windows['7d']?.failed])
    expect(failed).toEqual([
      ['prod-eu', 0],
      ['prod-us', 1],
    ])
  })
})

describe('windows', () => {
  it.each([
    ['Australia/Lord_Howe', '2026-04-06T00:00:00Z', '2026-03-29T23:30:00.000Z', 7],
    ['Africa/Casablanca', '2026-03-24T11:00:00Z', '2026-03-17T12:00:00.000Z', 7],
    ['Asia/Kathmandu', '2026-03-24T18:15:00Z', '2026-03-17T18:15:00.000Z', 7],
  ])('of seven days in %s', (timezone, asOf, from, coverageDays) => {
    const config = { timezone, since: '2026-01-01T00:00:00Z', services: [{ name: 'shop' }] }
    expect(referenceReport(config, [], asOf, ['7d']).services[0]?.windows['7d']).toMatchObject({
      from,
      coverageDays,
    })
  })

  it('that begin before the data are counted in days of 24 h, and are none before it', () => {
    const config = { timezone: 'America/New_York', services: [{ name: 'shop' }] }
    const report = (asOf: string) =>
      referenceReport(config, [first], asOf, ['30d']).services[0]?.windows['30d']
    expect(report('2026-03-11T00:00:00Z')).toMatchObject({ coverageDays: 10 - 1 / 24, successful: 1 })
    expect(report('2026-03-01T01:00:00Z')).toBeNull()
  })
})
