import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { environmentMatcher } from '../../core/matchers.ts'
import {
  environmentFindings,
  environmentsUsed,
  looksLikeProduction,
} from '../../transforms/quality-environments.ts'

const likeProduction = [
  'production',
  'Production',
  'PRODUCTION',
  'prod',
  'prd',
  'live',
  'production-eu',
  'prod_us',
  'prod.eu-west-1',
  'eu-prod',
  'aws/prod',
  'prodEast',
  'productionEU',
  'prod1',
  'prd-02',
  'Production – web',
  'Production (eu)',
  'us live',
  'production:blue',
]

const notLikeProduction = [
  'preprod',
  'pre-prod',
  'pre_production',
  'preProd',
  'non-prod',
  'nonprod',
  'nonProduction',
  'no-production',
  'not-live',
  'staging-production-copy',
  'production-eu-test',
  'prod-test1',
  'production-like',
  'prod-clone',
  'production-mirror',
  'live-preview',
  'live-demo',
  'uat-prod',
  'prod-qa',
  'production (pr 12)',
  'prod-sandbox',
  'prod-canary',
  'staging',
  'development',
  'github-pages',
  'product-catalog',
  'products',
  'reproduction',
  'delivery',
  'alive',
  'olive',
  'prodigy',
  'liveblog',
  'Preview – web',
  '',
  '--',
]

describe('an environment looks like production', () => {
  test.each(likeProduction)('%s', (name) => expect(looksLikeProduction(name)).toBe(true))
})

describe('an environment does not look like production', () => {
  test.each(notLikeProduction)('%s', (name) => expect(looksLikeProduction(name)).toBe(false))
})

const checkout = { name: 'checkout', environments: ['production'] }
const none = () => false
const at = Date.parse('2026-03-02T10:00:00Z')
const hour = 3_600_000
const rollout = (environment: string, hours = 0) => ({ environment, at: at + hours * hour })

describe('what the environments of a service tell', () => {
  test('deployments to what looks like production are told with their number and the last of them', () => {
    const uses = environmentsUsed([
      rollout('production-eu', 2),
      rollout('production'),
      rollout('production-eu'),
      rollout('staging'),
    ])
    expect(environmentFindings(checkout, uses, none)).toEqual([
      {
        kind: 'environment_not_production',
        service: 'checkout',
        environment: 'production-eu',
        subject: 'checkout',
        detail: '2 deployments, the last 2026-03-02T12:00:00.000Z; `environments` has production',
      },
    ])
  })

  test('a service that is deployed, but never to production', () => {
    const uses = environmentsUsed([rollout('staging'), rollout('qa'), rollout('staging', 1)])
    expect(environmentFindings(checkout, uses, none)).toEqual([
      {
        kind: 'no_production_deployment',
        service: 'checkout',
        subject: 'checkout',
        detail: '3 deployments to qa, staging, none to production; `environments` has production',
      },
    ])
  })

  test('of many environments some are named', () => {
    const uses = environmentsUsed(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => rollout(name)))
    const [finding] = environmentFindings(checkout, uses, none)
    expect(finding?.detail).toMatch(/^7 deployments to a, b, c, d, e and 2 more, none to production;/)
  })

  test('nothing is said of a service that was never deployed, nor of one with production alone', () => {
    expect(environmentFindings(checkout, [], none)).toEqual([])
    expect(environmentFindings(checkout, environmentsUsed([rollout('production')]), none)).toEqual([])
  })

  test('what is production of another service of the repository is not suggested', () => {
    const uses = environmentsUsed([rollout('production'), rollout('production-search')])
    expect(environmentFindings(checkout, uses, (name) => name === 'production-search')).toEqual([])
  })

  test('never an environment that is configured as production, and each that looks like it otherwise', () => {
    const names = fc.constantFrom(...likeProduction, ...notLikeProduction)
    const patterns = fc.constantFrom('production', 'prd', '/prod.*/', '/(?i:prod|production)/', 'staging')
    fc.assert(
      fc.property(fc.array(names), fc.array(patterns, { minLength: 1 }), (environments, configured) => {
        const uses = environmentsUsed(environments.map((name) => rollout(name)))
        const isProduction = environmentMatcher(configured)
        const findings = environmentFindings({ name: 'a', environments: configured }, uses, none)
        const suggested = findings
          .filter(({ kind }) => kind === 'environment_not_production')
          .map(({ environment }) => environment)
        const expected = environments.filter((name) => likeProduction.includes(name) && !isProduction(name))
        expect(suggested).toEqual([...new Set(expected)].sort())
        const isIdle = findings.some(({ kind }) => kind === 'no_production_deployment')
        expect(isIdle).toBe(environments.length > 0 && !environments.some(isProduction))
      }),
    )
  })
})
