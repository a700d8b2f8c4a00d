import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differences } from './compare.ts'
import { histories } from './histories.ts'
import { referenceReport, type Report, type WindowReport } from './reference.ts'
import { rules } from './rules.ts'

const windows = ['7d', '30d', '90d']

/** Every window of a report that is covered. */
function coveredWindows(report: Report): WindowReport[] {
  return [...report.services, ...report.teams, report.organization].flatMap((level) =>
    Object.values(level.windows).filter((window) => window !== null),
  )
}

describe('generated histories', () => {
  it('are small, and instants have a zone', () => {
    fc.assert(
      fc.property(histories(), ({ facts, asOf }) => {
        expect(facts.length).toBeGreaterThanOrEqual(10)
        expect(facts.length).toBeLessThanOrEqual(60)
        expect(asOf).toMatch(/Z$/)
        for (const fact of facts) {
          for (const [key, value] of Object.entries(fact)) if (key.endsWith('At')) expect(value).toMatch(/Z$/)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('reach every rule, each in at least 20 of 1,000', () => {
    const reached = new Map<string, number>(rules.map((rule) => [rule, 0]))
    for (const { config, facts, asOf } of fc.sample(histories(), { numRuns: 1000, seed: 1 })) {
      const applied = new Set<string>()
      referenceReport(config, facts, asOf, windows, (rule) => applied.add(rule))
      for (const rule of applied) reached.set(rule, (reached.get(rule) ?? 0) + 1)
    }
    expect([...reached].filter(([, count]) => count < 20)).toEqual([])
  })
})

describe('the reference', () => {
  it('keeps the sums of the definitions', () => {
    fc.assert(
      fc.property(histories(), ({ config, facts, asOf }) => {
        const report = referenceReport(config, facts, asOf, windows)
        for (const window of coveredWindows(report)) {
          const { recoveryTime: recovery, incidents, leadTime } = window
          expect(recovery.n + recovery.open + recovery.unknown).toBe(window.failed)
          expect(window.failed).toBeLessThanOrEqual(window.deployments)
          expect(window.successful).toBeLessThanOrEqual(window.deployments)
          expect(window.rework).toBeLessThanOrEqual(window.deployments)
          expect(window.rollbacks).toBeLessThanOrEqual(window.deployments)
          expect(window.deploymentDays).toBeLessThanOrEqual(window.successful)
          expect(recovery.fromDeployment.n).toBeLessThanOrEqual(window.failed)
          expect(incidents.attributed).toBeLessThanOrEqual(incidents.started)
          expect(incidents.recoveryTime.n).toBeLessThanOrEqual(incidents.started)
          expect(window.coverageDays).toBeGreaterThan(0)
          expect(window.deploymentFrequency * window.coverageDays).toBeCloseTo(window.successful, 6)
          expect(leadTime.p50 === null).toBe(leadTime.n === 0)
          expect(window.changeFailRate.value === null).toBe(window.deployments === 0)
          for (const value of [leadTime.p50, recovery.p50, incidents.recoveryTime.p50]) {
            expect(value ?? 0).toBeGreaterThanOrEqual(0)
          }
        }
      }),
      { numRuns: 200 },
    )
  })

  it('counts a deployment once above the service, and an incident at most as often as below', () => {
    fc.assert(
      fc.property(histories(), ({ config, facts, asOf }) => {
        const { services, teams, organization } = referenceReport(config, facts, asOf, windows)
        for (const name of windows) {
          const sum = (team: string | null, count: (window: WindowReport) => number) =>
            services
              .filter((service) => team === null || service.team === team)
              .flatMap((service) => service.windows[name] ?? [])
              .reduce((total, window) => total + count(window), 0)
          const levels = [
            ...teams.map((team) => ({ ...team, name: team.team })),
            { ...organization, name: null },
          ]
          for (const level of levels) {
            const window = level.windows[name]
            if (window === null || window === undefined) continue
            expect(window.deployments).toBe(sum(level.name, (one) => one.deployments))
            expect(window.successful).toBe(sum(level.name, (one) => one.successful))
            expect(window.failed).toBe(sum(level.name, (one) => one.failed))
            expect(window.rework).toBe(sum(level.name, (one) => one.rework))
            expect(window.leadTime.n).toBe(sum(level.name, (one) => one.leadTime.n))
            expect(window.recoveryTime.n).toBe(sum(level.name, (one) => one.recoveryTime.n))
            expect(window.incidents.started).toBeLessThanOrEqual(
              sum(level.name, (one) => one.incidents.started),
            )
            expect(window.bands.deploymentFrequency).toBeNull()
          }
        }
      }),
      { numRuns: 200 },
    )
  })

  it('does not depend on the order of facts that are delivered once', () => {
    fc.assert(
      fc.property(histories(), fc.infiniteStream(fc.nat()), ({ config, facts, asOf }, numbers) => {
        const last = new Map(facts.map((fact) => [JSON.stringify([fact.kind, fact.source, fact.id]), fact]))
        const shuffled = [...last.values()]
          .map((fact) => ({ fact, number: Number(numbers.next().value) }))
          .sort((a, b) => a.number - b.number)
          .map(({ fact }) => fact)
        const report = referenceReport(config, facts, asOf, windows)
        expect(differences(report, referenceReport(config, shuffled, asOf, windows))).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
})

describe('differences', () => {
  const report = {
    services: [{ service: 'a', environment: 'x', windows: { '7d': { n: 1, p50: null } } }],
    dataQuality: [
      { kind: 'no_commits', service: 'a', subject: 'a', detail: 'one wording' },
      { kind: 'recovery_unknown', service: 'a', environment: 'x', subject: 'd1', detail: '' },
    ],
  }

  it('leaves out the wording, the order and the kinds of an implementation of its own', () => {
    const other = {
      ...report,
      dataQuality: [
        { kind: 'stale_source', service: 'a', subject: 'a', detail: '' },
        { kind: 'recovery_unknown', service: 'a', environment: 'x', subject: 'd1', detail: 'other' },
        { kind: 'no_commits', service: 'a', subject: 'a', detail: 'another wording' },
      ],
    }
    expect(differences(report, other)).toEqual([])
  })

  it.each([
    ['a number', { n: 1 + 1e-8, p50: null }],
    ['a zero for a null', { n: 1, p50: 0 }],
    ['a missing key', { n: 1 }],
    ['a key too many', { n: 1, p50: null, p90: null }],
    ['a window that is not covered', null],
  ])('finds %s', (_, window) => {
    const services = [{ service: 'a', environment: 'x', windows: { '7d': window } }]
    expect(differences(report, { ...report, services })).toHaveLength(1)
  })

  it('finds a missing service, and findings that are missing or too many', () => {
    expect(differences(report, { ...report, services: [] })).toHaveLength(1)
    expect(differences(report, { ...report, dataQuality: report.dataQuality.slice(1) })).toHaveLength(1)
    expect(differences({ ...report, dataQuality: [] }, report)).toHaveLength(2)
  })
})
