import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCompany } from '../../demo/company.ts'
import { configurationOf } from '../../demo/configuration.ts'
import { factsOf } from '../../demo/facts.ts'
import { qualityAt } from '../../pipeline/quality.ts'
import { groupFindings, qualityGroups } from '../../transforms/quality-groups.ts'
import type { Finding } from '../../transforms/finding.ts'
import { analyse, type Analysed } from '../analyse.ts'

const endsAt = Date.UTC(2026, 10, 20, 15)
const company = createCompany({ seed: 7, endsAt, days: 120 })

let analysed: Analysed
let findings: Finding[]
beforeAll(async () => {
  const { timezone, services } = configurationOf(company)
  const config = { timezone, since: new Date(company.since).toISOString(), services }
  analysed = await analyse(config, [...factsOf(company, endsAt)], new Date(endsAt).toISOString())
  const { store, options } = analysed
  const pipeline = { store, extractors: [], loaders: [], derivation: options }
  ;({ findings } = await qualityAt(pipeline, endsAt))
})
afterAll(() => analysed.store.close())

test('each trouble that the demo company plants is in its group, with the service that has it', () => {
  const planted = company.truth(endsAt).findings
  expect(new Set(planted.map(({ kind }) => kind))).toEqual(
    new Set(['baseline_unresolved', 'negative_lead_time', 'cause_not_found']),
  )
  const groups = groupFindings(findings, () => true)
  for (const { kind, subject, service } of planted) {
    const definition = qualityGroups.find(({ kinds }) => kinds.some((each) => each === kind))
    const group = groups.find((each) => each.group === definition?.group)
    expect(group?.findings).toContainEqual(expect.objectContaining({ kind, subject, service }))
    expect(group?.services).toContain(service)
  }
})

test('the repository that nobody deploys is found, and no other', () => {
  const idle = findings.filter(({ kind }) => kind === 'repository_without_deployments')
  expect(idle.map(({ service, subject }) => [service, subject])).toEqual([
    ['legacy-reports', 'acme/legacy-reports'],
  ])
})

test('staging, previews, and the production of others in one repository look like no forgotten production', () => {
  expect(
    findings.filter(
      ({ kind }) => kind === 'environment_not_production' || kind === 'no_production_deployment',
    ),
  ).toEqual([])
})
