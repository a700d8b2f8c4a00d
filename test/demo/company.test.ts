import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { createCompany, type Company } from '../../demo/company.ts'
import { configurationOf } from '../../demo/configuration.ts'
import { factsOf } from '../../demo/facts.ts'

const endsAt = Date.UTC(2026, 10, 20, 15)
const dayMs = 86_400_000
const company = createCompany({ seed: 'a', endsAt, days: 90 })

function fingerprint(of: Company): string {
  return JSON.stringify([...factsOf(of)])
}

test('the same seed makes the same company, another seed another', () => {
  expect(fingerprint(createCompany({ seed: 'a', endsAt, days: 90 }))).toBe(fingerprint(company))
  expect(fingerprint(createCompany({ seed: 'b', endsAt, days: 90 }))).not.toBe(fingerprint(company))
})

test('a dozen services in four teams, as config/demo.yaml says', () => {
  const configured = parse(readFileSync('config/demo.yaml', 'utf8')) as object
  expect(configured).toMatchObject(configurationOf(company))
  expect(company.services).toHaveLength(12)
  expect(new Set(company.services.map(({ team }) => team)).size).toBe(4)
})

test('any number of services, each name and id once', () => {
  for (const services of [1, 7, 100]) {
    const made = createCompany({ seed: 'a', endsAt, days: 3, services })
    expect(made.services).toHaveLength(services)
    expect(new Set(made.services.map(({ name }) => name)).size).toBe(services)
    expect(new Set(made.pagerServices.map(({ id }) => id)).size).toBe(services)
  }
})

test('commits form a graph: every parent was there before, every sha is one of 40 digits and unique', () => {
  for (const { commits, commitBySha } of company.repositories.values()) {
    expect(commitBySha.size).toBe(commits.length)
    for (const { sha, parents, index } of commits) {
      expect(sha).toMatch(/^[0-9a-f]{40}$/)
      for (const parent of parents) expect(parent.index).toBeLessThan(index)
    }
  }
})

test('merge styles leave their traces', () => {
  const mergesOf = (name: string) => {
    const { pulls } = company.repositories.get(`acme/${name}`)!
    return pulls.filter(({ base, mergeCommit }) => mergeCommit && base === 'main')
  }
  for (const { mergeCommit, commits } of mergesOf('payments')) {
    expect(mergeCommit!.parents).toHaveLength(2)
    expect(mergeCommit!.parents[1]).toBe(commits.at(-1))
  }
  for (const { mergeCommit, number } of mergesOf('checkout')) {
    expect(mergeCommit!.parents).toHaveLength(1)
    expect(mergeCommit!.message).toContain(`(#${number})`)
  }
  for (const { mergeCommit, commits } of mergesOf('invoices')) {
    expect(mergeCommit!.message).toBe(commits.at(-1)!.message)
    expect(mergeCommit!.authoredAt).toBe(commits.at(-1)!.authoredAt)
    expect(mergeCommit!.sha).not.toBe(commits.at(-1)!.sha)
  }
})

test('workdays are busier than weekends', () => {
  const byWeekday = [0, 0, 0, 0, 0, 0, 0]
  for (const { startedAt } of company.truth().deployments) byWeekday[new Date(startedAt).getUTCDay()]! += 1
  const [sunday, monday, tuesday, wednesday, thursday, , saturday] = byWeekday as [number, ...number[]]
  expect(Math.min(monday!, tuesday!, wednesday!, thursday!)).toBeGreaterThan(3 * Math.max(sunday, saturday!))
})

test('every kind of trouble comes up', () => {
  const { deployments, incidents, findings } = company.truth()
  const kinds = new Set(deployments.map(({ kind }) => kind))
  expect([...kinds].sort()).toEqual(['normal', 'redeploy', 'rework', 'rollback'])
  const reasons = new Set(deployments.flatMap((each) => each.reasons.map(({ kind }) => kind)))
  expect([...reasons].sort()).toEqual(['outcome', 'rework', 'rollback'])
  expect(new Set(incidents.map(({ rule }) => rule))).toEqual(
    new Set(['caused_by', 'nearest', 'unattributed']),
  )
  expect(new Set(findings.map(({ kind }) => kind))).toContain('baseline_unresolved')
  expect(new Set(findings.map(({ kind }) => kind))).toContain('negative_lead_time')

  const repositories = [...company.repositories.values()]
  const pulls = repositories.flatMap((each) => each.pulls)
  expect(pulls.some(({ author }) => author.isBot)).toBe(true)
  expect(pulls.some(({ closedAt, mergedAt }) => closedAt !== undefined && mergedAt === undefined)).toBe(true)
  expect(pulls.some(({ readyAt }) => readyAt !== undefined)).toBe(true)
  expect(pulls.some(({ title }) => title.startsWith('Revert "'))).toBe(true)
  expect(pulls.some(({ branch }) => branch.startsWith('hotfix/'))).toBe(true)
  expect(repositories.some((each) => each.runs.some(({ attempts }) => attempts.length > 1))).toBe(true)

  const rollouts = repositories.flatMap((each) => each.deployments)
  const environments = new Set(rollouts.map(({ environment }) => environment.replace(/\d+$/, '')))
  expect([...environments]).toEqual(
    expect.arrayContaining(['production', 'prod-eu', 'prod-us', 'staging', 'preview-', 'github-pages']),
  )
  expect(rollouts.some(({ commit }) => commit === undefined)).toBe(true)
  const unfinished = rollouts.filter((each) => each.createdAt < endsAt - dayMs && each.statuses.length < 3)
  expect(unfinished.length).toBeGreaterThan(0)
  expect(company.incidents.some(({ mergedInto }) => mergedInto)).toBe(true)
  expect(company.incidents.some(({ alerts }) => alerts.length === 0)).toBe(true)
  expect(company.incidents.some(({ events }) => events.at(-1)!.status !== 'resolved')).toBe(true)
  const idle = company.truth().deployments.filter(({ service }) => service === 'legacy-reports')
  expect(idle).toEqual([])
})

test('facts show nothing that has not happened yet', () => {
  const now = endsAt - 10 * dayMs
  const later = [...factsOf(company, now)].flatMap((fact) =>
    ['startedAt', 'finishedAt', 'mergedAt', 'committedAt', 'openedAt', 'resolvedAt', 'readyAt']
      .filter((key) => typeof fact[key] === 'string' && Date.parse(fact[key]) > now)
      .map((key) => ({ key, fact })),
  )
  expect(later).toEqual([])
})
