import { describe, expect, test } from 'vitest'
import { createCompany, type Company } from '../../demo/company.ts'
import { configurationOf } from '../../demo/configuration.ts'
import { factsOf } from '../../demo/facts.ts'
import { deploymentStateAt, statusesAt } from '../../demo/github-state.ts'
import { incidentStateAt } from '../../demo/incident-state.ts'
import { failedAt, recoveryAt, type TruthDeployment, type TruthSummary } from '../../demo/truth.ts'
import { analyse } from '../analyse.ts'

const endsAt = Date.UTC(2026, 10, 20, 15)
const dayMs = 86_400_000
const company = createCompany({ seed: 7, endsAt, days: 90 })
const truth = company.truth()

function recordOf({ repository, id }: TruthDeployment) {
  const { deployments } = company.repositories.get(repository)!
  return deployments.find((each) => `${repository}#${each.id}` === id)!
}

test('each deployment that is true has its statuses in the API', () => {
  for (const deployment of truth.deployments) {
    const record = recordOf(deployment)
    const said = statusesAt(record, endsAt).find(({ state }) => /success|failure|error/.test(state))!
    expect(said.at).toBe(deployment.finishedAt)
    expect(said.state === 'success').toBe(deployment.outcome === 'success')
    expect(record.environment).toBe(deployment.environment)
    expect(record.sha).toBe(deployment.sha)
    if (deployment.outcome === 'failure')
      expect(deploymentStateAt(record, endsAt)).toMatch(/^(FAILURE|ERROR)$/)
  }
})

test('each that failed has a status, an incident or a remedy that says so', () => {
  const failed = truth.deployments.filter((deployment) => failedAt(deployment, endsAt))
  expect(failed.length).toBeGreaterThan(50)
  const byId = new Map(truth.deployments.map((deployment) => [deployment.id, deployment]))
  for (const deployment of failed) {
    const remedies = deployment.reasons.filter(({ kind }) => kind !== 'outcome')
    for (const { kind, by, knownAt } of remedies) {
      const remedy = byId.get(by)
      if (knownAt > endsAt) continue
      expect(remedy).toMatchObject({ kind, service: deployment.service, environment: deployment.environment })
      expect(remedy!.finishedAt).toBeGreaterThan(deployment.finishedAt)
    }
    for (const { record, service } of deployment.incidents) {
      expect(company.incidents).toContain(record)
      expect(service).toBe(deployment.service)
    }
    const said = remedies.length + deployment.incidents.length
    if (deployment.outcome === 'success') expect(said).toBeGreaterThan(0)
  }
})

test('a stated cause is in the details of the alert, and the deployment was the first to ship it', () => {
  const caused = truth.incidents.filter(({ rule }) => rule === 'caused_by')
  expect(caused.length).toBeGreaterThan(10)
  for (const { record, deployments } of caused) {
    const { sha, version } = record.alerts[0]!.details
    const [deployment] = deployments
    if (version) expect(recordOf(deployment!).ref).toEqual({ name: version, kind: 'tags' })
    else expect(deployment!.changes.flatMap(({ shas }) => shas)).toContain(sha)
  }
})

test('a change is shipped once to each environment, and its lead time begins with its first commit', () => {
  const seen = new Set<string>()
  for (const { service, environment, changes, repository } of truth.deployments) {
    const { pulls, commitBySha } = company.repositories.get(repository)!
    for (const { id, firstCommitAt } of changes) {
      const once = `${service} ${environment} ${id}`
      expect(seen).not.toContain(once)
      seen.add(once)
      const pull = pulls.find(({ number }) => id === `${repository}!${number}`)
      const commits = pull?.commits ?? [commitBySha.get(id)!]
      expect(Math.min(...commits.map(({ authoredAt }) => authoredAt))).toBe(firstCommitAt)
    }
  }
})

test('what has failed has recovered, is open, or nobody knows', () => {
  for (const service of company.services) {
    for (const environment of service.environments) {
      const summary = truth.summary(service.name, environment, company.since, endsAt)
      expect(summary.recoveryTimes.length + summary.open + summary.unknown).toBe(summary.failed)
      expect(summary.successful).toBeLessThanOrEqual(summary.deployments)
    }
  }
})

test('while an incident is open, its deployment has not recovered', () => {
  const bad = truth.deployments.find(({ incidents }) => incidents.length === 1)!
  const { record } = bad.incidents[0]!
  const acknowledgedAt = record.events[1]!.at
  expect(incidentStateAt(record, acknowledgedAt)!.resolvedAt).toBeUndefined()
  expect(recoveryAt(bad, acknowledgedAt)).toBe('open')
  expect(recoveryAt(bad, endsAt)).toBeGreaterThan(0)
  expect(failedAt(bad, record.createdAt - 1000)).toBe(bad.outcome === 'failure')
})

/** What the report says of one service and environment, in the form of the truth. */
function derived(window: Record<string, never>): Partial<Record<keyof TruthSummary, unknown>> {
  const { deployments, successful, failed, rework, rollbacks, leadTime, recoveryTime } =
    window as never as Record<
      string,
      { n: number; p50: number; excludedBots: number; open: number; unknown: number }
    >
  return {
    deployments,
    successful,
    failed,
    rework,
    rollbacks,
    leadTimes: [leadTime!.n, leadTime!.p50],
    excludedBots: leadTime!.excludedBots,
    recoveryTimes: [recoveryTime!.n, recoveryTime!.p50],
    open: recoveryTime!.open,
    unknown: recoveryTime!.unknown,
  }
}

function middle(sorted: readonly number[]): number | null {
  if (sorted.length === 0) return null
  const at = (sorted.length - 1) / 2
  return (sorted[Math.floor(at)]! + sorted[Math.ceil(at)]!) / 2
}

async function disagreements(of: Company, now: number): Promise<object[]> {
  const { timezone, services } = configurationOf(of)
  const config = {
    timezone,
    since: new Date(of.since).toISOString(),
    services,
    windows: ['7d', '30d', '60d'],
  }
  const { report, store } = await analyse(config, [...factsOf(of, now)], new Date(now).toISOString())
  store.close()
  const known = of.truth(now)
  const wrong: object[] = []
  for (const { service, environment, windows } of report.services) {
    for (const [name, window] of Object.entries(windows)) {
      if (window === null) continue
      const real = known.summary(service, environment, Date.parse(window.from), now)
      const told = derived(window as never)
      const expected = {
        ...real,
        leadTimes: [real.leadTimes.length, middle(real.leadTimes)],
        recoveryTimes: [real.recoveryTimes.length, middle(real.recoveryTimes)],
      }
      if (JSON.stringify(told) !== JSON.stringify(expected))
        wrong.push({ service, environment, name, told, expected })
    }
  }
  const findings = (list: readonly { kind: string; subject: string; service: string }[]) =>
    list.map(({ kind, subject, service }) => `${kind} ${subject} ${service}`)
  const reported = new Set(findings(report.dataQuality))
  return [
    ...wrong,
    ...findings(known.findings)
      .filter((each) => !reported.has(each))
      .map((missing) => ({ missing })),
  ]
}

describe('what is derived from the facts is what is true', () => {
  for (const seed of [11, 12, 13]) {
    test(`seed ${seed}, at the end and after it`, async () => {
      const made = createCompany({ seed, endsAt, days: 60 })
      expect(await disagreements(made, endsAt)).toEqual([])
      expect(await disagreements(made, endsAt + 5 * dayMs)).toEqual([])
    })
  }
})
